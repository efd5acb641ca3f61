/** Owns the gate: milter events in, the policy asked, milter answers and log events out. */

import { tempfail } from '../mail/reply.ts';
import { createFilter } from '../milter/filter.ts';
import type { Answer, Change, Ending, Events, Filter, Session as MilterSession } from '../milter/filter.ts';
import { formatClient, type Session, type Stage } from '../mail/session.ts';
import { askAhead } from '../policy/ahead.ts';
import type { EarlyStage } from '../policy/early.ts';
import { decide } from '../policy/driver.ts';
import { shownCheck } from '../policy/check.ts';
import type { Driving } from '../policy/asking.ts';
import type { Decision } from '../policy/verdict.ts';
import { changesOf, ending, rcptAnswer } from './answer.ts';
import { decideAll, longestDelay, messageAnswer } from './whole-message.ts';
import {
  CONNECT_MACROS,
  HELO_MACROS,
  clientFacts,
  declaredSize,
  declaresUtf8,
  tellsAddresses,
  tlsFacts,
} from './client-facts.ts';
import { Envelope, keep } from './envelope.ts';
import type { Message, Recipient, Stop } from './envelope.ts';
import { NAMES_THAT_MAY_BE_FORGED } from '../headers/inbound-fields.ts';
import { GateLog } from './gate-log.ts';
import type { GateSettings } from './gate-settings.ts';
import { MessageHeaders, TOO_MANY_FORGED } from './message-headers.ts';
import { isAutomatic, TELLS_OF_MACHINES } from './learning.ts';
import { reportProblem } from './problem.ts';
import { MOST_RECEIVED, RelayedMail, type Relayed } from './relayed-mail.ts';

/** Postfix waits 30 s for an answer and Sendmail 10 s: what the checks do not know by then counts as temperror. */
const DECIDE_WITHIN_MS = 7000;
/** The last resort, should a decision itself hang: the recipient is let in. */
const ANSWER_WITHIN_MS = 8000;

type At = MilterSession<Envelope>;

/** One filter for one configuration: sessions in flight keep the one they began with. */
export function createGate(settings: GateSettings): Filter {
  const gate = new Gate(settings);
  const { early } = settings.policy;
  const connect = (at: At, event: Events['connect']): void => {
    at.context.connect(clientFacts(event, at), tellsAddresses(at));
    gate.ahead('connect', at.context.connected);
  };
  const helo = (at: At, event: Events['helo']): void => {
    at.context.helo(event.name, tlsFacts(at));
    gate.ahead('helo', at.context.greeted);
  };
  const mail = (at: At, event: Events['mail']): void => {
    at.context.mail({
      path: event.sender,
      taken: taken(at, '{mail_addr}'),
      auth: at.macro('{auth_authen}'),
      size: declaredSize(event.args),
      international: declaresUtf8(event.args),
    });
    gate.begin(at.context.message!);
  };
  return createFilter<Envelope>({
    open: () => new Envelope(settings.sessionId()),
    macros: {
      connect: CONNECT_MACROS,
      helo: HELO_MACROS,
      mail: ['i', '{auth_authen}', '{mail_addr}'],
      rcpt: ['i', '{rcpt_addr}'],
      data: ['i'],
      endOfMessage: ['i'],
    },
    changes: [...new Set([...gate.headers.kinds, ...changesOf(settings.policy), ...gate.relayedChanges])],
    watch: {
      ...(early.connect === undefined ? { connect } : {}),
      ...(early.helo === undefined ? { helo } : {}),
      ...(early.mail === undefined ? { mail } : {}),
      ...(gate.headerNames.length > 0 ? { header: (at, event) => gate.header(at, event) } : {}),
      ...(gate.relayed === null ? {} : { endOfHeaders: (at) => gate.endOfHeaders(at) }),
    },
    headerNames: gate.headerNames,
    answer: {
      ...(early.connect === undefined
        ? {}
        : { connect: then(connect, (at) => gate.early('connect', at.context.connected)) }),
      ...(early.helo === undefined
        ? {}
        : { helo: then(helo, (at) => gate.early('helo', at.context.greeted)) }),
      ...(early.mail === undefined
        ? {}
        : { mail: then(mail, (at) => gate.early('mail', at.context.message!)) }),
      rcpt: (at, event) => gate.rcpt(at, event.recipient),
      data: (at) => gate.data(at),
      endOfMessage: (at) => gate.endOfMessage(at),
    },
    abort: (at) => at.context.endMessage(),
    close: (at) => at.context.end(),
    answerWithinMs: ANSWER_WITHIN_MS,
    late: () => 'continue',
    problem: (at, problem) => reportProblem(settings.sink, at?.context.id ?? null, problem),
  });
}

