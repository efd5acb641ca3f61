/** Owns GateLog: what the gate tells of its decisions, as events. */

import { SPF_SKIP_DOMAINS, spfId } from '../checks/spf.ts';
import { formatMailbox } from '../mail/mailbox.ts';
import type { Session } from '../mail/session.ts';
import type { RecipientEvent, Sink } from '../observe/event.ts';
import type { EarlyStage } from '../policy/early.ts';
import type { Scope } from '../policy/scope.ts';
import type { Decision } from '../policy/verdict.ts';
import type { Message, Recipient } from './envelope.ts';
import type { Relayed } from './relayed-mail.ts';
import { Seldom } from './seldom.ts';

export interface MessageEnd {
  readonly queueId: string | null;
  /** Of its recipients the longest; 0: nobody was kept waiting. */
  readonly delayedSeconds: number;
  /** Fields that were removed. */
  readonly forged: number;
  /** The MTA is asked to keep it for the administrator. */
  readonly held: boolean;
}

const MINUTE_MS = 60_000;

export class GateLog {
  readonly #sink: Sink;
  readonly #observe: boolean;
  readonly #relays: Seldom;

  /** `now`: milliseconds since 1970. */
  constructor(sink: Sink, observe: boolean, now: () => number) {
    this.#relays = new Seldom(MINUTE_MS, now);
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

  recipient(recipient: Recipient, queueId: string | null = recipient.queueId): void {
    const { stage, decision, ms } = recipient;
    this.#recipient(stage, recipient, { decision, queueId, ms, observed: this.#observe });
  }

  /** All that were let in at RCPT, once nothing more is decided about them: `<>` is at DATA, and most have a queue id by then. */
  recipients({ recipients }: Message, queueId: string | null): void {
    const known = queueId ?? queueIdAmong(recipients);
    for (const each of recipients) {
      if (!each.told) this.recipient(each, known);
      each.told = true;
    }
  }

  /** As `recipients`; of the host before the relay only what there is to say. */
  relayed(message: Message, judged: Relayed, queueId: string | null, ms: number): void {
    const { before, session, recipients } = message;
    const held = !this.#observe && judged.quarantine !== null;
    for (const [i, ofRelay] of recipients.entries()) {
      const decision = judged.decisions[i];
      if (ofRelay.told || decision === undefined || saysNothing(decision)) continue;
      ofRelay.told = true;
      this.#recipient('relayed', before!.recipients[i]!, {
        ...{ decision, queueId, ms, observed: !held },
        relay: { client: session.client, decision: ofRelay.decision },
        ...(held ? { held: true } : {}),
      });
    }
    this.recipients(message, queueId);
  }

  /** A relay that writes in a way of its own does so in each message: it is told of once a minute. */
  unread({ session }: Message, { unread }: Relayed): void {
    if (unread === null || !this.#relays.isDue(session.client.address?.text ?? '')) return;
    this.#sink({
      kind: 'received-unread',
      session: session.id,
      relay: session.client,
      received: unread.topmost,
    });
  }

  message(message: Message, { queueId, delayedSeconds, forged, held }: MessageEnd): void {
    const { session, recipients, received, before, local } = message;
    this.#sink({
      kind: 'message',
      session: session.id,
      queueId,
      sender: formatMailbox(session.sender),
      recipients: recipients.length,
      delayedSeconds: delayedSeconds > 0 ? delayedSeconds : null,
      forged,
      held,
      discarded: recipients.filter(({ decision }) => decision.verdict.action === 'discard').length,
      ...(received === null
        ? {}
        : { before: before?.session.client.address?.text ?? (local ? 'local' : null) }),
    });
  }

  #recipient(
    stage: RecipientEvent['stage'],
    { session, scope }: Recipient,
    told: Pick<RecipientEvent, 'decision' | 'queueId' | 'ms' | 'observed' | 'relay' | 'held'>,
  ): void {
    const { decision } = told;
    const { action } = decision.verdict;
    // Of a refusal the reason says which of the two it was, and why.
    const spf = action === 'reject' || action === 'tempfail' ? null : spfOf(scope);
    this.#sink({
      kind: 'recipient',
      session: session.id,
      stage,
      client: session.client,
      helo: session.helo,
      sender: formatMailbox(session.sender),
      recipient: formatMailbox(session.recipient),
      ...(spf === null ? {} : { spf }),
      waitSeconds: decision.waitSeconds ?? null,
      ...told,
    });
  }
}

/** The last that is known; null: none is. */
function queueIdAmong(recipients: readonly Recipient[]): string | null {
  return recipients.findLast(({ queueId }) => queueId !== null)?.queueId ?? null;
}

/** Nobody objects. */
function saysNothing({ verdict, notes, tags }: Decision): boolean {
  const accepted = verdict.action === 'continue' || verdict.action === 'permit';
  return accepted && notes === undefined && tags === undefined;
}

/** What has been asked; null: nothing. */
function spfOf(scope: Scope): NonNullable<RecipientEvent['spf']> | null {
  const mailfrom = resultOf('mailfrom', scope);
  const helo = resultOf('helo', scope);
  if (mailfrom === null && helo === null) return null;
  return { ...(mailfrom === null ? {} : { mailfrom }), ...(helo === null ? {} : { helo }) };
}

function resultOf(identity: 'mailfrom' | 'helo', scope: Scope): string | null {
  const finding = scope.get(spfId(identity));
  if (finding === undefined || finding.facts['skipped'] !== undefined) return null;
  const skips = finding.result !== 'pass' && scope.get(SPF_SKIP_DOMAINS)?.result === 'yes';
  return skips ? null : finding.result;
}
