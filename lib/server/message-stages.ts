/** Owns DATA, the header and the end of message: what is seen of a message, and what is decided for it as a whole. */

import { NAMES_THAT_MAY_BE_FORGED } from '../headers/inbound-fields.ts';
import type { Answer, Ending, Events } from '../milter/filter.ts';
import type { Decision } from '../policy/verdict.ts';
import { EndOfMessage } from './end-of-message.ts';
import type { Message } from './envelope.ts';
import type { At, GateParts } from './gate-parts.ts';
import { authservIdOf } from './gate-settings.ts';
import { inTime, TOO_LATE } from './in-time.ts';
import { isAutomatic, TELLS_OF_MACHINES } from './learning.ts';
import { MOST_RECEIVED } from './relayed-mail.ts';
import { timeLeft } from './time-left.ts';
import { tempfail } from '../mail/reply.ts';
import { decideAll, onceMore, refusalAmong, refusedWith, withNotesOf } from './whole-message.ts';
import { rcptAnswer } from './answer.ts';

const RECEIVED = 'received';

/** Each decides and tells all recipients anew, for six bytes of a client's. */
const MOST_ROUNDS = 5;
const TOO_OFTEN = tempfail(451, '4.5.1', 'Too many DATA commands, please begin anew');

export class MessageStages {
  readonly #parts: GateParts;
  readonly #end: EndOfMessage;

  constructor(parts: GateParts) {
    this.#parts = parts;
    this.#end = new EndOfMessage(parts);
  }

  /** The fields that have to be seen. */
  get headerNames(): readonly string[] {
    const { settings, headers, relayed } = this.#parts;
    return [
      ...(headers.removes ? NAMES_THAT_MAY_BE_FORGED : []),
      ...(relayed === null ? [] : [RECEIVED]),
      ...(settings.learning?.outbound === true ? TELLS_OF_MACHINES : []),
    ];
  }

  data(at: At): Answer | Promise<Answer> {
    const { message } = at.context;
    if (message === null) return 'continue';
    if (isNobodys(message)) return 'tempfail';
    message.rounds += 1;
    if (message.rounds > MOST_ROUNDS) return this.#parts.settings.observe ? 'continue' : TOO_OFTEN;
    // It was refused, by us or by another filter, and the client goes on with it.
    if (message.decided) onceMore(message);
    if (message.received === null) this.#parts.headers.ahead(message);
    return this.#decide(at, message, performance.now());
  }

  header(at: At, { name, value }: Events['header']): void {
    const { settings, headers } = this.#parts;
    const { message } = at.context;
    if (message === null) return;
    const { received } = message;
    message.automatic ||= isAutomatic(name, value);
    if (received !== null && received.length < MOST_RECEIVED && name.toLowerCase() === RECEIVED)
      received.push(value);
    if (headers.removes) headers.see(message, name, value, () => authservIdOf(settings, at));
  }

  endOfHeaders(at: At): void {
    const { headers, relayed } = this.#parts;
    const { message } = at.context;
    if (message === null || message.received === null) return;
    relayed?.lookBefore(message);
    headers.ahead(message);
  }

  endOfMessage(at: At): Answer | Ending | Promise<Answer | Ending> {
    const { message } = at.context;
    if (message === null) return 'continue';
    const since = performance.now();
    if (message.decided) return this.#end.settle(at, message, since);
    // An MTA that speaks a version below 4 has no DATA.
    const answer = this.#decide(at, message, since);
    const settle = (settled: Answer): Answer | Ending | Promise<Answer | Ending> =>
      settled === 'continue' ? this.#end.settle(at, message, since) : settled;
    return answer instanceof Promise ? answer.then(settle) : settle(answer);
  }

  /** Decides once more for senders that are not judged at RCPT; one refusal holds for the whole message. */
  #decide(at: At, message: Message, since: number): Answer | Promise<Answer> {
    const { settings, driving, decide, log } = this.#parts;
    const { policy, observe } = settings;
    message.decided = true;
    const settle = (decided: readonly Decision[]): Answer => {
      const ms = performance.now() - since;
      const refusal = observe ? null : refusalAmong(decided);
      for (const [i, decision] of decided.entries()) {
        const recipient = message.recipients[i]!;
        // A permit adds nothing to what was said at RCPT.
        const adds = decision.rule !== null && decision.verdict.action !== 'permit';
        if (!adds && recipient.atRcpt.postponed !== true && refusal === null) continue;
        const meant =
          refusal === null
            ? decision
            : refusedWith(decision, decided[refusal]!, message.recipients[refusal]!);
        message.recipients[i] = {
          ...{ ...recipient, stage: 'data', ms },
          decision: withNotesOf(recipient.atRcpt, meant),
        };
      }
      // Of a relay's message more is decided at its end.
      if (refusal !== null || message.received === null) log.recipients(message, at.macro('i'));
      return refusal === null ? 'continue' : rcptAnswer(decided[refusal]!.verdict);
    };
    if (policy.data.length === 0) return settle([]);
    const { recipients } = message;
    const decided = decideAll(
      recipients,
      ({ session, scope }) =>
        decide(policy.data, { ...session, recipients: recipients.length }, scope, timeLeft(driving, since)),
      (all) => all,
    );
    return inTime(at, decided, settle, () => settle(recipients.map(() => TOO_LATE)));
  }
}

/**
 * A client has every recipient refused, and its DATA is asked about all the same: after a refused BDAT LAST, Postfix 3.7
 * takes those of the message before for this one's, and dies of a DATA that nobody refuses. What began at the MTA itself
 * may have its recipients in its header.
 */
function isNobodys({ recipients, more, session }: Message): boolean {
  return recipients.length === 0 && !more && !session.client.submitted;
}
