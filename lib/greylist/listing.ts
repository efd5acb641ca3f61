/** Owns what an administrator sees of a store: rows, filters and counts. */

import { withoutNat64 } from './address-origin.ts';
import { networkOf, parseAddress, parseNetwork, type Address, type Network } from '../mail/network.ts';
import { withoutRootDot } from '../mail/domain.ts';
import { parseMailbox, type Mailbox } from '../mail/mailbox.ts';
import { parseClient } from '../mail/session.ts';
import type { Entry } from './judge.ts';
import { normaliseRecipient, normaliseSender } from './normalise.ts';
import type { Origin, Subject } from './triplet.ts';

export type TripletState = 'waiting' | 'passed' | 'expired';

export interface ListedTriplet extends Entry {
  readonly origins: readonly Origin[];
  readonly sender: string;
  readonly recipient: string;
  readonly state: TripletState;
}

/**
 * What is not given restricts nothing. A text matches anywhere, or, if it holds `*` or `?`, as a pattern of the
 * whole; in any letter case. A whole address matches as it is normalised, too.
 */
export interface ListFilter {
  /**
   * Of any origin; an IP address finds the networks that it lies in, a network those in it and around it, the name of a host
   * its organisation too, and a client as the log shows it, `mx.example.net[192.0.2.10]`, both.
   */
  readonly origin?: string;
  readonly sender?: string;
  readonly recipient?: string;
  /** Of the sender or of the recipient. */
  readonly address?: string;
  readonly state?: TripletState;
  /** Only what was tried at or after this moment. */
  readonly sinceMs?: number;
}

export interface Stats {
  readonly triplets: number;
  readonly waiting: number;
  readonly passed: number;
  readonly expired: number;
  /** First seen, in ms since the epoch; null: there is none. */
  readonly oldestMs: number | null;
  readonly newestMs: number | null;
  /** On disk, write-ahead log included; null: not on disk. */
  readonly bytes: number | null;
}

export function stateOf(entry: Entry, nowMs: number): TripletState {
  if (entry.expiresMs < nowMs) return 'expired';
  return entry.passed ? 'passed' : 'waiting';
}

interface Addresses {
  readonly sender: string;
  readonly recipient: string;
}

/** The filter as a predicate, its patterns read once. */
export function compileFilter(filter: ListFilter): (row: ListedTriplet) => boolean {
  const tests: ((row: ListedTriplet) => boolean)[] = [];
  const { state, sinceMs } = filter;
  if (state !== undefined) tests.push((row) => row.state === state);
  if (sinceMs !== undefined) tests.push((row) => row.lastMs >= sinceMs);
  tests.push(...addressTests(filter));
  if (filter.origin !== undefined) {
    const matches = originMatcher(filter.origin);
    tests.push((row) => row.origins.some((origin) => matches(origin)));
  }
  return (row) => tests.every((test) => test(row));
}

/** Of who may answer whom, of which nothing but the addresses is known: a filter that asks for anything else fits none. */
export function compileAnswerFilter(filter: ListFilter): (answer: Addresses) => boolean {
  const { origin, state, sinceMs } = filter;
  if (origin !== undefined || state !== undefined || sinceMs !== undefined) return () => false;
  const tests = addressTests(filter);
  return (answer) => tests.every((test) => test(answer));
}

function addressTests({ sender, recipient, address }: ListFilter): ((row: Addresses) => boolean)[] {
  const tests: ((row: Addresses) => boolean)[] = [];
  if (sender !== undefined) {
    const matches = addressMatcher(sender, normaliseSender);
    tests.push((row) => matches(row.sender));
  }
  if (recipient !== undefined) {
    const matches = addressMatcher(recipient, rememberedRecipient);
    tests.push((row) => matches(row.recipient));
  }
  if (address !== undefined) {
    const sends = addressMatcher(address, normaliseSender);
    const receives = addressMatcher(address, rememberedRecipient);
    tests.push((row) => sends(row.sender) || receives(row.recipient));
  }
  return tests;
}

