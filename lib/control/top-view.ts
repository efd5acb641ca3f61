/** Owns TopView: what `postern top` shows, as the service tells it. */

import type { DayCounts } from '../greylist/counts.ts';
import {
  FATES,
  type Decided,
  type Fates,
  type FeedView,
  type MinuteFates,
  type RuleFates,
} from '../observe/feed.ts';
import { each, isFields, isNumber, isText, isTextOrNull } from './field.ts';
import { readDay } from './greylist-figures.ts';
import { readListReports, type ListReport } from './list-report.ts';
import { readStatus, type ServiceStatus } from './service-status.ts';

export interface TopView {
  /** Of the service's clock. */
  readonly nowMs: number;
  readonly status: ServiceStatus;
  readonly feed: FeedView;
  /** By day (UTC), of the last week; null: the greylist does not answer. */
  readonly greylist: readonly DayCounts[] | null;
  /** Those that decide nothing at the moment. */
  readonly out: readonly ListReport[];
  /** Of how many. */
  readonly lists: number;
}

/** Null: it is none. */
export function readTopView(value: unknown): TopView | null {
  if (!isFields(value)) return null;
  const { nowMs, lists } = value;
  const status = readStatus(value['status']);
  const feed = readFeed(value['feed']);
  const out = readListReports(value['out']);
  const greylist = value['greylist'] === null ? null : each(value['greylist'], readDay);
  if (greylist === null && value['greylist'] !== null) return null;
  if (!isNumber(nowMs) || !isNumber(lists) || status === null || feed === null || out === null) return null;
  return { nowMs, status, feed, greylist, out, lists };
}

function readFeed(value: unknown): FeedView | null {
  if (!isFields(value)) return null;
  const { sinceMs } = value;
  const minutes = each(value['minutes'], readMinute);
  const rules = each(value['rules'], readRule);
  const decisions = each(value['decisions'], readDecided);
  if (!isNumber(sinceMs) || minutes === null || rules === null || decisions === null) return null;
  return { sinceMs, minutes, rules, decisions };
}

function readMinute(value: unknown): MinuteFates | null {
  if (!isFields(value) || !isNumber(value['startMs'])) return null;
  const fates = readFates(value['fates']);
  return fates === null ? null : { startMs: value['startMs'], fates };
}

function readRule(value: unknown): RuleFates | null {
  if (!isFields(value) || !isText(value['rule'])) return null;
  const fates = readFates(value['fates']);
  return fates === null ? null : { rule: value['rule'], fates };
}

function readFates(value: unknown): Fates | null {
  if (!isFields(value)) return null;
  const known = FATES.flatMap((fate) => {
    const times = value[fate];
    return isNumber(times) ? [[fate, times] as const] : [];
  });
  return Object.fromEntries(known);
}

function readDecided(value: unknown): Decided | null {
  if (!isFields(value)) return null;
  const { atMs, rule, reason, client, sender, recipient, observed } = value;
  const fate = FATES.find((each) => each === value['fate']);
  if (!isNumber(atMs) || fate === undefined || !isTextOrNull(rule) || !isText(reason)) return null;
  if (!isText(client) || !isTextOrNull(sender) || !isTextOrNull(recipient)) return null;
  if (typeof observed !== 'boolean') return null;
  return { atMs, fate, rule, reason, client, sender, recipient, observed };
}
