/** Owns what is known of the DNS lists of 2026: plain data, to be replaced by a newer file of the same shape. */

export interface KnownList {
  /** `*.` stands for a customer's key, without which the list does not answer. */
  readonly zone: string;
  /** `uncertain`: it is not established that it still answers. */
  readonly state: 'alive' | 'dead' | 'uncertain';
  /** When it ended, as far as known: `2024-06`. */
  readonly since: string | null;
  /** `names` lists bad domains and knows no addresses; `mixed` lists good and bad ones by different answers. */
  readonly kind: 'black' | 'white' | 'names' | 'mixed';
  /** The answers that are safe to act on, for refusing and for permitting; null: it is not for that, or none is known. */
  readonly refuse: string | null;
  readonly permit: string | null;
  /** Answers that mean something else than a listing, besides those that no list means so. */
  readonly never: readonly string[];
  /** What to know before using it. */
  readonly terms: string | null;
}

const PAYS = 'it asks money for an early end of a listing: rather not for refusing';
const REFUSED = ['127.0.0.1'];

export const KNOWN_LISTS: readonly KnownList[] = [
  black('zen.spamhaus.org', '127.0.0.[2..11]'),
  black('*.zen.dq.spamhaus.net', '127.0.0.[2..11]'),
  names('dbl.spamhaus.org', '127.0.1.[2..99]', ['127.0.1.255']),
  names('*.dbl.dq.spamhaus.net', '127.0.1.[2..99]', ['127.0.1.255']),
  white('list.dnswl.org', '127.0.[0..9;11..255].[2..3]', ['127.0.10.[0..255]', '127.0.[0..255].255']),
  black('bl.mailspike.net', '127.0.0.2'),
  black('z.mailspike.net', '127.0.0.2'),
  white('wl.mailspike.net', '127.0.0.[18..20]', []),
  mixed('rep.mailspike.net', '127.0.0.[10..13]', '127.0.0.[18..20]', []),
  black('bl.spamcop.net', '127.0.0.2'),
  black('b.barracudacentral.org', '127.0.0.2', 'it answers only resolvers that are registered there'),
  black('psbl.surriel.com', '127.0.0.2'),
  black('bl.blocklist.de', '127.0.0.2'),
  black('bl.spameatingmonkey.net', '127.0.0.2'),
  mixed('hostkarma.junkemailfilter.com', '127.0.0.2', '127.0.0.1', [
    '127.0.0.[3;5]',
    '127.0.[1..2].[0..255]',
  ]),
  black('*.combined.mail.abusix.zone', '127.0.0.[2..4;11..12;200]'),
  names('multi.uribl.com', '127.0.0.[2..254]', REFUSED),
  names('multi.surbl.org', '127.0.0.[2..254]', REFUSED),
  black('dnsbl-1.uceprotect.net', '127.0.0.2', PAYS),
  black('ips.backscatterer.org', '127.0.0.2', PAYS),
  { ...white('iadb.isipp.com', null, []), state: 'uncertain' },
  { ...black('truncate.gbudb.net', '127.0.0.2'), state: 'uncertain' },
  dead('sorbs.net', '2024-06'),
  dead('ix.dnsbl.manitu.net', '2025-01'),
  dead('cbl.abuseat.org', null, 'zen.spamhaus.org has its entries'),
  dead('njabl.org', '2013'),
  dead('ahbl.org', '2015-01'),
  dead('dsbl.org', '2008-05'),
  dead('ordb.org', '2006'),
  dead('spamcannibal.org', '2018'),
  dead('virbl.dnsbl.bit.nl', '2017-01'),
  dead('sa-trusted.bondedsender.org', null, 'others than registered resolvers are answered 127.255.255.255'),
  dead('sa-accredit.habeas.com', null, 'others than registered resolvers are answered 127.255.255.255'),
];

/** `zone` in lower case, its key included; of a dead list the zones below it too. Null: not one that we know. */
export function knownList(zone: string): KnownList | null {
  return KNOWN_LISTS.find((list) => isZoneOf(list, zone)) ?? null;
}

function isZoneOf({ zone: known, state }: KnownList, zone: string): boolean {
  if (known.startsWith('*')) return zone.endsWith(known.slice(1));
  return zone === known || (state === 'dead' && zone.endsWith(`.${known}`));
}

function black(zone: string, refuse: string, terms: string | null = null): KnownList {
  return { zone, state: 'alive', since: null, kind: 'black', refuse, permit: null, never: REFUSED, terms };
}

function names(zone: string, refuse: string, never: readonly string[]): KnownList {
  return { zone, state: 'alive', since: null, kind: 'names', refuse, permit: null, never, terms: null };
}

function white(zone: string, permit: string | null, never: readonly string[]): KnownList {
  return { zone, state: 'alive', since: null, kind: 'white', refuse: null, permit, never, terms: null };
}

function mixed(zone: string, refuse: string, permit: string, never: readonly string[]): KnownList {
  return { zone, state: 'alive', since: null, kind: 'mixed', refuse, permit, never, terms: null };
}

function dead(zone: string, since: string | null, terms: string | null = null): KnownList {
  return { zone, state: 'dead', since, kind: 'black', refuse: null, permit: null, never: [], terms };
}
