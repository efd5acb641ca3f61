/** Owns one probe of a DNS list: its questions, how long they may take, and how old the proof is that comes of them. */

import type { Answer, Resolver } from '../dns/resolver.ts';
import { withoutKeys } from '../mail/secret-zone.ts';
import type { AnnouncedList } from './announced-list.ts';
import { momentOf, type Clock, type Moment } from './clock.ts';
import { entryQuestion } from './list-query.ts';
import { canaryEntry, GOOD, judgeListed, judgeUnlisted, worst, type Evidence } from './list-tests.ts';

/** Below the 8 s in which a decision must come, with room for the lookup that follows. */
export const PROBE_MS = 6000;

/** From which age on a proof is to be renewed, and a negative answer from a cache is no proof any more. */
export const RENEW_AFTER_MS = 30_000;

/**
 * Seconds: the TTL that the negative answer has, where the canary is forbidden the longest that it ever had; null: none
 * yet. `cached`: it was another once, or not that of the canary, so that there is a cache between. How old its answers are nobody can tell from then on: unbound gives those of one zone the TTL of
 * the zone's SOA record as it has that now, which is renewed by other answers.
 */
export type LongestTtl = number | 'cached' | null;

export interface ProbeResult {
  readonly evidence: Evidence;
  /** Since when it is proven that the list does not list the world; null: this probe does not prove it. */
  readonly provenAt: Moment | null;
  readonly longestTtl: LongestTtl;
}

export interface Probing {
  readonly resolver: Pick<Resolver, 'a'>;
  readonly clock: Clock;
}

/**
 * `whole`: the entry that is always listed is asked too. `mad`: it has listed the world, and only what no cache can know
 * shows that it does no more. Always fulfils, PROBE_MS at most after the beginning.
 */
export async function probe(
  list: AnnouncedList,
  { whole, mad }: { readonly whole: boolean; readonly mad: boolean },
  longestTtl: LongestTtl,
  { resolver, clock }: Probing,
  ended: AbortSignal,
): Promise<ProbeResult> {
  const limit = new AbortController();
  const callOff = clock.after(PROBE_MS, () => limit.abort());
  const signal = AbortSignal.any([limit.signal, ended]);
  const ask = (entry: string): Promise<Answer<string>> => asked(list, entry, resolver, signal);
  try {
    const { listed } = list.tests;
    const positive =
      whole && listed !== null ? ask(listed).then((answer) => judgeListed(list, answer)) : GOOD;
    const [seen, negative] = await Promise.all([positive, unlisted(list, longestTtl, mad, clock, ask)]);
    return { ...negative, evidence: worst(seen, negative.evidence) };
  } finally {
    callOff();
  }
}

async function unlisted(
  list: AnnouncedList,
  longestTtl: LongestTtl,
  mad: boolean,
  clock: Clock,
  ask: (entry: string) => Promise<Answer<string>>,
): Promise<ProbeResult> {
  const entry = list.tests.unlisted;
  if (entry === null) return { ...(await canary(list, clock, ask)), longestTtl };
  const since = momentOf(clock);
  // Of the first answer of all, too, nobody can tell how old it is.
  const needsNew = list.tests.canary && (mad || typeof longestTtl !== 'number');
  const [answer, early] = await Promise.all([ask(entry), needsNew ? canary(list, clock, ask) : null]);
  const evidence = worst(judgeUnlisted(list, entry, answer), early?.evidence ?? GOOD);
  if (evidence.shows !== 'good' || !('ttl' in answer)) return { evidence, provenAt: null, longestTtl };
  if (!list.tests.canary) {
    const longest = Math.max(typeof longestTtl === 'number' ? longestTtl : 0, answer.ttl);
    return { evidence, provenAt: earlier(since, (longest - answer.ttl) * 1000), longestTtl: longest };
  }
  // The canary has the TTL that the list gives now. Without a TTL nobody can tell whether there is a cache.
  const usual = early?.ttl ?? longestTtl;
  const isCached = longestTtl === 'cached' || answer.ttl === 0 || answer.ttl !== usual;
  if (!isCached) return { evidence, provenAt: early?.provenAt ?? since, longestTtl: answer.ttl };
  return { ...(early ?? (await canary(list, clock, ask))), longestTtl: 'cached' };
}

interface NewAnswer extends Pick<ProbeResult, 'evidence' | 'provenAt'> {
  /** Seconds; null: it was no answer. */
  readonly ttl: number | null;
}

/** What no cache can know, so that its answer is as new as its question. */
async function canary(
  list: AnnouncedList,
  clock: Clock,
  ask: (entry: string) => Promise<Answer<string>>,
): Promise<NewAnswer> {
  const since = momentOf(clock);
  const entry = canaryEntry(list);
  const answer = await ask(entry);
  const evidence = judgeUnlisted(list, entry, answer);
  return 'ttl' in answer
    ? { evidence, provenAt: evidence.shows === 'good' ? since : null, ttl: answer.ttl }
    : { evidence, provenAt: null, ttl: null };
}

function earlier({ now, elapsed }: Moment, ms: number): Moment {
  return { now: now - ms, elapsed: elapsed - ms };
}

/** Fulfils when `signal` aborts, whatever the resolver does. */
async function asked(
  { zone, alias }: AnnouncedList,
  entry: string,
  resolver: Pick<Resolver, 'a'>,
  signal: AbortSignal,
): Promise<Answer<string>> {
  const question = entryQuestion(entry, zone);
  if (question === null) return { status: 'temperror', why: 'the name would be too long for the DNS' };
  if (signal.aborted) return OVERDUE;
  const { promise: overdue, resolve } = Promise.withResolvers<Answer<string>>();
  const abort = (): void => resolve(OVERDUE);
  signal.addEventListener('abort', abort);
  try {
    const answer = await Promise.race([resolver.a(question, signal), overdue]);
    if (answer.status !== 'temperror') return answer;
    return { status: 'temperror', why: withoutKeys(answer.why.replaceAll(zone, alias)) };
  } catch {
    return { status: 'temperror', why: 'the resolver failed' };
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

const OVERDUE: Answer<never> = { status: 'temperror', why: `no answer within ${PROBE_MS} ms` };
