/** Owns ListReport: what `postern lists` shows of one DNS list, as the service tells it. */

import type { AnnouncedList, ListKind } from '../lists/announced-list.ts';
import type { ListFigures } from '../lists/list-figures.ts';
import type { ListState } from '../lists/list-health.ts';
import { isFields, isNumber, isNumberOrNull, isText, isTextOrNull, isTime, type Fields } from './field.ts';

export interface ListReport {
  /** Its zone as it may be shown: never with a customer's key. */
  readonly list: string;
  /** What it is asked about; those of IPv6 are told of only if there are such clients. */
  readonly kind: 'addresses' | 'IPv6 addresses' | 'names';
  readonly state: ListState;
  /** Times are ISO 8601. */
  readonly since: string;
  /** Null: alive, or not tested yet. */
  readonly why: string | null;
  /** What to do about it; null: nothing, or nobody can say. */
  readonly instead: string | null;
  /** What it must list to show that it answers; null: nothing that is known, so that nobody can tell. */
  readonly testEntry: string | null;
  /** Null: never. */
  readonly tested: string | null;
  readonly queries: number;
  readonly hits: number;
  /** 0 to 1; null: nothing was asked. */
  readonly hitRate: number | null;
  readonly failed: number;
  /** Of queries that went to the DNS; null: there was none. */
  readonly medianMs: number | null;
  readonly p95Ms: number | null;
  /** Of the `of` hits of this list that `list` was asked about too, it listed `both`. */
  readonly overlap: readonly { readonly list: string; readonly of: number; readonly both: number }[];
}

/** `announced`: all that are in use, among them this one. */
export function reportOf(figures: ListFigures, announced: readonly AnnouncedList[]): ListReport {
  const { list, kind, state, sinceMs, why, instead, testedMs } = figures;
  const { queries, hits, hitRate, failed, medianMs, p95Ms, overlap } = figures;
  const known = announced.find(({ alias }) => alias === list);
  return {
    ...{ list, state, why, queries, hits, hitRate, failed, medianMs, p95Ms, overlap },
    kind: KINDS[kind],
    instead: instead ?? known?.keyAdvice ?? null,
    testEntry: known?.tests.listed ?? null,
    since: new Date(sinceMs).toISOString(),
    tested: testedMs === null ? null : new Date(testedMs).toISOString(),
  };
}

const KINDS: Readonly<Record<ListKind, ListReport['kind']>> = {
  address: 'addresses',
  ipv6: 'IPv6 addresses',
  name: 'names',
};

/** One zone may be asked about several kinds. */
export function shownList({ list, kind }: Pick<ListReport, 'list' | 'kind'>): string {
  return `${list}${MARKS[kind]}`;
}

const MARKS: Readonly<Record<ListReport['kind'], string>> = {
  addresses: '',
  'IPv6 addresses': ' (IPv6)',
  names: ' (names)',
};

const STATES: readonly ListState[] = ['untested', 'alive', 'blind', 'lists-the-world', 'dead', 'no-key'];

/** Null: they are none. */
export function readListReports(value: unknown): readonly ListReport[] | null {
  if (!Array.isArray(value)) return null;
  const reports = value.map(readReport);
  return reports.includes(null) ? null : reports.filter((report) => report !== null);
}

function readReport(value: unknown): ListReport | null {
  if (!isFields(value)) return null;
  const { list, since, why, instead, testEntry, tested, overlap } = value;
  const kind = Object.values(KINDS).find((each) => each === value['kind']);
  const state = STATES.find((each) => each === value['state']);
  const figures = readFigures(value);
  if (!isText(list) || kind === undefined || state === undefined) return null;
  if (!isTime(since) || !isTextOrNull(why) || !isTextOrNull(instead) || !(tested === null || isTime(tested)))
    return null;
  if (!isTextOrNull(testEntry)) return null;
  const overlaps = Array.isArray(overlap) ? overlap.map(readOverlap) : [null];
  if (figures === null || overlaps.includes(null)) return null;
  return {
    ...{ list, kind, state, since, why, instead, testEntry, tested, ...figures },
    overlap: overlaps.filter((each) => each !== null),
  };
}

function readFigures(value: Fields): Pick<ListReport, Figure> | null {
  const { queries, hits, hitRate, failed, medianMs, p95Ms } = value;
  if (!isNumber(queries) || !isNumber(hits) || !isNumber(failed)) return null;
  if (!isNumberOrNull(hitRate) || !isNumberOrNull(medianMs) || !isNumberOrNull(p95Ms)) return null;
  return { queries, hits, hitRate, failed, medianMs, p95Ms };
}

type Figure = 'queries' | 'hits' | 'hitRate' | 'failed' | 'medianMs' | 'p95Ms';

function readOverlap(value: unknown): ListReport['overlap'][number] | null {
  if (!isFields(value)) return null;
  const { list, of, both } = value;
  return isText(list) && isNumber(of) && isNumber(both) ? { list, of, both } : null;
}