/** What the MTA takes an address for; null: it does not say. */
function taken(at: At, name: '{mail_addr}' | '{rcpt_addr}'): string | null {
  return at.context.tellsAddresses ? at.macro(name) : null;
}

/** Remembers what came, and answers it. */
function then<E>(watch: (at: At, event: E) => void, answer: (at: At) => Answer | Promise<Answer>) {
  return (at: At, event: E): Answer | Promise<Answer> => {
    watch(at, event);
    return answer(at);
  };
}

class Gate {
  readonly headers: MessageHeaders;
  /** Null: no relay is trusted. */
  readonly relayed: RelayedMail | null;
  readonly headerNames: readonly string[];
  readonly #log: GateLog;
  readonly #settings: GateSettings;
  readonly #driving: Driving;
  readonly #decide: typeof decide;

  constructor(settings: GateSettings) {
    this.#settings = settings;
    this.#decide = settings.decide ?? decide;
    this.#driving = {
      checks: settings.policy.checks,
      deadlineMs: DECIDE_WITHIN_MS,
      bug: (check, error) =>
        settings.sink({ kind: 'bug', where: `check ${shownCheck(check, settings.policy.checks)}`, error }),
    };
    this.headers = new MessageHeaders(settings.headers, this.#driving);
    const { relayed } = settings.policy;
    this.relayed = relayed === null ? null : new RelayedMail(relayed, this.#driving, this.#decide);
    this.headerNames = [
      ...(this.headers.removes ? NAMES_THAT_MAY_BE_FORGED : []),
      ...(this.relayed === null ? [] : [RECEIVED]),
      ...(settings.learning?.outbound === true ? TELLS_OF_MACHINES : []),
    ];
    this.#log = new GateLog(settings.sink, settings.observe, settings.now);
  }

  /** Whatever the policy does with others: such a message may have to be held. */
  get relayedChanges(): readonly 'quarantine'[] {
    return this.relayed === null ? [] : ['quarantine'];
  }

  begin(message: Message): void {
    if (this.relayed?.isFrom(message.session.client) === true) message.received = [];
    this.ahead('mail', message);
  }

  /** Lookups that rules may ask for at RCPT are begun as soon as their facts are known. */
  ahead(stage: Stage, { session, scope }: Stop<Session>): void {
    const { policy, decide: watched } = this.#settings;
    // Who looks on asks himself, and sees how long each takes.
    if (policy.ahead.has(stage) && watched === undefined)
      askAhead(policy.rcpt, session, scope, this.#driving);
  }

  /** Only what refuses counts: all rules are asked again at RCPT. */
  early(stage: EarlyStage, { session, scope }: Stop<Session>): Answer | Promise<Answer> {
    const since = performance.now();
    const decision = this.#decide(this.#settings.policy.early[stage] ?? [], session, scope, this.#driving);
    const settle = (decided: Decision): Answer => {
      const { action } = decided.verdict;
      if (action !== 'reject' && action !== 'tempfail') return 'continue';
      this.#log.early(stage, session, decided, performance.now() - since);
      return this.#settings.observe ? 'continue' : rcptAnswer(decided.verdict);
    };
    return decision instanceof Promise ? decision.then(settle) : settle(decision);
  }

  rcpt(at: At, path: string): Answer | Promise<Answer> {
    const judged = at.context.recipient(path, taken(at, '{rcpt_addr}'));
    if (judged === null) return 'continue';
    const since = performance.now();
    this.ahead('rcpt', judged);
    const decision = this.#decide(this.#settings.policy.rcpt, judged.session, judged.scope, this.#driving);
    const settle = (decided: Decision): Answer => {
      const { message, session, scope } = judged;
      if (decided.byList === true && isRefusal(decided)) this.#settings.learning?.listed(session, scope);
      const recipient: Recipient = { path, session, scope, decision: decided };
      this.#log.recipient('rcpt', recipient, decided, at.macro('i'), performance.now() - since);
      const answer = this.#settings.observe ? 'continue' : rcptAnswer(decided.verdict);
      if (answer === 'continue' && keep(message, recipient)) return answer;
      scope.end();
      if (answer !== 'continue') return answer;
      // Only who has to be dealt with later must be remembered: nobody else is told that there are too many.
      if (!this.#settings.observe && isDueLater(decided)) return TOO_MANY;
      message.more = true;
      return answer;
    };
    return decision instanceof Promise ? decision.then(settle) : settle(decision);
  }

  data(at: At): Answer | Promise<Answer> {
    const { message } = at.context;
    if (message === null) return 'continue';
    if (message.received === null) this.headers.ahead(message);
    return this.#decideMessage(at, message);
  }

  header(at: At, { name, value }: Events['header']): void {
    const { message } = at.context;
    if (message === null) return;
    const { received } = message;
    message.automatic ||= isAutomatic(name, value);
    if (received !== null && received.length < MOST_RECEIVED && name.toLowerCase() === RECEIVED)
      received.push(value);
    if (this.headers.removes) this.headers.see(message, name, value, () => this.#authservId(at));
  }

  endOfHeaders(at: At): void {
    const { message } = at.context;
    if (message === null || message.received === null) return;
    this.relayed?.lookBefore(message);
    this.headers.ahead(message);
  }

  endOfMessage(at: At): Answer | Ending | Promise<Answer | Ending> {
    const { message } = at.context;
    if (message === null) return 'continue';
    if (message.decided) return this.#end(at, message);
    // An MTA that speaks a version below 4 has no DATA.
    const answer = this.#decideMessage(at, message);
    const settle = (settled: Answer): Answer | Ending | Promise<Answer | Ending> =>
      settled === 'continue' ? this.#end(at, message) : settled;
    return answer instanceof Promise ? answer.then(settle) : settle(answer);
  }

  /** Decides once more for senders that are not judged at RCPT; one refusal holds for the whole message. */
  #decideMessage(at: At, message: Message): Answer | Promise<Answer> {
    const { policy, observe } = this.#settings;
    message.decided = true;
    if (policy.data.length === 0) return 'continue';
    const since = performance.now();
    const settle = (decided: readonly Decision[]): Answer => {
      const ms = performance.now() - since;
      for (const [i, decision] of decided.entries()) {
        const recipient = message.recipients[i]!;
        // A permit adds nothing to what was said at RCPT.
        if (decision.rule === null || decision.verdict.action === 'permit') continue;
        message.recipients[i] = { ...recipient, decision };
        this.#log.recipient('data', recipient, decision, at.macro('i'), ms);
      }
      return observe ? 'continue' : messageAnswer(decided);
    };
    const { recipients } = message;
    return decideAll(
      recipients,
      ({ session, scope }) =>
        this.#decide(policy.data, { ...session, recipients: recipients.length }, scope, this.#driving),
      settle,
    );
  }

  #end(at: At, message: Message): Ending | Promise<Ending> {
    const relayed = message.received === null ? NOT_RELAYED : this.#judgeRelayed(at, message);
    const toFind = this.headers.find(message);
    if (toFind === null && !(relayed instanceof Promise)) return this.#finish(at, message, relayed);
    return Promise.all([relayed, toFind]).then(([judged]) => this.#finish(at, message, judged));
  }

  #judgeRelayed(at: At, message: Message): Relayed | Promise<Relayed> {
    const since = performance.now();
    const settle = (judged: Relayed): Relayed => {
      this.#log.unread(message, judged);
      this.#log.relayed(message, judged, at.macro('i'), performance.now() - since);
      return judged;
    };
    // Some MTA may not have said where the header ends.
    if (message.before === null && !message.local) this.relayed!.lookBefore(message);
    const judged = this.relayed!.judge(message);
    return judged instanceof Promise ? judged.then(settle) : settle(judged);
  }

  #finish(at: At, message: Message, relayed: Relayed): Ending {
    const { observe, now } = this.#settings;
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
    const authservId = this.#authservId(at);
    const header = this.headers.changes(message, { authservId, delayedSeconds, nowMs: now() });
    const forged = header.filter(({ kind }) => kind === 'changeHeader').length;
    if (verdict === 'continue' && message.received === null) this.#settings.learning?.taken(message);
    this.#log.message(message, { queueId: at.macro('i'), delayedSeconds, forged });
    at.context.endMessage();
    return { verdict, changes: [...changes, ...hold, ...header] };
  }

  /** What can't be made true must not be passed on to those who believe it. */
  #refuseFlood(at: At): Ending {
    const { session } = at.context.message!;
    const why = `more header fields of ${formatClient(session.client)} claim to be ours than anybody's: refused`;
    this.#settings.sink({ kind: 'answer-fault', session: at.context.id, why });
    at.context.endMessage();
    return { verdict: TOO_MANY_FORGED, changes: [] };
  }

  #authservId(at: At): string {
    const { authservId, hostName } = this.#settings;
    return authservId ?? at.macro('j') ?? hostName;
  }
}

/** RFC 5321 §4.5.3.1.10. */
const TOO_MANY = tempfail(452, '4.5.3', 'Too many recipients');

function isRefusal({ verdict: { action } }: Decision): boolean {
  return action === 'reject' || action === 'tempfail';
}

function isDueLater({ postponed, verdict }: Decision): boolean {
  return postponed === true || verdict.action === 'discard' || verdict.action === 'quarantine';
}

const LET_IN: Ending = { verdict: 'continue', changes: [] };
const NOT_RELAYED: Relayed = { decisions: [], quarantine: null, unread: null };
const RECEIVED = 'received';
