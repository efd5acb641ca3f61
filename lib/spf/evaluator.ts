/** Owns SpfEvaluator: the question whether a client may use a domain (RFC 7208 check_host), and what comes of it. */

import type { Mailbox } from '../mail/mailbox.ts';
import type { Address } from '../mail/network.ts';

export const SPF_RESULTS = ['pass', 'fail', 'softfail', 'neutral', 'none', 'permerror', 'temperror'] as const;
/** RFC 7208 §2.6. */
export type SpfResult = (typeof SPF_RESULTS)[number];

export type SpfIdentity = 'helo' | 'mailfrom';

export interface SpfQuestion {
  readonly identity: SpfIdentity;
  readonly ip: Address;
  /** As the client gave it; null: it gave none. */
  readonly helo: string | null;
  /** Null: the null sender, whose identity is postmaster at the HELO (§2.4). */
  readonly sender: Mailbox | null;
  /** What we are called, for `%{r}` in explanations. */
  readonly receiver: string;
}

export interface SpfFound {
  readonly result: SpfResult;
  /** That was asked about, in ASCII and lower case; null: there is none that could be. */
  readonly domain: string | null;
  /** What the domain says to whoever fails, for a fail only: up to 300 printable ASCII characters of a stranger; null: nothing. */
  readonly explanation: string | null;
  /** That decided: `ip4:192.0.2.0/24`, `include:_spf.example.net`, `mx`; `default`: none did. Null: there is no result. */
  readonly mechanism: string | null;
  /** Of the domain, that was evaluated: up to 300 printable ASCII characters of a stranger; null: none, or with an error in it. */
  readonly record: string | null;
  /** Terms that asked the DNS, as §4.6.4 counts them. */
  readonly lookups: number;
  /** Of permerror, temperror and none: in words, printable ASCII; else null. */
  readonly why: string | null;
  /** A pass that says nothing: the record would pass about everybody. */
  readonly wide: boolean;
  /** The record is `v=spf1 -all`: the domain sends no mail at all. */
  readonly noMail: boolean;
}

export interface SpfEvaluator {
  /** At once where nothing has to be waited for. Always fulfils, in bounded time and memory, whatever the DNS holds; when `signal` aborts, soon. Rejects only for a bug. */
  evaluate(question: SpfQuestion, signal: AbortSignal): SpfFound | Promise<SpfFound>;
}

export interface SpfLimits {
  /** Terms that ask the DNS; RFC 7208 §4.6.4 has 10. */
  readonly lookups: number;
  /** Answers without records; the RFC recommends 2. */
  readonly voidLookups: number;
  /** For the whole of an evaluation. */
  readonly deadlineMs: number;
}

export const SPF_LIMITS: SpfLimits = { lookups: 10, voidLookups: 2, deadlineMs: 6000 };
