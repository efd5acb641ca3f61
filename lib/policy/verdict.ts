/** Owns Verdict: what is to be done with one recipient, and Decision: the verdict together with why. */

import type { Reply } from '../mail/reply.ts';

export type Verdict =
  | { readonly action: 'continue' }
  | { readonly action: 'permit' }
  | { readonly action: 'discard' }
  | { readonly action: 'quarantine'; readonly reason: string }
  | { readonly action: 'reject'; readonly reply: Reply<5> }
  | { readonly action: 'tempfail'; readonly reply: Reply<4> };

/** What one rule makes of its findings. `continue`: the next rule is asked. */
export interface Ruling {
  readonly verdict: Verdict;
  /** For the log and `explain`, in a few words: `early, 25 s left`. */
  readonly reason: string;
  /** Of a greylisted recipient: when a new try will be let in. */
  readonly waitSeconds?: number;
  /** Of a recipient whose triplet has just passed: how long greylisting held it up. */
  readonly delayedSeconds?: number;
}

export interface Decision extends Ruling {
  /** The word of the rule that decided or, if all went on, the last that held; null: none held. */
  readonly rule: string | null;
}
