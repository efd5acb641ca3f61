/** Owns ListCondition: the state of a DNS list and what each test makes of it. Pure. */

import type { Evidence } from './list-tests.ts';
import type { ListState } from './list-health.ts';

export interface ListCondition {
  readonly state: ListState;
  /** Null: alive, or not tested yet. */
  readonly why: string | null;
  readonly instead: string | null;
  /** Tests without an answer, one after the other. */
  readonly failures: number;
  /** Tests since it is out, for the waits between them. */
  readonly tries: number;
}

export const UNTESTED: ListCondition = {
  state: 'untested',
  why: null,
  instead: null,
  failures: 0,
  tries: 0,
};

/** Silence or SERVFAIL, one after the other, that make a list dead. */
const FAILURES_OF_THE_DEAD = 2;

const MINUTE = 60_000;

/** After which a list that is out is tested again; the last holds from then on. */
const WAITS_MS = [30_000, MINUTE, 2 * MINUTE, 5 * MINUTE];

/** After one test without an answer, which may be an accident. */
export const SECOND_TRY_MS = 2000;

/** `whole`: the pair was asked; the negative test alone brings no list back. */
export function tested(before: ListCondition, evidence: Evidence, whole: boolean): ListCondition {
  const out = before.state !== 'alive' && before.state !== 'untested';
  const tries = out ? before.tries + 1 : 0;
  switch (evidence.shows) {
    case 'good':
      if (whole) return { state: 'alive', why: null, instead: null, failures: 0, tries: 0 };
      return before.state === 'alive' ? { ...before, failures: 0 } : { ...before, tries };
    case 'failed': {
      const failures = before.failures + 1;
      if (failures >= FAILURES_OF_THE_DEAD)
        return { state: 'dead', why: evidence.why, instead: UNREACHABLE, failures, tries };
      return before.state === 'untested'
        ? { ...before, why: evidence.why, failures, tries }
        : { ...before, failures, tries };
    }
    case 'blind':
    case 'lists-the-world':
      return { state: evidence.shows, why: evidence.why, instead: evidence.instead, failures: 0, tries };
  }
}

/** Of a list that is out: something has changed, and the waits begin anew after the test that is to come. */
export function anew(condition: ListCondition): ListCondition {
  return { ...condition, tries: 0 };
}

const UNREACHABLE = 'see whether the resolver answers at all; remove the list if it is gone';

/** Until the next pair of tests. */
export function waitMs({ state, failures, tries }: ListCondition, aliveMs: number): number {
  if (failures === 1) return SECOND_TRY_MS;
  if (state === 'alive' || state === 'untested') return aliveMs;
  return WAITS_MS[Math.min(tries, WAITS_MS.length - 1)]!;
}
