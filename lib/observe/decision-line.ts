/** Owns the lines about mail: what was decided of a recipient, a client, a message, or why nothing could be. */

import { formatClient } from '../mail/session.ts';
import type { EarlyEvent, Event, MessageEvent, RecipientEvent } from './event.ts';
import { line, type Line } from './line.ts';

export function recipientLine(event: RecipientEvent): Line {
  const { decision, client } = event;
  return line(decision.reason.startsWith('greylist not available') ? 'warn' : 'info', '', {
    event: 'recipient',
    verdict: verdictWord(decision),
    ...(event.observed ? { observe: true } : {}),
    ...(event.held === true ? { held: true } : {}),
    rule: decision.rule,
    reason: decision.reason,
    ...spfFields(event.spf),
    ...(decision.notes === undefined
      ? {}
      : { note: decision.notes.map(({ rule, text }) => `${rule}: ${text}`).join('; ') }),
    ...(decision.tags === undefined ? {} : { tags: decision.tags.join(',') }),
    ...(event.waitSeconds === null ? {} : { wait: event.waitSeconds }),
    ...(event.stage === 'rcpt' ? {} : { stage: event.stage }),
    client: client.submitted ? 'local' : formatClient(client),
    ...(event.relay === undefined ? {} : { relay: formatClient(event.relay.client) }),
    helo: event.helo,
    from: event.sender,
    to: event.recipient,
    queue: event.queueId,
    ...lastFields(event),
  });
}

function lastFields({ session, ms, decision: { verdict } }: RecipientEvent | EarlyEvent): Line['fields'] {
  return {
    session,
    ms: Math.round(ms * 10) / 10,
    ...('reply' in verdict ? { reply: `${verdict.reply.code} ${verdict.reply.status}` } : {}),
  };
}

/** Called as in a `when:`. */
function spfFields({ mailfrom, helo }: NonNullable<RecipientEvent['spf']> = {}): Line['fields'] {
  return {
    ...(mailfrom === undefined ? {} : { spf: mailfrom }),
    ...(helo === undefined ? {} : { helo_spf: helo }),
  };
}

type VerdictWord =
  | Exclude<RecipientEvent['decision']['verdict']['action'], 'continue' | 'permit'>
  | 'accept'
  | 'postponed';

/** `continue` is the policy's word for "nobody objects": for the admin the recipient is accepted. */
export function verdictWord({ verdict, postponed }: RecipientEvent['decision']): VerdictWord {
  if (verdict.action !== 'continue' && verdict.action !== 'permit') return verdict.action;
  return postponed === true ? 'postponed' : 'accept';
}

export function earlyLine(event: EarlyEvent): Line {
  const { decision, client } = event;
  return line('info', '', {
    event: 'early',
    verdict: decision.verdict.action,
    ...(event.observed ? { observe: true } : {}),
    rule: decision.rule,
    reason: decision.reason,
    stage: event.stage,
    client: formatClient(client),
    helo: event.helo,
    ...(event.sender === null ? {} : { from: event.sender }),
    ...lastFields(event),
  });
}

export function messageLine(event: MessageEvent): Line {
  return line('info', '', {
    event: 'message',
    queue: event.queueId,
    session: event.session,
    from: event.sender,
    recipients: event.recipients,
    ...(event.delayedSeconds === null ? {} : { delayed: event.delayedSeconds }),
    ...(event.forged === 0 ? {} : { forged: event.forged }),
    ...(event.held ? { held: true } : {}),
    ...(event.discarded === 0 ? {} : { discarded: event.discarded }),
    ...(event.before === undefined ? {} : { before: event.before ?? 'unknown' }),
  });
}

export function unreadLine({ session, relay, received }: Extract<Event, { kind: 'received-unread' }>): Line {
  const what = received === null ? 'has no Received line' : 'has a Received line that nobody can read';
  const text = received === null ? '' : `: ${cutField(received)}`;
  return line(
    'warn',
    `mail of the trusted relay ${formatClient(relay)} ${what}, so the rules were not asked about the host before it${text}`,
    { event: 'received-unread', session, relay: formatClient(relay) },
  );
}

/** In one line, as far as one can tell by it who wrote it. */
function cutField(received: string): string {
  const unfolded = received.trim().replace(/\s+/g, ' ');
  return unfolded.length > MOST_OF_FIELD ? `${unfolded.slice(0, MOST_OF_FIELD)}...` : unfolded;
}

const MOST_OF_FIELD = 300;
