/** Owns what the service answers to those who ask about its greylist on the control socket. */

import type { Config } from '../config/config.ts';
import { isMoment } from '../control/field.ts';
import type { GreylistFigures } from '../control/greylist-figures.ts';
import { readOrder, type Carried } from '../control/greylist-order.ts';
import { readRowsWanted, type GreylistRows } from '../control/greylist-rows.ts';
import { NoAnswer, type Answers } from '../control/questions.ts';
import { dayOf, type DayCounts } from '../greylist/counts.ts';
import { figuresOf } from '../greylist/figures.ts';
import { compileAnswerFilter, type ListFilter } from '../greylist/listing.ts';
import { StoreError, type OpenAnswer, type Store } from '../greylist/store.ts';
import type { Sink } from '../observe/event.ts';
import { carryOut, inWords } from './carry-out.ts';

export interface GreylistDesk {
  readonly store: Store;
  /** The one in use at the moment. */
  readonly config: () => Config;
  readonly sink: Sink;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** As JSON, in characters: half of what may be sent. */
const MOST_CHARACTERS = 2 << 20;

export function greylistAnswers(
  desk: GreylistDesk,
): Pick<Answers, 'greylist' | 'greylist-rows' | 'greylist-figures'> {
  const { store, now } = desk;
  return {
    greylist: ({ order }) => ordered(desk, order),
    'greylist-rows': ({ rows }) => ofStore(() => rowsOf(store, rows, now())),
    'greylist-figures': ({ sinceMs = 0 }) => ofStore(() => figures(store, sinceMs, now())),
  };
}

/** A disk that is full or gone is no bug, and told by the store itself. */
async function ofStore<T>(answer: () => Promise<T>): Promise<T> {
  try {
    return await answer();
  } catch (error) {
    throw error instanceof StoreError ? new NoAnswer(error.message) : error;
  }
}

async function figures(store: Store, sinceMs: unknown, nowMs: number): Promise<GreylistFigures> {
  if (!isMoment(sinceMs)) throw new NoAnswer('sinceMs is no time: write whole milliseconds since 1970');
  return {
    figures: await figuresOf(store.list({}, nowMs), sinceMs),
    stats: await store.stats(nowMs),
    days: await store.counts(),
  };
}

async function ordered({ store, config, sink, now }: GreylistDesk, written: unknown): Promise<Carried> {
  const order = readOrder(written);
  if (order === null)
    return {
      kind: 'refused',
      why: 'the service does not know such an order: it is of another version of Postern',
    };
  const carried = await carryOut(order, store, config(), now());
  if (carried.kind === 'done' && carried.count + carried.answers > 0)
    sink({
      kind: 'greylist-changed',
      what: inWords(order, carried),
      count: carried.count + carried.answers,
    });
  return carried;
}

async function rowsOf(store: Store, written: unknown, nowMs: number): Promise<GreylistRows> {
  const none = { triplets: [], standings: [], answers: [], more: false };
  const asked = readRowsWanted(written);
  if (asked === null)
    throw new NoAnswer('the service does not know such a wish for rows: it is of another version of Postern');
  switch (asked.of) {
    case 'triplets': {
      const [triplets, more] = await first(store.list(asked.wanted, nowMs));
      return { ...none, triplets, more };
    }
    case 'standings': {
      const [standings, more] = await first(store.standings(nowMs));
      return { ...none, standings, more };
    }
    case 'answers': {
      const [answers, more] = await first(fitting(store.answers(nowMs), asked.wanted));
      return { ...none, answers, more };
    }
  }
}

async function* fitting(answers: AsyncIterable<OpenAnswer>, wanted: ListFilter): AsyncGenerator<OpenAnswer> {
  const fits = compileAnswerFilter(wanted);
  for await (const answer of answers) if (fits(answer)) yield answer;
}

/** As many as fit, and whether there are more. */
async function first<T>(rows: AsyncIterable<T>): Promise<[T[], boolean]> {
  const kept: T[] = [];
  let characters = 0;
  for await (const row of rows) {
    characters += JSON.stringify(row).length + 1;
    if (characters > MOST_CHARACTERS) return [kept, true];
    kept.push(row);
  }
  return [kept, false];
}

/** Of the last week; null: the greylist does not answer. */
export async function lastWeek(store: Store, nowMs: number): Promise<readonly DayCounts[] | null> {
  try {
    const from = dayOf(nowMs) - 6;
    return (await store.counts()).filter(({ day }) => day >= from);
  } catch (error) {
    if (error instanceof StoreError) return null;
    throw error;
  }
}
