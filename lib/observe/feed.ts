/** Owns Feed: what was decided lately, counted by the minute and by rule, and the last decisions themselves. */

import { formatClient } from '../mail/session.ts';
import type { EarlyEvent, Event, RecipientEvent, Sink } from './event.ts';
import { verdictWord } from './decision-line.ts';

/** What became of a recipient; `greylist`: a tempfail that a new try after a while outlasts. */
export const FATES = [
  'accept',
  'greylist',
  'reject',
  'tempfail',
  'discard',
  'quarantine',
  'postponed',
] as const;

export type Fate = (typeof FATES)[number];

/** What is not there did not happen. */
export type Fates = Readonly<Partial<Record<Fate, number>>>;

export interface MinuteFates {
  /** Ms since the epoch. */
  readonly startMs: number;
  readonly fates: Fates;
}

export interface RuleFates {
  /** Its word; empty: none decided. */
  readonly rule: string;
  readonly fates: Fates;
}

/** Values from the network are as they came, but cut. */
export interface Decided {
  readonly atMs: number;
  readonly fate: Fate;
  readonly rule: string | null;
  readonly reason: string;
  readonly client: string;
  /** Null: refused before it was given. */
  readonly sender: string | null;
  readonly recipient: string | null;
  /** It was let through all the same. */
  readonly observed: boolean;
}

export interface FeedView {
  /** Since when there is anything to tell. */
  readonly sinceMs: number;
  /** Of the last hour, the earliest first; minutes in which nothing happened are left out. */
  readonly minutes: readonly MinuteFates[];
  /** Of the same time, those that decided most first. */
  readonly rules: readonly RuleFates[];
  /** The latest first. */
  readonly decisions: readonly Decided[];
}

const MINUTE_MS = 60_000;
const MINUTES = 60;
const MOST_DECISIONS = 50;
/** A policy has fewer; what tables say as a rule's name must not fill the memory. */
const MOST_RULES = 100;
const OTHERS = 'others';
const LONGEST_TEXT = 200;

interface Minute {
  readonly startMs: number;
  readonly rules: Map<string, Partial<Record<Fate, number>>>;
}

type Deciding = RecipientEvent | EarlyEvent;

export class Feed {
  readonly #now: () => number;
  readonly #sinceMs: number;
  readonly #minutes: Minute[] = [];
  readonly #decisions: { readonly atMs: number; readonly event: Deciding }[] = [];

  /** `now`: ms since the epoch. */
  constructor(now: () => number) {
    this.#now = now;
    this.#sinceMs = now();
  }

  /** A few microseconds; text is made of it only when somebody looks. */
  readonly take: Sink = (event: Event): void => {
    if (event.kind !== 'early' && event.kind !== 'recipient') return;
    const atMs = this.#now();
    const { rules } = this.#minute(Math.floor(atMs / MINUTE_MS) * MINUTE_MS);
    const name = inForce(event).decision.rule ?? '';
    const rule = rules.has(name) || rules.size < MOST_RULES ? name : OTHERS;
    let fates = rules.get(rule);
    if (fates === undefined) rules.set(rule, (fates = {}));
    const fate = fateOf(event);
    fates[fate] = (fates[fate] ?? 0) + 1;
    this.#decisions.push({ atMs, event });
    if (this.#decisions.length > MOST_DECISIONS) this.#decisions.shift();
  };

  view(): FeedView {
    const nowMs = this.#now();
    // A clock that was set back leaves minutes behind that are still to come.
    const minutes = this.#minutes.filter(
      ({ startMs }) => startMs <= nowMs && startMs > nowMs - MINUTES * MINUTE_MS,
    );
    return {
      sinceMs: this.#sinceMs,
      minutes: minutes.map(({ startMs, rules }) => ({ startMs, fates: sumOf(rules.values()) })),
      rules: rulesOf(minutes),
      decisions: this.#decisions.map(decidedOf).toReversed(),
    };
  }

  #minute(startMs: number): Minute {
    const last = this.#minutes.at(-1);
    if (last?.startMs === startMs) return last;
    const minute = { startMs, rules: new Map() };
    this.#minutes.push(minute);
    if (this.#minutes.length > MINUTES) this.#minutes.shift();
    return minute;
  }
}

/** What would have become of it, had another host sent it, is no fate. */
function inForce(event: Deciding): Pick<Deciding, 'client' | 'decision'> {
  return event.kind === 'recipient' ? (event.relay ?? event) : event;
}

function fateOf(event: Deciding): Fate {
  if (event.kind === 'recipient' && event.held === true) return 'quarantine';
  const word = verdictWord(inForce(event).decision);
  if (word === 'tempfail' && event.kind === 'recipient' && event.waitSeconds !== null) return 'greylist';
  return word;
}

function sumOf(all: Iterable<Fates>): Fates {
  const sum: Partial<Record<Fate, number>> = {};
  for (const fates of all)
    for (const fate of FATES) {
      const times = fates[fate];
      if (times !== undefined) sum[fate] = (sum[fate] ?? 0) + times;
    }
  return sum;
}

function rulesOf(minutes: readonly Minute[]): RuleFates[] {
  const rules = new Map<string, Fates[]>();
  for (const minute of minutes)
    for (const [rule, fates] of minute.rules) rules.set(rule, [...(rules.get(rule) ?? []), fates]);
  return [...rules]
    .map(([rule, all]) => ({ rule, fates: sumOf(all) }))
    .toSorted((a, b) => timesOf(b.fates) - timesOf(a.fates))
    .slice(0, MOST_RULES);
}

export function timesOf(fates: Fates): number {
  return FATES.reduce((sum, fate) => sum + (fates[fate] ?? 0), 0);
}

function decidedOf({ atMs, event }: { readonly atMs: number; readonly event: Deciding }): Decided {
  const { decision, client } = inForce(event);
  return {
    atMs,
    fate: fateOf(event),
    rule: decision.rule === null ? null : cut(decision.rule),
    reason: cut(decision.reason),
    client: cut(client.submitted ? 'local' : formatClient(client)),
    sender: event.sender === null ? null : cut(event.sender),
    recipient: event.kind === 'recipient' ? cut(event.recipient) : null,
    observed: event.observed && decision === event.decision,
  };
}

function cut(text: string): string {
  return text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}...` : text;
}
