/** Owns Event: everything that Postern tells about itself, as one union that logs and counters read. */

import type { SilenceChange } from '../dns/silence.ts';
import type { ListChange } from '../lists/list-health.ts';
import type { Client } from '../mail/session.ts';
import type { Decision } from '../policy/verdict.ts';

/** One recipient's fate. A null queue id: the MTA has not opened its queue file yet (NOQUEUE in the log). */
export interface RecipientEvent {
  readonly kind: 'recipient';
  readonly session: string;
  readonly queueId: string | null;
  /** `relayed`: as it would have been, had the host before a trusted relay come itself. */
  readonly stage: 'rcpt' | 'data' | 'relayed';
  readonly client: Client;
  /** The trusted relay that handed it on, and what was decided of it, which is what holds; absent: none did. */
  readonly relay?: { readonly client: Client; readonly decision: Decision };
  readonly helo: string | null;
  readonly sender: string;
  readonly recipient: string;
  readonly decision: Decision;
  /** Of a recipient who is let in what SPF says of each identity; absent: nobody was asked. */
  readonly spf?: Readonly<Partial<Record<'mailfrom' | 'helo', string>>>;
  /** Seconds that a new try should wait; null: it need not. */
  readonly waitSeconds: number | null;
  /** Observing: the decision was logged and counted, and the recipient let through whatever it says. */
  readonly observed: boolean;
  /** What a trusted relay has handed on is held for the administrator. */
  readonly held?: true;
  readonly ms: number;
}

/** A refusal before RCPT, of the whole session or message. */
export interface EarlyEvent {
  readonly kind: 'early';
  readonly session: string;
  readonly stage: 'connect' | 'helo' | 'mail';
  readonly client: Client;
  /** Null: none given yet. */
  readonly helo: string | null;
  /** Null: none given yet; empty: `<>`. */
  readonly sender: string | null;
  readonly decision: Decision;
  readonly observed: boolean;
  readonly ms: number;
}

/** End of a message that was taken: ties the session to the queue id, which was often unknown at RCPT. */
export interface MessageEvent {
  readonly kind: 'message';
  readonly session: string;
  readonly queueId: string | null;
  readonly sender: string;
  readonly recipients: number;
  /** The longest that one of its recipients was kept waiting; null: none was. */
  readonly delayedSeconds: number | null;
  /** Header fields that only we may write, and that were removed. */
  readonly forged: number;
  /** Kept back for the administrator, for all of its recipients. */
  readonly held: boolean;
  /** Recipients who do not get it, though nobody was told so. */
  readonly discarded: number;
  /** Of mail from a trusted relay the host before it: `local` began at the relay, null: nobody knows; absent: it is none. */
  readonly before?: string | null;
}

export type Event =
  | RecipientEvent
  | EarlyEvent
  | MessageEvent
  | {
      readonly kind: 'started';
      readonly version: string;
      readonly pid: number;
      readonly config: string;
      readonly store: string;
      readonly observe: boolean;
    }
  /** Only for the level debug: every session of an MTA has one of each. `open`: how many there are now. */
  | { readonly kind: 'connection-opened' | 'connection-closed'; readonly open: number }
  | { readonly kind: 'listening'; readonly address: string }
  | { readonly kind: 'listener-closed'; readonly address: string }
  | { readonly kind: 'stopping'; readonly why: string; readonly connections: number }
  | { readonly kind: 'stopped'; readonly cut: number }
  | { readonly kind: 'reloaded'; readonly config: string; readonly notes: readonly string[] }
  | { readonly kind: 'reload-failed'; readonly config: string; readonly problems: readonly string[] }
  /** A table's file has changed. `kept`: because of its errors the old content stays. */
  | {
      readonly kind: 'table-reread';
      readonly table: string;
      readonly problems: readonly string[];
      readonly kept: boolean;
      readonly entries: number;
    }
  | { readonly kind: 'config-warning'; readonly text: string }
  /** The MTA's connection was closed by us because of what came over it. */
  | { readonly kind: 'connection-fault'; readonly session: string | null; readonly why: string }
  /** An answer was late or a change was not possible; the connection goes on. */
  | { readonly kind: 'answer-fault'; readonly session: string | null; readonly why: string }
  /** Mail of a trusted relay whose `Received` does not tell where it came from; null: it has none. */
  | {
      readonly kind: 'received-unread';
      readonly session: string;
      readonly relay: Client;
      readonly received: string | null;
    }
  | { readonly kind: 'listener-fault'; readonly address: string; readonly why: string }
  /** The command line can't ask this service; mail does not depend on it. */
  | { readonly kind: 'control-fault'; readonly path: string; readonly why: string }
  /** `refused`: so far, since a minute in which none was. */
  | { readonly kind: 'too-many-connections'; readonly limit: number; readonly refused: number }
  | { readonly kind: 'store-trouble'; readonly why: string; readonly meanwhile: string }
  /** A DNS list decides again, or no more; `list` is its alias. `spares`: a rule lets in whom it lists. */
  | ({ readonly kind: 'list-changed'; readonly spares: boolean } & ListChange)
  /** No DNS server answers any more, or one does again; `servers` for people. */
  | ({ readonly kind: 'dns-silence'; readonly servers: string } & SilenceChange)
  | { readonly kind: 'store-recovered' }
  | {
      readonly kind: 'store-set-aside';
      readonly file: string;
      readonly movedTo: string;
      readonly why: string;
    }
  /** `standings`: hosts and domains that need not wait, read from the damaged file. */
  | { readonly kind: 'store-salvaged'; readonly from: string; readonly standings: number }
  | { readonly kind: 'store-lost'; readonly file: string; readonly replaced: boolean }
  /** Of what they had earned: a DNS list was why this client was refused. */
  | {
      readonly kind: 'standing-lost';
      readonly session: string;
      readonly client: Client;
      /** `spf` and `example.net`. */
      readonly subjects: readonly { readonly kind: string; readonly value: string }[];
    }
  /** By the hand of an administrator. `what`: in words; `count`: of triplets, or of hosts and domains. */
  | { readonly kind: 'greylist-changed'; readonly what: string; readonly count: number }
  | { readonly kind: 'store-migrating'; readonly from: number; readonly to: number }
  | { readonly kind: 'store-migrated'; readonly from: number; readonly to: number }
  | { readonly kind: 'bug'; readonly where: string; readonly error: unknown };

/** Takes an event; never throws, and never makes mail wait. */
export type Sink = (event: Event) => void;
