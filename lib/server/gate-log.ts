/** Owns GateLog: what the gate tells of its decisions, as events. */

import { formatMailbox } from '../mail/mailbox.ts';
import type { Session } from '../mail/session.ts';
import type { Sink } from '../observe/event.ts';
import type { EarlyStage } from '../policy/early.ts';
import type { Decision } from '../policy/verdict.ts';
import type { Message, Recipient } from './envelope.ts';
import type { Relayed } from './relayed-mail.ts';

export interface MessageEnd {
  readonly queueId: string | null;
  /** Of its recipients the longest; 0: nobody was kept waiting. */
  readonly delayedSeconds: number;
  /** Fields that were removed. */
  readonly forged: number;
}

export class GateLog {
  readonly #sink: Sink;
  readonly #observe: boolean;

  constructor(sink: Sink, observe: boolean) {
    this.#sink = sink;
    this.#observe = observe;
  }

  early(stage: EarlyStage, session: Session, decision: Decision, ms: number): void {
    this.#sink({
      kind: 'early',
      session: session.id,
      stage,
      client: session.client,
      helo: session.helo ?? null,
      sender: session.sender === undefined ? null : formatMailbox(session.sender),
      decision,
      observed: this.#observe,
      ms,
    });
  }

  recipient(
    stage: 'rcpt' | 'data',
    { session }: Recipient,
    decision: Decision,
    queueId: string | null,
    ms: number,
  ): void {
    this.#recipient(stage, session, decision, queueId, ms, this.#observe);
  }

  /** Only what there is to say: that nobody objects has been said at RCPT. */
  relayed({ before, session }: Message, judged: Relayed, queueId: string | null, ms: number): void {
    for (const [i, decision] of judged.decisions.entries()) {
      const { verdict, notes, tags } = decision;
      const accepted = verdict.action === 'continue' || verdict.action === 'permit';
      if (accepted && notes === undefined && tags === undefined) continue;
      const held = !this.#observe && judged.quarantine !== null;
      const of = before!.recipients[i]!.session;
      this.#recipient('relayed', of, decision, queueId, ms, !held, session.client);
    }
  }

  message(message: Message, { queueId, delayedSeconds, forged }: MessageEnd): void {
    const { session, recipients, received, before } = message;
    this.#sink({
      kind: 'message',
      session: session.id,
      queueId,
      sender: formatMailbox(session.sender),
      recipients: recipients.length,
      delayedSeconds: delayedSeconds > 0 ? delayedSeconds : null,
      forged,
      ...(received === null ? {} : { before: before?.session.client.address?.text ?? null }),
    });
  }

  #recipient(
    stage: 'rcpt' | 'data' | 'relayed',
    session: Recipient['session'],
    decision: Decision,
    queueId: string | null,
    ms: number,
    observed: boolean,
    relay?: Recipient['session']['client'],
  ): void {
    this.#sink({
      kind: 'recipient',
      session: session.id,
      queueId,
      stage,
      client: session.client,
      ...(relay === undefined ? {} : { relay }),
      helo: session.helo,
      sender: formatMailbox(session.sender),
      recipient: formatMailbox(session.recipient),
      decision,
      waitSeconds: decision.waitSeconds ?? null,
      observed,
      ms,
    });
  }
}
