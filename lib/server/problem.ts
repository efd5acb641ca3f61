/** Owns how what goes wrong on a milter connection is told. */

import type { Problem } from '../milter/filter.ts';
import type { Sink } from '../observe/event.ts';

/** One event for each problem; `session` is null before the first event of a connection. */
export function reportProblem(sink: Sink, session: string | null, problem: Problem): void {
  switch (problem.kind) {
    case 'protocol-error':
      sink({ kind: 'connection-fault', session, why: problem.error.message });
      return;
    case 'timeout':
      sink({ kind: 'connection-fault', session, why: TIMEOUTS[problem.what] });
      return;
    case 'stream-error':
      sink({ kind: 'connection-fault', session, why: problem.error.message });
      return;
    case 'handler-error':
      sink({ kind: 'bug', where: `the answer to ${problem.stage}`, error: problem.error });
      return;
    case 'bug':
      sink({ kind: 'bug', where: 'the milter protocol', error: problem.error });
      return;
    case 'late':
      sink({ kind: 'answer-fault', session, why: `no decision in time at ${problem.stage}: let in` });
      return;
    case 'change-not-offered':
      sink({
        kind: 'answer-fault',
        session,
        why: `the MTA does not let us make this change: ${problem.change}`,
      });
  }
}

const TIMEOUTS = {
  idle: 'the MTA said nothing for two hours',
  frame: 'the MTA began a command and did not finish it',
  write: 'the MTA does not read our answers',
} as const;
