/** Owns the trace: everything that `postern explain` tells, as plain values that are its JSON too. */

import type { Effect } from '../policy/verdict.ts';

/** A line of a file. */
export interface Place {
  readonly file: string;
  readonly line: number;
}

/** What a check had to say to a rule. */
export interface AskedCheck {
  readonly id: string;
  readonly result: string;
  readonly facts: Readonly<Record<string, string>>;
  /** Milliseconds that it took; null: it was known from an earlier rule, recipient or stage. */
  readonly ms: number | null;
}

export type Outcome = 'held' | 'did not hold' | 'could not tell' | 'not reached';

export interface RuleTrace {
  /** As written, from 1; null: it comes before what is written, or another rule applies it. */
  readonly number: number | null;
  /** Null: likewise, or it is a default. */
  readonly place: Place | null;
  /** 0, or of rules that a table or `greylist` applies how deep. */
  readonly depth: number;
  readonly word: string;
  readonly outcome: Outcome;
  readonly checks: readonly AskedCheck[];
  /** Null unless it held. */
  readonly effect: Effect['action'] | null;
  /** Behind `warn_if_reject`: a refusal is only told. */
  readonly warnOnly: boolean;
  /** The reply that it would give, the tag, the note; null: none. */
  readonly says: string | null;
  /** Why, in a few words; null: the checks say it. */
  readonly reason: string | null;
  /** What it compared with what: `score 2 is within 1..3`; null: the checks say it. */
  readonly compared: string | null;
}

export interface ListTrace {
  /** Null: the one list of a policy without lists. */
  readonly name: string | null;
  readonly rules: readonly RuleTrace[];
}

export interface DecisionTrace {
  /** `relayed`: at the end, of the host before a trusted relay. */
  readonly stage: 'connect' | 'helo' | 'mail' | 'rcpt' | 'data' | 'relayed';
  readonly client: string;
  readonly helo: string | null;
  /** Empty: `<>`; null: not known at this stage, as the recipient. */
  readonly sender: string | null;
  readonly recipient: string | null;
  readonly lists: readonly ListTrace[];
  readonly verdict: 'continue' | 'permit' | 'discard' | 'quarantine' | 'reject' | 'tempfail';
  /** The rule that decided, or the last that had something to say; null: none. */
  readonly rule: {
    readonly word: string;
    readonly list: string | null;
    readonly number: number | null;
    readonly place: Place | null;
  } | null;
  readonly reason: string;
  /** The refusal that it comes to, even if it is not given (observing); null: none. */
  readonly reply: string | null;
  readonly waitSeconds: number | null;
  readonly delayedSeconds: number | null;
  /** Let in for now, and decided about at DATA. */
  readonly postponed: boolean;
  readonly notes: readonly string[];
  readonly tags: readonly string[];
  readonly ms: number;
}

/** One line of the client, and all that came of it. */
export interface Step {
  readonly command: string;
  /** In the transcript, from 1; null: there is none. */
  readonly line: number | null;
  /** ISO 8601. */
  readonly at: string;
  readonly decisions: readonly DecisionTrace[];
  /** As the client sees it; null: let through. */
  readonly reply: string | null;
  readonly headers: readonly string[];
  /** What else happens to the message: `deleteRecipient <bob@example.org>`, `quarantine …`. */
  readonly changes: readonly string[];
  /** As the service would write them. */
  readonly log: readonly string[];
  /** What the transcript expects otherwise, one a line; empty: it agrees. */
  readonly differs: readonly string[];
}

/** How the MTA's look at the client's name came out. */
export interface ClientTrace {
  readonly address: string;
  readonly ptr: string | null;
  readonly resolve: 'ok' | 'fail' | 'forged' | 'temp';
  /** In words; null: it was given. */
  readonly found: string | null;
  readonly ms: number | null;
}

export interface Report {
  readonly config: string;
  /** Where the greylist was read; null: nothing is known there, the notes say why. */
  readonly store: string | null;
  /** What the headers call this machine. */
  readonly name: string;
  readonly notes: readonly string[];
  /** Of an envelope; null: of a transcript. */
  readonly client: ClientTrace | null;
  readonly steps: readonly Step[];
  /** Null: nothing was expected. */
  readonly agrees: boolean | null;
}
