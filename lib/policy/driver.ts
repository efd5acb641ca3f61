/** Owns decide: runs the checks that `evaluate` asks for, within a deadline, until there is a decision. */

import type { Session } from '../mail/session.ts';
import { Asking, type Driving, type Waiting } from './asking.ts';
import { evaluate } from './evaluate.ts';
import type { Rule } from './rule.ts';
import type { Scope } from './scope.ts';
import type { Decision } from './verdict.ts';

/** Gives the decision at once if no check has to wait for anything: most mail on a busy server is like that. */
export function decide(
  lists: readonly (readonly Rule[])[],
  session: Session,
  scope: Scope,
  driving: Driving,
): Decision | Promise<Decision> {
  scope.beginDecision();
  const abort = new AbortController();
  const asking = new Asking(session, scope, driving, abort.signal);
  const step = evaluate(lists, asking, session);
  return step.kind === 'decided' ? step.decision : decideLater(lists, session, asking, driving, abort);
}

async function decideLater(
  lists: readonly (readonly Rule[])[],
  session: Session,
  asking: Asking,
  driving: Driving,
  abort: AbortController,
): Promise<Decision> {
  let wake = (): void => {};
  let isOver = false;
  let timer = setTimeout(() => {
    abort.abort();
    timer = setTimeout(() => {
      isOver = true;
      wake();
    }, GRACE_MS);
    wake();
  }, driving.deadlineMs);
  try {
    for (;;) {
      const waiting = asking.waiting.splice(0);
      // To go round for ever would be worse than to let this one mail in.
      if (waiting.length === 0) throw new Error('the rules wait for nothing');
      // The network has had its time; what is near, such as the greylist, was perhaps not asked before.
      if (!abort.signal.aborted || (!isOver && asking.isNear(waiting)))
        await untilSettled(waiting, (resolve) => (wake = resolve));
      if (abort.signal.aborted) asking.giveUp(waiting);
      const step = evaluate(lists, asking, session);
      if (step.kind === 'decided') return step.decision;
    }
  } finally {
    clearTimeout(timer);
    asking.end();
  }
}

/** After the deadline, for all together that is asked one after the other. */
const GRACE_MS = 700;

/** Fulfilled when all are, or by the function that `early` is given. Once per recipient: no promises to spare. */
function untilSettled(waiting: readonly Waiting[], early: (resolve: () => void) => void): Promise<void> {
  return new Promise((resolve) => {
    early(resolve);
    let left = waiting.length;
    const settled = (): void => {
      if (--left === 0) resolve();
    };
    for (const { finding } of waiting) void finding.then(settled);
  });
}
