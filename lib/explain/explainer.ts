/** Owns the Explainer: plays a session to the very gate of the service, and looks on while it decides. */

import { formatReply } from '../mail/reply.ts';
import { formatMailbox } from '../mail/mailbox.ts';
import { formatClient } from '../mail/session.ts';
import { lineOf } from '../observe/event-line.ts';
import { textOf } from '../observe/log.ts';
import { askAhead } from '../policy/ahead.ts';
import type { Driving } from '../policy/asking.ts';
import { shownCheck } from '../policy/check.ts';
import { decide } from '../policy/driver.ts';
import type { CheckId } from '../policy/finding.ts';
import type { Policy } from '../policy/policy.ts';
import type { Decision } from '../policy/verdict.ts';
import { createGate } from '../server/gate.ts';
import type { HeaderSettings } from '../server/header-settings.ts';
import { toMicroseconds } from './milliseconds.ts';
import { formatSmtpCommand, type SmtpCommand } from './smtp-command.ts';
import { SmtpSession } from './smtp-session.ts';
import type { DecisionTrace, Step } from './trace.ts';
import { lookThrough, type Looked, type Written } from './watched-rules.ts';

export interface ExplainerOptions {
  readonly policy: Policy;
  readonly written: Written;
  readonly authservId: string | null;
  readonly hostName: string;
  /** What the MTA calls itself; null: nobody knows. */
  readonly mtaName: string | null;
  /** `{daemon_name}`; null: the MTA does not say. */
  readonly daemon: string | null;
  readonly observe: boolean;
  readonly headers: HeaderSettings;
  /** The clock that the policy's checks read too: milliseconds since 1970. */
  readonly clock: { nowMs: number };
}

export class Explainer {
  readonly #clock: { nowMs: number };
  readonly #session: SmtpSession;
  #decisions: DecisionTrace[] = [];
  #log: string[] = [];

  constructor({ policy, written, clock, mtaName, daemon, ...gate }: ExplainerOptions) {
    this.#clock = clock;
    let sessions = 0;
    const filter = createGate({
      ...gate,
      policy,
      now: () => clock.nowMs,
      sink: (event) => void this.#log.push(textOf(lineOf(event))),
      sessionId: () => `explain-${sessions++}`,
      decide: this.#watching(policy, written),
    });
    this.#session = new SmtpSession(filter, { mtaName, ...(daemon === null ? {} : { daemon }) });
  }

  /** `line`: in the transcript. */
  async play(command: SmtpCommand, atMs: number, line: number | null = null): Promise<Step> {
    this.#clock.nowMs = atMs;
    this.#decisions = [];
    this.#log = [];
    const heard = await this.#session.play(command);
    return {
      command: formatSmtpCommand(command),
      line,
      at: new Date(atMs).toISOString(),
      decisions: this.#decisions,
      ...heard,
      log: this.#log,
      differs: [],
    };
  }

  /** The client goes away; returns what the log is told then. */
  async goes(): Promise<readonly string[]> {
    this.#log = [];
    await this.#session.goes();
    return this.#log;
  }

  close(): void {
    this.#session.close();
  }

  #watching(policy: Policy, written: Written): typeof decide {
    const shown = (id: CheckId): string => shownCheck(id, policy.checks);
    return (rules, session, scope, driving) => {
      const ms = new Map<CheckId, number>();
      const since = performance.now();
      const timed: Driving = { ...driving, asked: (check, _, took) => ms.set(check, took) };
      askAhead(rules, session, scope, timed);
      const decision = decide(rules, session, scope, timed);
      const settle = (decided: Decision): Decision => {
        const took = performance.now() - since;
        const looked = lookThrough({ rules, shown }, scope, session, written, ms);
        const stage =
          rules === policy.data ? 'data' : rules === policy.relayed?.lists ? 'relayed' : scope.stage;
        this.#decisions.push({
          stage,
          client: session.client.submitted ? 'local' : formatClient(session.client),
          helo: session.helo ?? null,
          sender: session.sender === undefined ? null : formatMailbox(session.sender),
          recipient: session.recipient === undefined ? null : formatMailbox(session.recipient),
          ...decisionOf(isWithoutEffect(stage, decided) ? NOTHING_REFUSED : decided, looked),
          ms: toMicroseconds(took),
        });
        return decided;
      };
      return decision instanceof Promise ? decision.then(settle) : settle(decision);
    };
  }
}

function isEarly(stage: DecisionTrace['stage']): boolean {
  return stage === 'connect' || stage === 'helo' || stage === 'mail';
}

/** Before RCPT only refusals count: who is permitted there is asked about again. */
function isWithoutEffect(stage: DecisionTrace['stage'], { verdict: { action } }: Decision): boolean {
  return isEarly(stage) && action !== 'reject' && action !== 'tempfail';
}

const NOTHING_REFUSED: Decision = {
  verdict: { action: 'continue' },
  rule: null,
  reason: 'nothing is refused here; all rules are asked again at RCPT',
};

function decisionOf(
  decided: Decision,
  { lists, rule: looked }: Looked,
): Omit<DecisionTrace, 'stage' | 'client' | 'helo' | 'sender' | 'recipient' | 'ms'> {
  const { verdict, reason, waitSeconds, delayedSeconds, postponed, notes, tags } = decided;
  return {
    lists,
    verdict: verdict.action,
    rule: decided === NOTHING_REFUSED ? null : looked,
    reason,
    reply: 'reply' in verdict ? formatReply(verdict.reply) : null,
    waitSeconds: waitSeconds ?? null,
    delayedSeconds: delayedSeconds ?? null,
    postponed: postponed === true,
    notes: (notes ?? []).map(({ rule: word, text }) => `${word}: ${text}`),
    tags: tags ?? [],
  };
}
