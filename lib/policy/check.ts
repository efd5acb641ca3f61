/** Owns Check: one question about a session. */

import { unkeyed } from '../mail/secret-zone.ts';
import type { SessionAt, Stage } from '../mail/session.ts';
import type { CheckId, Finding } from './finding.ts';
import type { Findings } from './rule.ts';

/**
 * The answer is always a finding, never an exception; a check that needs no I/O gives it at once. When `signal`
 * aborts, nobody waits for the answer any more.
 */
export interface Check<S extends Stage = Stage, R extends string = string> {
  readonly id: CheckId;
  /** What people see it called, where the id may hold a key; absent: the id. */
  readonly shown?: string;
  /** The earliest stage that has the facts it needs; a finding lives as long as those facts. */
  readonly stage: S;
  readonly results: readonly R[];
  /** Asked anew for each decision: what it finds is true at that moment only. */
  readonly momentary?: true;
  /** It waits for the network: worth asking as soon as its facts are known, before a rule does. */
  readonly far?: true;
  /** It remembers that it was asked: never to be asked before a rule does. */
  readonly leavesTrace?: true;
  /** Checks whose findings `run` reads: found before it is run. Of no later stage than its own. */
  readonly after?: readonly CheckId[];
  /** `known`: what has been found so far; nobody is asked by it. Absent: nothing. */
  run(session: SessionAt[S], signal: AbortSignal, known?: Findings): Finding<R> | Promise<Finding<R>>;
}

/**
 * A check whose stage is known only at run time. The driver runs it with the facts of its own stage or a later one,
 * which have all of the earlier's.
 */
export type AnyCheck = Check<'connect'> | Check<'helo'> | Check<'mail'> | Check<'rcpt'>;

/** The name of a check for people. */
export function shownCheck(id: CheckId, checks: ReadonlyMap<CheckId, AnyCheck>): string {
  return unkeyed(checks.get(id)?.shown ?? id);
}
