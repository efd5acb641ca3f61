/** Owns Verdict: what is to be done with one recipient, and Decision: the verdict together with why. */

import type { Reply } from '../mail/reply.ts';
import type { Rule } from './rule.ts';

export type Verdict =
  | { readonly action: 'continue' }
  | { readonly action: 'permit' }
  | { readonly action: 'discard' }
  | { readonly action: 'quarantine'; readonly reason: string }
  | { readonly action: 'reject'; readonly reply: Reply<5> }
  | { readonly action: 'tempfail'; readonly reply: Reply<4> };

/**
 * What a rule that holds does. `continue`: the next rule is asked. `permit` ends its own list only; a `quarantine` is
 * remembered while the rules go on, as Postfix's HOLD is.
 */
export type Effect =
  | Verdict
  /** Postfix's DEFER_IF_PERMIT: the recipient is tempfailed unless a later rule rejects him. */
  | { readonly action: 'defer_if_permit'; readonly reply: Reply<4> }
  /** Postfix's DEFER_IF_REJECT: a later 5xx of the same list becomes this. */
  | { readonly action: 'defer_if_reject'; readonly reply: Reply<4> }
  /** A whitelist could not be asked: a later 5xx of the same list of rules becomes this, if it is a DNS list's. */
  | { readonly action: 'defer_if_listed'; readonly reply: Reply<4> }
  /** No greylist that comes after it delays the recipient. */
  | { readonly action: 'skip_greylist' }
  /** These rules come next, as if they stood here: a table's result may name them. */
  | { readonly action: 'apply'; readonly rules: readonly Rule[] }
  /** Nothing but a line for the log. */
  | { readonly action: 'note'; readonly text: string }
  /** A name for the recipient's line in the log. */
  | { readonly action: 'tag'; readonly name: string };

/** The client; or the domain of the sender, which is nobody's until SPF proves it. */
export type Listed = 'client' | 'sender';

/** What one rule makes of its findings. */
export interface Ruling {
  readonly effect: Effect;
  /** For the log and `explain`, in a few words: `early, 25 s left`. */
  readonly reason: string;
  /** A DNS list is why: see `defer_if_listed`. */
  readonly byList?: true;
  /** Who was found on a blacklist, and loses what he has earned if this refuses; absent: nobody whom that list is about. */
  readonly listed?: Listed;
  /** Of a greylisted recipient: when a new try will be let in. */
  readonly waitSeconds?: number;
  /** The recipient is let in for now, and decided about at DATA. */
  readonly postponed?: true;
  /** Of a recipient whose triplet has just passed: how long greylisting held it up. */
  readonly delayedSeconds?: number;
}

/** What a rule has to say without deciding: a table's WARN, or what a rule behind `warn_if_reject` would have done. */
export interface Note {
  readonly rule: string;
  readonly text: string;
}

export interface Decision extends Omit<Ruling, 'effect'> {
  readonly verdict: Verdict;
  /** The word of the rule that decided or, if all went on, the last that held; null: none held. */
  readonly rule: string | null;
  /** Absent: none. */
  readonly notes?: readonly Note[];
  /** Each once, in the order in which they were given; absent: none. */
  readonly tags?: readonly string[];
}
