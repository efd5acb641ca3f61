/** Owns the meeting of policy and protocol: what a verdict is in the words of the milter protocol. */

import type { Answer, Change, Ending } from '../milter/filter.ts';
import type { Policy } from '../policy/policy.ts';
import type { Verdict } from '../policy/verdict.ts';

/**
 * `accept` and `discard` are never answered here: at RCPT they would settle the whole message and hide its later
 * recipients. A discarded or quarantined recipient goes on and is dealt with by `ending`.
 */
export function rcptAnswer(verdict: Verdict): Answer {
  switch (verdict.action) {
    case 'continue':
    case 'permit':
    case 'discard':
    case 'quarantine':
      return 'continue';
    case 'reject':
    case 'tempfail':
      return verdict.reply;
  }
}

export interface Taken {
  /** As the MTA gave it, with its angle brackets. */
  readonly recipient: string;
  readonly verdict: Verdict;
}

/** What is due at end of message for the recipients that were let in; `more`: there are others, let in without condition. */
export function ending(taken: readonly Taken[], more = false): Ending {
  const discarded = taken.filter(({ verdict }) => verdict.action === 'discard');
  if (discarded.length > 0 && discarded.length === taken.length && !more)
    return { verdict: 'discard', changes: [] };
  const changes: Change[] = discarded.map(({ recipient }) => ({ kind: 'deleteRecipient', recipient }));
  for (const { verdict } of taken) {
    if (verdict.action !== 'quarantine') continue;
    changes.push({ kind: 'quarantine', reason: verdict.reason });
    break;
  }
  return { verdict: 'continue', changes };
}

/** The changes that this policy can come to need, besides those of the header: nothing else is asked of the MTA. */
export function changesOf(policy: Policy): Change['kind'][] {
  const may = new Set([...policy.rcpt, ...policy.data].flat().flatMap((rule) => rule.may));
  const kinds: Change['kind'][] = [];
  if (may.has('discard')) kinds.push('deleteRecipient');
  if (may.has('quarantine')) kinds.push('quarantine');
  return kinds;
}
