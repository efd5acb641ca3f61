/** Owns Check: one question about a session. */

import type { SessionAt, Stage } from '../mail/session.ts';
import type { CheckId, Finding } from './finding.ts';

/**
 * The answer is always a finding, never an exception; a check that needs no I/O gives it at once. When `signal`
 * aborts, nobody waits for the answer any more.
 */
export interface Check<S extends Stage = Stage, R extends string = string> {
  readonly id: CheckId;
  /** The earliest stage that has the facts it needs; a finding lives as long as those facts. */
  readonly stage: S;
  readonly results: readonly R[];
  run(session: SessionAt[S], signal: AbortSignal): Finding<R> | Promise<Finding<R>>;
}

/**
 * A check whose stage is known only at run time. The driver runs it with the facts of its own stage or a later one,
 * which have all of the earlier's.
 */
export type AnyCheck = Check<'connect'> | Check<'helo'> | Check<'mail'> | Check<'rcpt'>;
