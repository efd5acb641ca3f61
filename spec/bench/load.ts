/** Owns a run of the load: when sessions begin, who plays in them, and the sum of what they saw. */

import { Histogram } from './histogram.ts';
import { identity, scrambled } from './identity.ts';
import type { Job, Load, Outcome } from './job.ts';
import { playSession } from './mta-player.ts';
import { sessionScript } from './session-script.ts';
import type { SessionScript } from './session-script.ts';

/** An MTA would have given up by then. */
const GIVE_UP_MS = 30_000;
const REASONS = 5;
/** Scripts of a pool are kept, so that making them isn't what is measured. */
const POOL_KEPT = 2000;

export function play({ target, load }: Job): Promise<Outcome> {
  const { concurrency, expect, rate } = load;
  const histogram = new Histogram();
  const reasons: string[] = [];
  const scriptFor = scripts(load);
  const beganMs = performance.now();
  let [started, finished, failed] = [0, 0, 0];

  const ended = (): boolean =>
    reasons.length >= REASONS ||
    ('seconds' in load.until
      ? performance.now() - beganMs >= load.until.seconds * 1000
      : started >= load.until.sessions);

  return new Promise((resolve) => {
    const pace = rate === null ? null : setInterval(keepPace, 1);
    let lastMs = beganMs;
    let lastFinished = 0;
    const watch = setInterval(() => {
      if (finished !== lastFinished) [lastFinished, lastMs] = [finished, performance.now()];
      else if (performance.now() - lastMs > GIVE_UP_MS) stop(started - finished, 'no answer in 30 s');
    }, 500);

    function begin(): void {
      const n = started++;
      playSession({
        target,
        expect,
        script: (protocol) => scriptFor(n, protocol),
        rcpt: (us) => histogram.add(us),
        over,
      });
    }

    function over(failure: string | null): void {
      finished += 1;
      if (failure !== null) failed = complain(failure);
      if (rate === null && !ended()) begin();
      else if (finished === started && ended()) stop(0, null);
    }

    function complain(reason: string): number {
      if (reasons.length < REASONS) reasons.push(reason);
      return failed + 1;
    }

    /** A timer that comes late begins all that is due: the load does not wait for the filter, nor for us. */
    function keepPace(): void {
      if (ended()) {
        if (finished === started) stop(0, null);
        return;
      }
      const due = Math.floor(((performance.now() - beganMs) / 1000) * rate!);
      while (started < due && started - finished < concurrency) begin();
      if (started < due)
        stop(due - started, `more than ${concurrency} sessions open: the filter does not keep pace`);
    }

    function stop(lost: number, reason: string | null): void {
      if (pace !== null) clearInterval(pace);
      clearInterval(watch);
      if (reason !== null) reasons.push(reason);
      resolve({
        sessions: finished - failed,
        seconds: (performance.now() - beganMs) / 1000,
        rcpts: histogram.count,
        p50: histogram.quantile(0.5),
        p99: histogram.quantile(0.99),
        max: histogram.maxUs,
        failed: failed + lost,
        reasons,
      });
    }

    if (rate === null) for (let i = 0; i < concurrency && !ended(); i++) begin();
  });
}

function scripts({
  first,
  pool,
  recipients,
  shuffled = false,
}: Load): (n: number, protocol: number) => SessionScript {
  if (pool === null) return (n, protocol) => sessionScript(identity(first + n, recipients), protocol);
  const kept = new Map<number, SessionScript>();
  return (n, protocol) => {
    const chosen = first + ((shuffled ? scrambled(n) : n) % pool);
    let script = kept.get(chosen);
    if (script === undefined) {
      script = sessionScript(identity(chosen, recipients), protocol);
      if (kept.size < POOL_KEPT) kept.set(chosen, script);
    }
    return script;
  };
}
