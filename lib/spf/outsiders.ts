/** Owns the proof that an address passes none of the records that an evaluation has read, by looking at their terms. */

import { addressBytes, parseAddress, type Address } from '../mail/network.ts';
import { spellings } from './asked-once.ts';
import type { Grounds } from './grounds.ts';
import type { Identity } from './identity.ts';

const TERM =
  /^([-+?~]?)(all|a|mx|ptr|ip4|ip6|include|exists)(?=[:/]|$)(?::(.*?))?(?:\/(\d+))?(?:\/\/(\d+))?$/i;

/**
 * True: evaluated again for `ip`, with the answers of `grounds` and no others but those to names that hold the address, as
 * AskedOnce has it, the domain passes it not, and the DNS is not asked. Who passes, passes by a term that matches: where no
 * `+` term of any record matches, it does not matter how one leads to the other. False: that is not told so easily.
 */
export function isOutside(ip: Address, grounds: Grounds, identity: Identity): boolean {
  // What the DNS did not tell for one may be wanted for the other.
  if (grounds.failed) return false;
  const spelled = spellings(ip);
  const bytes = addressBytes(ip);
  const asksAbout = (name: string): boolean => spelled.some((each) => name.includes(each));
  if (grounds.exchanges.some(asksAbout)) return false;
  for (const [domain, texts] of grounds.texts)
    for (const text of texts) {
      if (!/^v=spf1(?: |$)/i.test(text)) continue;
      for (const term of text.split(' ').slice(1)) {
        const [, qualifier, written, value, prefix4, prefix6] = TERM.exec(term) ?? [];
        const mechanism = written?.toLowerCase();
        const passes = qualifier === '' || qualifier === '+';
        if (mechanism === 'all') {
          if (passes) return false;
          break;
        }
        if (mechanism === 'exists') return false;
        if (mechanism === 'a' || mechanism === 'mx') {
          const name = expanded(value ?? domain, domain, identity);
          if (name === null || asksAbout(name)) return false;
          const prefix = ip.family === 'ipv4' ? prefix4 : prefix6;
          if (passes && grounds.addresses.some((each) => isNear(bytes, each, prefix))) return false;
        }
        const isNetwork = mechanism === (ip.family === 'ipv4' ? 'ip4' : 'ip6');
        if (isNetwork && passes && isNear(bytes, value ?? '', prefix4)) return false;
      }
    }
  return true;
}

/** Whatever is no address of the same family is near to be sure. */
function isNear(bytes: Uint8Array, written: string, prefix: string | undefined): boolean {
  const address = parseAddress(written);
  const network = address === null ? null : addressBytes(address);
  if (network?.length !== bytes.length) return true;
  const bits = prefix === undefined ? bytes.length * 8 : Number(prefix);
  return bytes.every((byte, i) => {
    const kept = Math.min(8, Math.max(0, bits - 8 * i));
    return (byte ^ network[i]!) >> (8 - kept) === 0;
  });
}

/** In lower case; null: not by what is the same for every client, or not simply. */
function expanded(spec: string, domain: string, { helo, sender, domain: own }: Identity): string | null {
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
