/** Owns the end of a message that was let in: what becomes of it, of its recipients and of its header. */

import { formatClient } from '../mail/session.ts';
import type { Change, Ending } from '../milter/filter.ts';
import { ending } from './answer.ts';
import type { Message } from './envelope.ts';
import type { At, GateParts } from './gate-parts.ts';
import { authservIdOf } from './gate-settings.ts';
import { TOO_MANY_FORGED } from './message-headers.ts';
import type { Relayed } from './relayed-mail.ts';
import { longestDelay } from './whole-message.ts';

export class EndOfMessage {
  readonly #parts: GateParts;

  constructor(parts: GateParts) {
    this.#parts = parts;
  }

  /** `since`: when the MTA asked, by performance.now(). */
  settle(at: At, message: Message, since: number): Ending | Promise<Ending> {
    const relayed = message.received === null ? NOT_RELAYED : this.#judgeRelayed(at, message, since);
    const toFind = this.#parts.headers.find(message, since);
    if (toFind === null && !(relayed instanceof Promise)) return this.#finish(at, message, relayed);
    return Promise.all([relayed, toFind]).then(([judged]) =>
      // The MTA is gone, or was answered without us: its recipients have been told, and nothing was taken by this.
      message.over ? LET_IN : this.#finish(at, message, judged),
    );
  }

  #judgeRelayed(at: At, message: Message, asked: number): Relayed | Promise<Relayed> {
    const { log } = this.#parts;
    const relayed = this.#parts.relayed!;
    const since = performance.now();
    const settle = (judged: Relayed): Relayed => {
      if (message.over) return judged;
      log.relayed(message, judged, at.macro('i'), performance.now() - since);
      log.unread(message, judged);
      return judged;
    };
    // Some MTA may not have said where the header ends.
    if (message.before === null && !message.local) relayed.lookBefore(message);
    const judged = relayed.judge(message, asked);
    return judged instanceof Promise ? judged.then(settle) : settle(judged);
  }

  #finish(at: At, message: Message, relayed: Relayed): Ending {
    const { settings, headers, log } = this.#parts;
    const { observe, now, learning } = settings;
    const taken = message.recipients.map(({ path, decision }) => ({
      recipient: path,
      verdict: decision.verdict,
    }));
    const flood = message.inbound?.tooMany === true;
    if (flood && !observe && message.received === null) return this.#refuseFlood(at);
    const { verdict, changes } = observe ? LET_IN : ending(taken, message.more);
    const held = flood && message.received !== null ? TOO_MANY_FORGED.text : relayed.quarantine;
    const hold: Change[] = held === null || observe ? [] : [{ kind: 'quarantine', reason: held }];
    // Who only looks on has kept nobody waiting; what he knows of the message holds all the same.
    const delayedSeconds = observe ? 0 : longestDelay(message.recipients);
    const authservId = authservIdOf(settings, at);
    const header = headers.changes(message, { authservId, delayedSeconds, nowMs: now() });
    const forged = header.filter(({ kind }) => kind === 'changeHeader').length;
    // It may have been let in because a decision was late.
    log.recipients(message, at.macro('i'));
    if (verdict === 'continue' && message.received === null) learning?.taken(message);
    const isHeld = [...changes, ...hold].some(({ kind }) => kind === 'quarantine');
    log.message(message, { queueId: at.macro('i'), delayedSeconds, forged, held: isHeld });
    at.context.endMessage();
    return { verdict, changes: [...changes, ...hold, ...header] };
  }

  /** What can't be made true must not be passed on to those who believe it. */
  #refuseFlood(at: At): Ending {
    const { session, recipients } = at.context.message!;
    const message = `message ${at.macro('i') ?? 'NOQUEUE'} of ${formatClient(session.client)} to ${recipients.length} recipients`;
    const why = `the ${message} is refused with 554 5.7.1 after all: more of its header fields claim to be ours than anybody's`;
    this.#parts.settings.sink({ kind: 'answer-fault', session: at.context.id, why });
    at.context.endMessage();
    return { verdict: TOO_MANY_FORGED, changes: [] };
  }
}

const LET_IN: Ending = { verdict: 'continue', changes: [] };
const NOT_RELAYED: Relayed = { decisions: [], quarantine: null, unread: null };