function rememberedRecipient(mailbox: Mailbox | null): string {
  return mailbox === null ? '' : normaliseRecipient(mailbox);
}

/** An address may be given as the log shows it, with the tags that its triplet is remembered without. */
function addressMatcher(
  wanted: string,
  normalise: (mailbox: Mailbox | null) => string,
): (text: string) => boolean {
  const matches = textMatcher(wanted);
  if (/[*?]/.test(wanted) || !/[^<]@[^>]/.test(wanted)) return matches;
  const remembered = normalise(parseMailbox(wanted));
  return (text) => matches(text) || text.includes(remembered);
}

function textMatcher(wanted: string): (text: string) => boolean {
  const lower = wanted.toLowerCase();
  if (!/[*?]/.test(lower)) return (text) => text.includes(lower);
  return (text) => matchesPattern(lower, text);
}

/** Goes back only to the last `*`, so no pattern makes it slow. */
function matchesPattern(pattern: string, text: string): boolean {
  let [p, t, star, mark] = [0, 0, -1, 0];
  while (t < text.length) {
    if (pattern[p] === '*') {
      star = p++;
      mark = t;
    } else if (p < pattern.length && (pattern[p] === '?' || pattern[p] === text[t])) {
      p++;
      t++;
    } else if (star >= 0) {
      p = star + 1;
      t = ++mark;
    } else return false;
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
}

function originMatcher(wanted: string): (origin: Origin) => boolean {
  const client = parseClient(wanted);
  if (client !== null) {
    const isOfName = nameMatcher(client.name ?? '');
    const isAround = addressOriginMatcher(withoutNat64(client.address));
    return (origin) => isAround(origin) || isOfName(origin);
  }
  const address = parseAddress(wanted);
  if (address !== null) return addressOriginMatcher(withoutNat64(address));
  const network = parseNetwork(wanted);
  if (network !== null) return ({ kind, value }) => kind === 'network' && overlap(network, value);
  const matches = textMatcher(wanted);
  const isOfName = nameMatcher(wanted);
  return (origin) => matches(origin.value.toLowerCase()) || isOfName(origin);
}

/** An organisation by the name of one of its hosts. */
export function nameMatcher(written: string): (origin: Subject) => boolean {
  const name = withoutRootDot(written.toLowerCase());
  return ({ kind, value }) => kind === 'ptr' && (name === value || name.endsWith(`.${value}`));
}

function addressOriginMatcher(address: Address): (origin: Origin) => boolean {
  const networks = new Map<string, string>();
  return ({ kind, value }) => kind === 'network' && value === networkWithin(address, value, networks);
}

/** The network of the address with the prefix that `value` ends in; computed once per prefix. */
function networkWithin(address: Address, value: string, networks: Map<string, string>): string {
  const prefix = value.slice(value.lastIndexOf('/') + 1);
  let network = networks.get(prefix);
  if (network === undefined) networks.set(prefix, (network = networkOf(address, Number(prefix))));
  return network;
}

/** Whether one of the two lies in the other: `198.51.100.0/24` in `198.51.0.0/16`. */
export function overlap(one: Network, written: string): boolean {
  const other = parseNetwork(written);
  if (other === null || other.address.family !== one.address.family) return false;
  const prefix = Math.min(one.prefix, other.prefix);
  return networkOf(one.address, prefix) === networkOf(other.address, prefix);
}

/** The counts of a walk over entries. */
export function countStates(entries: Iterable<Entry>, nowMs: number): Omit<Stats, 'bytes'> {
  const counts = { waiting: 0, passed: 0, expired: 0 };
  let [oldestMs, newestMs] = [Infinity, -Infinity];
  for (const entry of entries) {
    counts[stateOf(entry, nowMs)]++;
    oldestMs = Math.min(oldestMs, entry.firstMs);
    newestMs = Math.max(newestMs, entry.firstMs);
  }
  const triplets = counts.waiting + counts.passed + counts.expired;
  return triplets === 0
    ? { triplets, ...counts, oldestMs: null, newestMs: null }
    : { triplets, ...counts, oldestMs, newestMs };
}
