/**
 * Owns what administrators take from the tables or let go of, a page at a time. What fits is looked for in the
 * database's thread, so that the one that answers mail has nothing of it.
 */

import type { Key } from './key.ts';
import { compileAnswerFilter, compileFilter } from './listing.ts';
import type { Changed, ReleasedPage, Task } from './sqlite-messages.ts';
import type { Pages } from './sqlite-pages.ts';
import type { TripletTable } from './sqlite-table.ts';
import { firstOrigins, SOFT_FIRST, type Origin } from './triplet.ts';

type TaskOf<K extends Task['kind']> = Extract<Task, { kind: K }>;

export function release(
  { wanted, after, nowMs, lifetimeMs }: TaskOf<'release'>,
  table: TripletTable,
  pages: Pages,
): ReleasedPage {
  const { triplets, next } = pages.page(after, nowMs);
  const fits = compileFilter(wanted);
  const waiting = triplets.filter((each) => each.sender !== SOFT_FIRST && fits(each));
  const fitting = new Map(waiting.map(({ id, origins }) => [id, origins]));
  if (fitting.size === 0) return { changed: 0, origins: [], next };
  const released = table.release([...fitting.keys()], nowMs, lifetimeMs);
  let origins: readonly Origin[] = [];
  for (const id of released) origins = firstOrigins(origins, fitting.get(id)!);
  return { changed: released.length, origins, next };
}

export function forget(
  { wanted, after, nowMs }: TaskOf<'forget'>,
  table: TripletTable,
  pages: Pages,
): Changed<number> {
  const { triplets, next } = pages.page(after, nowMs);
  const ids = triplets.filter(compileFilter(wanted)).map(({ id }) => id);
  if (ids.length > 0) table.forget(ids);
  return { changed: ids.length, next };
}

export function unlearn({ wanted, after, nowMs }: TaskOf<'unlearn'>, table: TripletTable): Changed<Key> {
  const { answers, next } = table.standings.answerPage(after, nowMs);
  const fitting = answers.filter(compileAnswerFilter(wanted));
  if (fitting.length > 0) table.write(() => fitting.forEach((answer) => table.standings.unlearn(answer)));
  return { changed: fitting.length, next };
}
