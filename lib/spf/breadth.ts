/** Owns what the terms of records say by themselves of how many clients they pass: nobody has to be asked for it. */

import type { Address } from '../mail/network.ts';

/** Nobody sends from more: the largest networks that belong to one owner. */
export const WIDEST_PREFIX = { ip4: 8, ip6: 16 } as const;

/** In all. Of IPv4 it is a thirty-second; the largest providers have a thousandth. */
const MOST_OF_THE_WIDEST = 8;

const NETWORK = { ipv4: /^\+?ip4:[^/]*(?:\/(\d+))?$/i, ipv6: /^\+?ip6:[^/]*(?:\/(\d+))?$/i } as const;
/** Around each address that was heard. */
const AROUND = /^\+?(?:a|mx)(?::[^/]*)?(?:\/(\d+))?(?:\/\/(\d+))?$/i;
const BITS = { ipv4: 32, ipv6: 128 } as const;
/** What `%{i}` is made of. */
const PARTS = { ipv4: 4, ipv6: 32 } as const;

/** `ptr:com`: whoever has a name. */
const PTR_OF_A_SUFFIX = /^\+?ptr:[^.%/]+\.?$/i;
const LOOKS_UP = /^(?:[-+?~]?(?:include|a|mx|exists|ptr):|redirect=)/i;
const OF_THE_CLIENT = /%\{([ip])(\d*)/gi;

/**
 * Whether records that were read, with so many addresses, pass more than anybody owns, however they lead to each other, or
 * hide whom they pass: `exists:%{i1}.…`, `%{p}`: a name of which only a part is the client's can't be told from one that
 * passes everybody.
 */
export function isBroad(records: Iterable<string>, heard: number, family: Address['family']): boolean {
  const widest = family === 'ipv4' ? WIDEST_PREFIX.ip4 : WIDEST_PREFIX.ip6;
  let networks = 0;
  for (const record of records)
    for (const term of record.split(' ')) {
      if (PTR_OF_A_SUFFIX.test(term) || (LOOKS_UP.test(term) && hidesClients(term, family))) return true;
      const network = NETWORK[family].exec(term);
      if (network !== null) networks += 2 ** (widest - Number(network[1] ?? BITS[family]));
      const around = AROUND.exec(term);
      if (around !== null)
        networks += heard * 2 ** (widest - Number(around[family === 'ipv4' ? 1 : 2] ?? BITS[family]));
    }
  return networks > MOST_OF_THE_WIDEST;
}

function hidesClients(term: string, family: Address['family']): boolean {
  for (const [, letter, digits = ''] of term.matchAll(OF_THE_CLIENT))
    if (letter!.toLowerCase() === 'p' || (digits !== '' && Number(digits) < PARTS[family])) return true;
  return false;
}
