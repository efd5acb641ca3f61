/** Owns the carrying out of an administrator's order, by whoever has the greylist open: the service, or a command where none runs. */

import { allowedSubjects } from '../checks/allowed-subjects.ts';
import type { Config } from '../config/config.ts';
import type { Carried, Order } from '../control/greylist-order.ts';
import type { ListFilter } from '../greylist/listing.ts';
import { StoreError, type Store } from '../greylist/store.ts';

/** Fulfils when it is on disk. Throws only what is a bug. */
export async function carryOut(
  order: Order,
  store: Pick<Store, 'release' | 'forget' | 'grant' | 'withdraw'>,
  { greylist }: Pick<Config, 'greylist'>,
  nowMs: number,
): Promise<Carried> {
  try {
    switch (order.do) {
      case 'release':
        return triplets(await store.release(order.wanted, nowMs, greylist.lifetimeMs));
      case 'forget':
        return triplets(await store.forget(order.wanted, nowMs));
      case 'allow':
      case 'withdraw':
        return await allow(order, store, greylist, nowMs);
    }
  } catch (error) {
    if (error instanceof StoreError) return { kind: 'failed', why: error.message };
    throw error;
  }
}

function triplets(count: number): Carried {
  return { kind: 'done', count, subjects: [] };
}

async function allow(
  order: Extract<Order, { do: 'allow' | 'withdraw' }>,
  store: Pick<Store, 'grant' | 'withdraw'>,
  greylist: Config['greylist'],
  nowMs: number,
): Promise<Carried> {
  const allowed = await allowedSubjects(order.whom, greylist);
  if (!allowed.ok) return { kind: 'refused', why: allowed.why };
  const { subjects } = allowed;
  if (order.do === 'allow') {
    for (const subject of subjects) await store.grant(subject, order.untilMs, nowMs);
    return { kind: 'done', count: subjects.length, subjects };
  }
  let count = 0;
  for (const subject of subjects) if (await store.withdraw(subject, nowMs)) count++;
  return { kind: 'done', count, subjects };
}

/** For the log, in words: `3 released (sender alice@example.net, state waiting)`. */
export function inWords(order: Order, count: number): string {
  switch (order.do) {
    case 'release':
      return `${count} released (${filterText(order.wanted)})`;
    case 'forget':
      return `${count} forgotten (${filterText(order.wanted)})`;
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
