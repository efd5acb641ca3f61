/** Owns GateParts: what the gate works with at every stage, put together once for a configuration. */

import type { Session as MilterSession } from '../milter/filter.ts';
import type { Driving } from '../policy/asking.ts';
import { shownCheck } from '../policy/check.ts';
import { decide } from '../policy/driver.ts';
import type { Envelope } from './envelope.ts';
import { GateLog } from './gate-log.ts';
import type { GateSettings } from './gate-settings.ts';
import { MessageHeaders } from './message-headers.ts';
import { RelayedMail } from './relayed-mail.ts';

/** A session of the MTA, with what is remembered of it. */
export type At = MilterSession<Envelope>;

export interface GateParts {
  readonly settings: GateSettings;
  readonly driving: Driving;
  readonly decide: typeof decide;
  readonly headers: MessageHeaders;
  /** Null: no relay is trusted. */
  readonly relayed: RelayedMail | null;
  readonly log: GateLog;
}

/** Postfix waits 30 s for an answer and Sendmail 10 s: what the checks do not know by then counts as temperror. */
const DECIDE_WITHIN_MS = 7000;

export function gateParts(settings: GateSettings): GateParts {
  const { policy, sink } = settings;
  const driving: Driving = {
    checks: policy.checks,
    deadlineMs: DECIDE_WITHIN_MS,
    bug: (check, error) => sink({ kind: 'bug', where: `check ${shownCheck(check, policy.checks)}`, error }),
  };
  const decideBy = settings.decide ?? decide;
  return {
    settings,
    driving,
    decide: decideBy,
    headers: new MessageHeaders(settings.headers, driving),
    relayed: policy.relayed === null ? null : new RelayedMail(policy.relayed, driving, decideBy),
    log: new GateLog(sink, settings.observe, settings.now),
  };
}
