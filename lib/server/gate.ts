/** Owns the gate: what is asked of the MTA for a policy, and who sees or answers each milter event. */

import { createFilter, type Answer, type Events, type Filter } from '../milter/filter.ts';
import { changesOf } from './answer.ts';
import { CONNECT_MACROS, HELO_MACROS } from './client-facts.ts';
import { EnvelopeStages } from './envelope-stages.ts';
import { Envelope } from './envelope.ts';
import { gateParts, type At } from './gate-parts.ts';
import type { GateSettings } from './gate-settings.ts';
import { MessageStages } from './message-stages.ts';
import { reportProblem } from './problem.ts';

/** The last resort, should a decision itself hang: the recipient is let in. */
const ANSWER_WITHIN_MS = 8000;

/** One filter for one configuration: sessions in flight keep the one they began with. */
export function createGate(settings: GateSettings): Filter {
  const parts = gateParts(settings);
  const { headers, relayed } = parts;
  const { early } = settings.policy;
  const envelope = new EnvelopeStages(parts);
  const message = new MessageStages(parts);
  const { headerNames } = message;
  const connect = (at: At, event: Events['connect']): void => envelope.connect(at, event);
  const helo = (at: At, event: Events['helo']): void => envelope.helo(at, event);
  const mail = (at: At, event: Events['mail']): void => envelope.mail(at, event);
  // Whatever the policy does with others: a relay's message may have to be held.
  const hold = relayed === null ? [] : (['quarantine'] as const);
  return createFilter<Envelope>({
    open: () => new Envelope(settings.sessionId(), (message) => parts.log.recipients(message, null)),
    macros: {
      connect: CONNECT_MACROS,
      helo: HELO_MACROS,
      mail: ['i', '{auth_authen}', '{mail_addr}'],
      rcpt: ['i', '{rcpt_addr}'],
      data: ['i'],
      endOfMessage: ['i'],
    },
    changes: [...new Set([...headers.kinds, ...changesOf(settings.policy), ...hold])],
    watch: {
      ...(early.connect === undefined ? { connect } : {}),
      ...(early.helo === undefined ? { helo } : {}),
      ...(early.mail === undefined ? { mail } : {}),
      ...(headerNames.length > 0 ? { header: (at, event) => message.header(at, event) } : {}),
      ...(relayed === null ? {} : { endOfHeaders: (at) => message.endOfHeaders(at) }),
    },
    headerNames,
    answer: {
      ...(early.connect === undefined
        ? {}
        : { connect: then(connect, (at) => envelope.early(at, 'connect', at.context.connected)) }),
      ...(early.helo === undefined
        ? {}
        : { helo: then(helo, (at) => envelope.early(at, 'helo', at.context.greeted)) }),
      ...(early.mail === undefined
        ? {}
        : { mail: then(mail, (at) => envelope.early(at, 'mail', at.context.message!)) }),
      rcpt: (at, event) => envelope.rcpt(at, event.recipient),
      data: (at) => message.data(at),
      endOfMessage: (at) => message.endOfMessage(at),
    },
    abort: (at) => at.context.endMessage(),
    close: (at) => at.context.end(),
    answerWithinMs: ANSWER_WITHIN_MS,
    late: ({ context }) => {
      const { late } = context;
      context.late = null;
      late?.();
      return 'continue';
    },
    problem: (at, problem) => reportProblem(settings.sink, at?.context.id ?? null, problem),
  });
}

function then<E>(watch: (at: At, event: E) => void, answer: (at: At) => Answer | Promise<Answer>) {
  return (at: At, event: E): Answer | Promise<Answer> => {
    watch(at, event);
    return answer(at);
  };
}
