/** Owns one month of mail through the real engine: the rules with their driver, the checks, and the store that they ask. */

import { spfId } from '../../../lib/checks/spf.ts';
import { readConfig } from '../../../lib/config/read-config.ts';
import { policyOf } from '../../../lib/daemon/policy-of.ts';
import { openMemoryStore } from '../../../lib/greylist/memory-store.ts';
import type { Store } from '../../../lib/greylist/store.ts';
import type { AtRcpt } from '../../../lib/mail/session.ts';
import type { Driving } from '../../../lib/policy/asking.ts';
import type { AnyCheck } from '../../../lib/policy/check.ts';
import { decide } from '../../../lib/policy/driver.ts';
import type { Finding } from '../../../lib/policy/finding.ts';
import type { Rule } from '../../../lib/policy/rule.ts';
import { Scope } from '../../../lib/policy/scope.ts';
import { NO_DNS, SOUND_LISTS } from '../../support/materials.ts';
import { BenchError } from '../bench-error.ts';
import type { Mail } from './mail.ts';
import { DAY } from './retries.ts';
import { Queue } from './queue.ts';

/** What became of one message. */
export interface Fate {
  readonly mail: Mail;
  /** From the first try until it was let in; null: it was given up before. */
  readonly delayMs: number | null;
  readonly tries: number;
}

export interface Played {
  readonly fates: readonly Fate[];
  /** Triplets that did not pass in time, as the store counts them. */
  readonly neverReturned: number;
  readonly attempts: number;
}

/** When it begins: 1 November 2026, at midnight. */
const START_MS = Date.UTC(2026, 10, 1);
const EXPIRY_EVERY_MS = DAY;
/** Longer than any retry window here. */
const AFTERMATH_MS = 6 * DAY;
const SPF = spfId('mailfrom');

/** A try that is due. */
interface Try {
  readonly atMs: number;
  readonly mail: Mail;
  readonly n: number;
}

/** `greylist`: what stands in that section. Throws BenchError if the config or a finding is not as expected. */
export async function play(mails: readonly Mail[], greylist: string): Promise<Played> {
  const store = openMemoryStore();
  let nowMs = START_MS;
  const engine = engineOf(greylist, store, () => nowMs);
  const fates: Fate[] = [];
  const retries = new Queue<Try>();
  let [attempts, next, expiredMs] = [0, 0, 0];
  for (;;) {
    const due = retries.first;
    const mail = mails[next];
    let one: Try;
    if (due !== undefined && (mail === undefined || due.atMs <= mail.firstMs)) one = retries.take();
    else if (mail !== undefined) {
      one = { atMs: mail.firstMs, mail, n: 0 };
      next++;
    } else break;
    nowMs = START_MS + one.atMs;
    if (one.atMs >= expiredMs + EXPIRY_EVERY_MS) {
      expiredMs = one.atMs;
      await expireAll(store, nowMs);
    }
    attempts++;
    if (await isLetIn(engine, one)) {
      fates.push({ mail: one.mail, delayMs: one.atMs - one.mail.firstMs, tries: one.n + 1 });
      continue;
    }
    const againMs = one.mail.retryOf(one.n, one.atMs - one.mail.firstMs);
    if (againMs === null) fates.push({ mail: one.mail, delayMs: null, tries: one.n + 1 });
    else retries.add({ atMs: one.mail.firstMs + againMs, mail: one.mail, n: one.n + 1 });
  }
  await expireAll(store, nowMs + AFTERMATH_MS);
  let neverReturned = 0;
  for (const { counts } of await store.counts()) neverReturned += counts['never-returned'] ?? 0;
  return { fates, neverReturned, attempts };
}

interface Engine {
  readonly rules: readonly (readonly Rule[])[];
  readonly driving: Driving;
  /** What SPF finds of the try that is judged. */
  spf: Finding;
  /** What must not happen here, and did; null: nothing. */
  failed: string | null;
}

/** As the service puts it together, but for SPF, whose finding is the model's. */
function engineOf(greylist: string, store: Store, now: () => number): Engine {
  const loaded = readConfig(`policy: [greylist]\ngreylist: { ${greylist} }\n`, 'simulation', {
    stateDirectory: '/nonexistent',
  });
  if (!loaded.ok) throw new BenchError(JSON.stringify(loaded.problems));
  const parts = { store, tables: new Map(), resolver: NO_DNS, lists: SOUND_LISTS, now };
  const { rcpt, checks } = policyOf(loaded.config, parts);
  const asked = checks.get(SPF);
  if (asked === undefined) throw new BenchError('a policy has no check of SPF');
  const told: AnyCheck = { id: SPF, stage: 'mail', results: asked.results, run: () => engine.spf };
  const driving: Driving = {
    checks: new Map<string, AnyCheck>([...checks, [SPF, told]]),
    deadlineMs: DEADLINE_MS,
    bug: (id, error) => (engine.failed = `${id}: ${String(error)}`),
    asked(id, { result, facts }) {
      if (result === 'temperror') engine.failed = `${id}: ${facts['why'] ?? ''}`;
    },
  };
  const engine: Engine = { rules: rcpt, driving, spf: NOT_ASKED, failed: null };
  return engine;
}

const NOT_ASKED: Finding = { result: 'temperror', facts: { why: 'SPF was asked before there was mail' } };
/** Nothing here takes so long. */
const DEADLINE_MS = 60_000;

async function isLetIn(engine: Engine, { mail, n }: Try): Promise<boolean> {
  const client = mail.clientOf(n);
  const session: AtRcpt = {
    id: 'simulated',
    client,
    helo: client.name,
    sender: mail.sender,
    tls: null,
    auth: null,
    size: null,
    recipients: 1,
    recipient: mail.recipient,
  };
  engine.spf = mail.spf;
  const scope = new Scope('rcpt', new Scope('mail', new Scope('helo', new Scope('connect'))));
  const { verdict } = await decide(engine.rules, session, scope, engine.driving);
  if (engine.failed !== null) throw new BenchError(engine.failed);
  return verdict.action !== 'tempfail';
}

async function expireAll(store: Store, nowMs: number): Promise<void> {
  while (!(await store.expire(nowMs)).done);
}
