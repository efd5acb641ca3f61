/** Owns CONNECT, HELO, MAIL and RCPT: what came is remembered, lookups are begun, and the policy is asked where it decides. */

import { tempfail } from '../mail/reply.ts';
import type { Session, Stage } from '../mail/session.ts';
import type { Answer, Events } from '../milter/filter.ts';
import { askAhead } from '../policy/ahead.ts';
import type { EarlyStage } from '../policy/early.ts';
import type { Decision } from '../policy/verdict.ts';
import { rcptAnswer } from './answer.ts';
import { clientFacts, declaredSize, declaresUtf8, tellsAddresses, tlsFacts } from './client-facts.ts';
import { keep, type Recipient, type Stop } from './envelope.ts';
import { inTime, TOO_LATE } from './in-time.ts';
import { vouchedFor } from './vouched.ts';
import type { At, GateParts } from './gate-parts.ts';

export class EnvelopeStages {
  readonly #parts: GateParts;

  constructor(parts: GateParts) {
    this.#parts = parts;
  }

  connect(at: At, event: Events['connect']): void {
    at.context.connect(clientFacts(event, at), tellsAddresses(at));
    this.#ahead('connect', at.context.connected);
  }

  helo(at: At, event: Events['helo']): void {
    at.context.helo(event.name, tlsFacts(at));
    this.#ahead('helo', at.context.greeted);
  }

  mail(at: At, event: Events['mail']): void {
    at.context.mail({
      path: event.sender,
      taken: taken(at, '{mail_addr}'),
      auth: at.macro('{auth_authen}'),
      size: declaredSize(event.args),
      international: declaresUtf8(event.args),
    });
    const message = at.context.message!;
    if (this.#parts.relayed?.isFrom(message.session.client) === true) message.received = [];
    this.#ahead('mail', message);
  }

  /** Only what refuses counts: all rules are asked again at RCPT. */
  early(at: At, stage: EarlyStage, { session, scope }: Stop<Session>): Answer | Promise<Answer> {
    const { settings, driving, decide, log } = this.#parts;
    const since = performance.now();
    const decision = decide(settings.policy.early[stage] ?? [], session, scope, driving);
    const settle = (decided: Decision): Answer => {
      const { action } = decided.verdict;
      if (action !== 'reject' && action !== 'tempfail') return 'continue';
      if (decided.listed !== undefined) settings.learning?.listed(decided.listed, session, scope, null);
      log.early(stage, session, decided, performance.now() - since);
      return settings.observe ? 'continue' : rcptAnswer(decided.verdict);
    };
    return inTime(at, decision, settle, () => {});
  }

  rcpt(at: At, path: string): Answer | Promise<Answer> {
    const { settings, driving, decide, log } = this.#parts;
    const judged = at.context.recipient(path, taken(at, '{rcpt_addr}'));
    if (judged === null) {
      if (at.context.message !== null) at.context.message.more = true;
      return 'continue';
    }
    const since = performance.now();
    this.#ahead('rcpt', judged);
    const decision = decide(settings.policy.rcpt, judged.session, judged.scope, driving);
    const settle = (decided: Decision): Answer => {
      const { message, session, scope } = judged;
      if (decided.listed !== undefined && isRefusal(decided))
        settings.learning?.listed(decided.listed, session, scope, () =>
          vouchedFor(session, scope, driving, decide),
        );
      const recipient: Recipient = {
        ...{ path, session, scope, atRcpt: decided, decision: decided, stage: 'rcpt' },
        ...{ queueId: at.macro('i'), ms: performance.now() - since, told: false },
      };
      const answer = settings.observe ? 'continue' : rcptAnswer(decided.verdict);
      if (answer === 'continue' && keep(message, recipient)) {
        // Else it is told with the others, once nothing more is decided about them.
        if (message.over) log.recipient(recipient);
        return answer;
      }
      scope.end();
      // Only who has to be dealt with later must be remembered: nobody else is told that there are too many.
      const tooMany = answer === 'continue' && !settings.observe && isDueLater(decided);
      log.recipient(tooMany ? { ...recipient, decision: TOO_MANY } : recipient);
      if (tooMany) return TOO_MANY_REPLY;
      message.more ||= answer === 'continue';
      return answer;
    };
    return inTime(at, decision, settle, () => settle(TOO_LATE));
  }

  /** Lookups that rules may ask for at RCPT are begun as soon as their facts are known. */
  #ahead(stage: Stage, { session, scope }: Stop<Session>): void {
    const { settings, driving } = this.#parts;
    const { policy, decide: watched } = settings;
    // Who looks on asks himself, and sees how long each takes.
    if (policy.ahead.has(stage) && watched === undefined) askAhead(policy.rcpt, session, scope, driving);
  }
}

/** What the MTA takes an address for; null: it does not say. */
function taken(at: At, name: '{mail_addr}' | '{rcpt_addr}'): string | null {
  return at.context.tellsAddresses ? at.macro(name) : null;
}

/** RFC 5321 §4.5.3.1.10. */
const TOO_MANY_REPLY = tempfail(452, '4.5.3', 'Too many recipients');
const TOO_MANY: Decision = {
  verdict: { action: 'tempfail', reply: TOO_MANY_REPLY },
  rule: null,
  reason: 'more recipients than can be remembered',
};

function isRefusal({ verdict: { action } }: Decision): boolean {
  return action === 'reject' || action === 'tempfail';
}

function isDueLater({ postponed, verdict }: Decision): boolean {
  return postponed === true || verdict.action === 'discard' || verdict.action === 'quarantine';
}
