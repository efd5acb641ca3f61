/** Owns what is known of DNS lists whose old lines do harm: the dead, the doubtful, those whose errors look like listings. */

import { domainMatches } from './dns-zone.ts';

export interface DeadList {
  readonly zone: string;
  readonly why: string;
}

const DEAD: readonly DeadList[] = [
  { zone: 'sorbs.net', why: 'SORBS was shut down in June 2024' },
  { zone: 'ix.dnsbl.manitu.net', why: 'NiX Spam was shut down in January 2025' },
  { zone: 'cbl.abuseat.org', why: 'the CBL is a part of zen.spamhaus.org now' },
  { zone: 'njabl.org', why: 'NJABL was shut down in 2013' },
  { zone: 'ahbl.org', why: 'the AHBL was shut down in 2015, and listed the whole world to say so' },
  { zone: 'dsbl.org', why: 'DSBL was shut down in 2008' },
  { zone: 'ordb.org', why: 'ORDB was shut down in 2006, and listed the whole world later' },
  { zone: 'spamcannibal.org', why: 'SpamCannibal is gone since 2018, and listed the whole world then' },
  { zone: 'virbl.dnsbl.bit.nl', why: 'VIRBL was shut down' },
  {
    zone: 'bondedsender.org',
    why: 'it answers registered users only, and may answer everybody else "trusted"',
  },
  { zone: 'habeas.com', why: 'it answers registered users only, and may answer everybody else "trusted"' },
];

export interface Safer {
  readonly zones: readonly string[];
  /** What a listing looks like. */
  readonly pattern: string;
  readonly why: string;
}

const NEEDS_PATTERN: readonly Safer[] = [
  {
    zones: ['zen', 'sbl-xbl', 'sbl', 'xbl', 'pbl'].flatMap((name) => [
      `${name}.spamhaus.org`,
      `${name}.dq.spamhaus.net`,
    ]),
    pattern: '127.0.0.[2..11]',
    why: 'without a pattern its error codes (127.255.255.x, to resolvers that it refuses) count as listings of everybody',
  },
  {
    zones: ['dbl.spamhaus.org', 'dbl.dq.spamhaus.net'],
    pattern: '127.0.1.[2..99]',
    why: 'without a pattern its errors (127.255.255.x, 127.0.1.255) and abused but honest domains (127.0.1.102 to .106) are refused',
  },
  {
    zones: ['multi.uribl.com', 'multi.surbl.org'],
    pattern: '127.0.0.[2..254]',
    why: 'without a pattern 127.0.0.1, "query refused", counts as a listing of everybody',
  },
  {
    zones: ['hostkarma.junkemailfilter.com'],
    pattern: '127.0.0.2',
    why: 'without a pattern its good senders (127.0.0.1) and what it tells for information (.3, .5) are refused too',
  },
  {
    zones: [
      'bl.spamcop.net',
      'b.barracudacentral.org',
      'psbl.surriel.com',
      'bl.mailspike.net',
      'z.mailspike.net',
      'bl.blocklist.de',
      'bl.spameatingmonkey.net',
      'truncate.gbudb.net',
      'uceprotect.net',
      'ips.backscatterer.org',
    ],
    pattern: '127.0.0.2',
    why: 'without a pattern whatever it answers, errors too, counts as a listing',
  },
  {
    zones: ['rep.mailspike.net'],
    pattern: '127.0.0.[10..13]',
    why: 'without a pattern its good senders (127.0.0.17 to .20) are refused too',
  },
];

/** Whitelists, asked without a pattern. */
const PERMIT_PATTERNS: readonly Safer[] = [
  {
    zones: ['list.dnswl.org'],
    pattern: '127.0.[0..9;11..254].[0..3]',
    why: 'without a pattern its answers to resolvers that it refuses (127.0.10.x, 127.0.0.255) would let everybody in',
  },
  {
    zones: ['hostkarma.junkemailfilter.com'],
    pattern: '127.0.0.1',
    why: 'without a pattern its blacklisted senders (127.0.0.2) would be let in',
  },
  {
    zones: ['rep.mailspike.net'],
    pattern: '127.0.0.[17..20]',
    why: 'without a pattern senders of bad reputation (127.0.0.10 to .13) would be let in',
  },
];

const DOUBTFUL: readonly DeadList[] = [
  {
    zone: 'iadb.isipp.com',
    why: 'whether it still works is not established: it is off until it has passed its test',
  },
  {
    zone: 'truncate.gbudb.net',
    why: 'whether it still works is not established: it is off until it has passed its test',
  },
  { zone: 'uceprotect.net', why: 'it asks for money to be removed: better a score than a refusal' },
  { zone: 'ips.backscatterer.org', why: 'it asks for money to be removed: better a score than a refusal' },
  {
    zone: 'b.barracudacentral.org',
    why: 'it answers registered resolvers only: register yours, or it is off',
  },
];

/** Null: not known to be dead. */
export function deadList(zone: string): DeadList | null {
  return DEAD.find((each) => domainMatches(zone, each.zone)) ?? null;
}

export function doubtfulList(zone: string): DeadList | null {
  return DOUBTFUL.find((each) => domainMatches(zone, each.zone)) ?? null;
}

/** The pattern for a zone that was written without one; null: none is needed. */
export function neededPattern(zone: string, permits: boolean): Safer | null {
  return (
    (permits ? PERMIT_PATTERNS : NEEDS_PATTERN).find(({ zones }) =>
      zones.some((each) => domainMatches(zone, each)),
    ) ?? null
  );
}
