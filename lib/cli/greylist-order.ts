/** Owns the giving of an order: to the service, which alone writes while it runs, or else to the database itself. */

import { ask } from '../control/ask.ts';
import type { Carried, Done, Order } from '../control/greylist-order.ts';
import { compileAnswerFilter } from '../greylist/listing.ts';
import { StoreError, type Store, type StoreEvent } from '../greylist/store.ts';
import { findGreylist, mustLoad, openReader, type Place } from './greylist-place.ts';
import { noteUnserved } from './service-start.ts';
import { UsageError } from './usage.ts';

/** A walk over ten million triplets. */
const PATIENCE_MS = 600_000;

/** Throws what `told` tells if it could not be done, UsageError if it can't be meant so. `json`: a program reads the answer. */
export async function give(
  command: string,
  order: Order,
  option: string | undefined,
  json: boolean,
): Promise<Done> {
  const place = await findGreylist(option, 'change');
  const carried = place.unserved === null ? await toService(place, order) : await byOurselves(place, order);
  switch (carried.kind) {
    case 'done':
      if (!json && carried.count + carried.answers > 0 && place.store.kind === 'sqlite')
        noteUnserved(place.unserved, place.configFile, `this is done in ${place.store.path} itself`);
      return carried;
    case 'refused':
      throw new UsageError(`${command}: ${carried.why}`);
    case 'failed':
      throw new StoreError('io', carried.why);
  }
}

async function toService({ socket }: Place, order: Order): Promise<Carried> {
  const asked = await ask(socket, 'greylist', PATIENCE_MS, { order });
  return asked.kind === 'answered' ? asked.answer : { kind: 'failed', why: asked.why };
}

/** Looks first: what does not fit, or can't even be read, is no reason to write. */
async function byOurselves(
  { store: address, configFile, socket, unserved }: Place,
  order: Order,
): Promise<Carried> {
  const { kind, why } = unserved!;
  if (kind === 'closed' || kind === 'failed') return { kind: 'failed', why };
  if (address.kind === 'memory')
    return { kind: 'failed', why: `${configFile}: store: memory is the service's own, and ${why}` };
  const config = await mustLoad(configFile);
  const nowMs = Date.now();
  if (!(await mayFit(address.path, order, nowMs)))
    return { kind: 'done', count: 0, answers: 0, subjects: [] };
  // Loaded only here: mostly the service does it.
  const { carryOut } = await import('../daemon/carry-out.ts');
  const store = await open(address.path, socket);
  try {
    return await carryOut(order, store, config, nowMs);
  } finally {
    await store.close();
  }
}

async function mayFit(path: string, order: Order, nowMs: number): Promise<boolean> {
  const reader = openReader(path);
  try {
    if (order.do === 'allow' || order.do === 'withdraw') {
      for await (const _ of reader.standings(nowMs));
      return true;
    }
    for await (const _ of reader.list(order.wanted, nowMs)) return true;
    const fits = compileAnswerFilter(order.wanted);
    if (order.do === 'forget')
      for await (const answer of reader.answers(nowMs)) if (fits(answer)) return true;
    return false;
  } finally {
    reader.close();
  }
}

async function open(path: string, socket: string): Promise<Store> {
  const onEvent = (event: StoreEvent): void => {
    if (event.kind === 'set-aside')
      process.stderr.write(
        `${event.file} was damaged (${event.why}) and moved to ${event.movedTo}; who was known in it is delayed once more\n`,
      );
    if (event.kind === 'salvaged')
      process.stderr.write(
        `of it ${event.standings} could be saved who need not wait (postern greylist allow shows them)\n`,
      );
  };
  const { openSqliteStore } = await import('../greylist/sqlite-store.ts');
  try {
    return await openSqliteStore(path, { onEvent, now: Date.now, rounds: null });
  } catch (error) {
    if (error instanceof StoreError && error.cause === 'busy')
      throw new StoreError(
        'busy',
        `${path} is in use by a Postern that does not answer at ${socket}; look into its log for "control socket" and restart it`,
      );
    throw error;
  }
}
