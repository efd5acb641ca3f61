/** Owns one month of mail through the real engine: the check with its origins, and the store that it asks. */

import { greylistId } from '../../../lib/checks/greylist.ts';
import { spfId } from '../../../lib/checks/spf.ts';
import { readConfig } from '../../../lib/config/read-config.ts';
import { policyOf } from '../../../lib/daemon/policy-of.ts';
import { openMemoryStore } from '../../../lib/greylist/memory-store.ts';
import type { Store } from '../../../lib/greylist/store.ts';
import type { AtRcpt } from '../../../lib/mail/session.ts';
import type { AnyCheck } from '../../../lib/policy/check.ts';
import type { Finding } from '../../../lib/policy/finding.ts';
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
  const check = checkOf(greylist, store, () => nowMs);
  const asksSpf = check.after?.includes(SPF) === true;
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
    if (await isLetIn(check, one, asksSpf)) {
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

function checkOf(greylist: string, store: Store, now: () => number): AnyCheck {
  const loaded = readConfig(`policy: [greylist]\ngreylist: { ${greylist} }\n`, 'simulation', {
    stateDirectory: '/nonexistent',
  });
  if (!loaded.ok) throw new BenchError(JSON.stringify(loaded.problems));
  const parts = { store, tables: new Map(), resolver: NO_DNS, lists: SOUND_LISTS, now };
  const check = policyOf(loaded.config, parts).checks.get(greylistId(null));
  if (check === undefined) throw new BenchError('a policy that greylists has no such check');
  return check;
}

const NEVER_ABORTED = new AbortController().signal;

async function isLetIn(check: AnyCheck, { mail, n }: Try, asksSpf: boolean): Promise<boolean> {
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
  // Only a check that asks for SPF is told of it, as by the driver.
  const known = { get: (id: string): Finding | undefined => (asksSpf && id === SPF ? mail.spf : undefined) };
  const { result, facts } = await check.run(session, NEVER_ABORTED, known);
  if (result === 'temperror') throw new BenchError(facts['why'] ?? '');
  return result !== 'new' && result !== 'early';
}

async function expireAll(store: Store, nowMs: number): Promise<void> {
  while (!(await store.expire(nowMs)).done);
}
