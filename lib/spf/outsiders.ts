/** Owns the proof that an address passes none of the records that an evaluation has read, by looking at their terms. */

import { addressBytes, parseAddress, type Address } from '../mail/network.ts';
import { spellings } from './asked-once.ts';
import { RECORD, type Grounds } from './grounds.ts';
import type { Identity } from './identity.ts';

/** An address that is nobody's, as it is looked for. */
export interface Outsider {
  readonly address: Address;
  readonly bytes: Uint8Array;
  /** As names hold it. */
  readonly spelled: readonly string[];
}

export function outsider(text: string): Outsider {
  const address = parseAddress(text)!;
  return { address, bytes: addressBytes(address), spelled: spellings(address) };
}

/** What a record says of networks and hosts. */
interface Term {
  readonly passes: boolean;
  /** The network: an address, or what was heard. Null: of hosts. */
  readonly network: Uint8Array | null;
  /** Bits; null: all. */
  readonly prefix: number | null;
  /** Whose addresses are asked for, in lower case; null: nobody's. */
  readonly host: string | null;
}

const REDIRECT = /^redirect=(.*)$/i;
const TERM =
  /^([-+?~]?)(all|a|mx|ptr|ip4|ip6|include|exists)(?=[:/]|$)(?::(.*?))?(?:\/(\d+))?(?:\/\/(\d+))?$/i;

/**
 * Those of whom it is known that the domain does not pass them: evaluated again for one, with the answers of `grounds` and no
 * others but those to names that hold his address, as AskedOnce has it, he is not passed, and the DNS is not asked. Who
 * passes, passes by a term that matches: where no `+` term of any record matches, it does not matter how one leads to the
 * other. Of all others that is not told so easily. All are of the client's family.
 */
export function outside(
  outsiders: readonly Outsider[],
  grounds: Grounds,
  identity: Identity,
): readonly Outsider[] {
  const [first] = outsiders;
  // What the DNS did not tell for one may be wanted for the other.
  if (first === undefined || grounds.failed) return [];
  const terms: Term[] = [];
  for (const [domain, texts] of grounds.texts)
    for (const text of texts)
      if (RECORD.test(text) && !read(text, domain, { terms, identity, family: first.address.family }))
        return [];
  const heard = terms.some(({ host }) => host !== null) ? grounds.addresses.map(bytesOf) : [];
  return outsiders.filter(
    ({ bytes, spelled }) =>
      !grounds.exchanges.some((name) => holds(name, spelled)) &&
      !terms.some(({ passes, network, prefix, host }) => {
        if (host === null) return isNear(bytes, network, prefix);
        return holds(host, spelled) || (passes && heard.some((each) => isNear(bytes, each, prefix)));
      }),
  );
}

interface Reading {
  readonly terms: Term[];
  readonly identity: Identity;
  readonly family: Address['family'];
}

/** False: it may pass anybody. */
function read(text: string, domain: string, { terms, identity, family }: Reading): boolean {
  const isIPv4 = family === 'ipv4';
  for (const written of text.split(' ')) {
    const [, qualifier, name, value, prefix4, prefix6] = TERM.exec(written) ?? [];
    const record = name?.toLowerCase() === 'include' ? (value ?? '') : REDIRECT.exec(written)?.[1];
    if (record !== undefined) {
      const host = expanded(record, domain, identity);
      if (host === null) return false;
      // Where it was read, it is among the others; it would be asked for if it were named after him.
      terms.push({ passes: false, network: null, prefix: null, host });
    }
    const passes = qualifier === '' || qualifier === '+';
    switch ((name ?? '').toLowerCase()) {
      case 'all':
        return !passes;
      case 'exists':
        return false;
      case 'a':
      case 'mx': {
        const host = expanded(value ?? domain, domain, identity);
        if (host === null) return false;
        terms.push({ passes, network: null, prefix: bits(isIPv4 ? prefix4 : prefix6), host });
        break;
      }
      case isIPv4 ? 'ip4' : 'ip6':
        if (passes) terms.push({ passes, network: bytesOf(value ?? ''), prefix: bits(prefix4), host: null });
    }
  }
  return true;
}

function bits(prefix: string | undefined): number | null {
  return prefix === undefined ? null : Number(prefix);
}

function bytesOf(text: string): Uint8Array | null {
  const address = parseAddress(text);
  return address === null ? null : addressBytes(address);
}

function holds(name: string, spelled: readonly string[]): boolean {
  return spelled.some((each) => name.includes(each));
}

/** Whatever is no address of the same family is near, to be sure. */
function isNear(bytes: Uint8Array, network: Uint8Array | null, prefix: number | null): boolean {
  if (network?.length !== bytes.length) return true;
  const last = prefix ?? bytes.length * 8;
  for (let i = 0; i < bytes.length && i * 8 < last; i++) {
    const ignored = Math.max(0, 8 - (last - i * 8));
    if ((bytes[i]! ^ network[i]!) >> ignored !== 0) return false;
  }
  return true;
}

/** In lower case; null: not by what is the same for every client, or not simply. */
function expanded(spec: string, domain: string, { helo, sender, domain: own }: Identity): string | null {
  if (!spec.includes('%')) return spec.toLowerCase();
  const values: Readonly<Record<string, string>> = {
    d: domain,
    o: own,
    // Else it is the client's address.
    h: helo === '' ? '%' : helo,
    s: sender,
    l: sender.slice(0, sender.lastIndexOf('@')),
  };
  const name = spec.replace(/%\{([dohsl])\}/g, (_, letter: string) => values[letter]!);
  return /%|[^ -~]/.test(name) ? null : name.toLowerCase();
}
