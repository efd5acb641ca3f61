/** Owns the carrying out of an administrator's order, by whoever has the greylist open: the service, or a command where none runs. */

import { allowedSubjects } from '../checks/allowed-subjects.ts';
import type { Config } from '../config/config.ts';
import type { Carried, Done, Order } from '../control/greylist-order.ts';
import type { ListFilter } from '../greylist/listing.ts';
import { StoreError, type Store } from '../greylist/store.ts';
import type { Subject } from '../greylist/triplet.ts';
import { stillAllowed } from './still-allowed.ts';

/** Fulfils when it is on disk. Throws only what is a bug. */
export async function carryOut(
  order: Order,
  store: Pick<Store, 'release' | 'forget' | 'unlearn' | 'grant' | 'withdraw' | 'standings'>,
  { greylist }: Pick<Config, 'greylist'>,
  nowMs: number,
): Promise<Carried> {
  try {
    switch (order.do) {
      case 'release': {
        const { count, origins } = await store.release(order.wanted, nowMs, greylist.lifetimeMs);
        return { kind: 'done', count, answers: 0, subjects: origins };
      }
      case 'forget': {
        const count = await store.forget(order.wanted, nowMs);
        return { kind: 'done', count, answers: await store.unlearn(order.wanted, nowMs), subjects: [] };
      }
      case 'allow':
      case 'withdraw':
        return await allow(order, store, greylist, nowMs);
    }
  } catch (error) {
    if (error instanceof StoreError) return { kind: 'failed', why: error.message };
    throw error;
  }
}

async function allow(
  order: Extract<Order, { do: 'allow' | 'withdraw' }>,
  store: Pick<Store, 'grant' | 'withdraw' | 'standings'>,
  greylist: Config['greylist'],
  nowMs: number,
): Promise<Carried> {
  if (order.do === 'allow' && order.untilMs !== null && order.untilMs <= nowMs) {
    const [until, now] = [order.untilMs, nowMs].map((ms) => new Date(ms).toISOString());
    return {
      kind: 'refused',
      why: `${order.whom}: until ${until} is over (it is ${now} here); name a time to come`,
    };
  }
  const allowed = await allowedSubjects(order.whom, greylist, order.do);
  if (!allowed.ok) return { kind: 'refused', why: allowed.why };
  const { subjects } = allowed;
  if (order.do === 'allow') {
    for (const subject of subjects) await store.grant(subject, order.untilMs, nowMs);
    return { kind: 'done', count: subjects.length, answers: 0, subjects };
  }
  const withdrawn: Subject[] = [];
  for (const subject of subjects) if (await store.withdraw(subject, nowMs)) withdrawn.push(subject);
  const still = await stillAllowed(subjects, store.standings(nowMs), greylist, nowMs);
  const done = { kind: 'done', count: withdrawn.length, answers: 0, subjects: withdrawn } as const;
  return still.length === 0 ? done : { ...done, still };
}

/** For the log, in words: `3 released (sender alice@example.net, state waiting)`. */
export function inWords(order: Order, { count, answers }: Pick<Done, 'count' | 'answers'>): string {
  switch (order.do) {
    case 'release':
      return `${count} released (${filterText(order.wanted)})`;
    case 'forget':
      return `${count} forgotten${answers === 0 ? '' : `, ${answers} may not answer any more`} (${filterText(order.wanted)})`;
    case 'allow': {
      const until = order.untilMs === null ? 'for ever' : `until ${new Date(order.untilMs).toISOString()}`;
      return `${order.whom} allowed ${until}`;
    }
    case 'withdraw':
      return `${order.whom} allowed no more`;
  }
}

function filterText({ sinceMs, ...texts }: ListFilter): string {
  const parts = Object.entries(texts).map(([name, text]) => `${name} ${text}`);
  if (sinceMs !== undefined) parts.push(`since ${new Date(sinceMs).toISOString()}`);
  return parts.length === 0 ? 'all' : parts.join(', ');
}
