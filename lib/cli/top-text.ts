/** Owns the page of `postern top`: as many lines as there is room for, none longer than the terminal is wide. */

import { shownList } from '../control/list-report.ts';
import type { ServiceStatus } from '../control/service-status.ts';
import type { TopView } from '../control/top-view.ts';
import { sumsOf } from '../greylist/figures.ts';
import { FATES, timesOf, type Decided, type Fate, type Fates, type MinuteFates } from '../observe/feed.ts';
import { localTime, table } from './print.ts';
import { harmless } from './wrapped.ts';

export interface Room {
  readonly columns: number;
  readonly rows: number;
}

const MINUTE_MS = 60_000;
/** Rules and lists leave room for decisions. */
const MOST_RULES = 6;
const MOST_OUT = 4;
/** A table within a rule may be as long as one likes. */
const LONGEST_RULE = 60;
/** What stands behind it. */
const FIGURES = 50;

export function topText(view: TopView, { columns, rows }: Room): string[] {
  const { nowMs, status, feed } = view;
  const head = [
    `postern ${status.version}, pid ${status.pid}, ${status.connections} ${status.connections === 1 ? 'connection' : 'connections'}, store ${status.store}` +
      `   ${localTime(nowMs)}`,
    ...(status.observe ? ['observing only: everything is let through'] : []),
    ...trouble(status),
    '',
    ...rates(feed.minutes, feed.sinceMs, nowMs),
    '',
    ...rules(view, columns),
    ...greylist(view),
    ...lists(view),
    '',
    `last decisions${feed.decisions.length === 0 ? ': none yet' : ''}`,
  ];
  const left = Math.max(3, rows - head.length);
  return (
    [...head, ...decisions(feed.decisions.slice(0, left))]
      .slice(0, rows)
      // A line that fills the last column leaves the cursor of some terminals on it, and the erasing that follows takes it away.
      .map((line) => cut(harmless(line).trimEnd(), columns - 1))
  );
}

/** On two lines, since a terminal cuts them: what happens to mail comes first. */
function trouble({ storeTrouble }: ServiceStatus): string[] {
  if (storeTrouble === null) return [];
  const { why, since, meanwhile } = storeTrouble;
  return [`${meanwhile}: the greylist store fails since ${localTime(Date.parse(since))}`, `  ${why}`];
}

/** By the minute: a live view has to show what changes. */
function rates(minutes: readonly MinuteFates[], sinceMs: number, nowMs: number): string[] {
  const start = Math.floor(nowMs / MINUTE_MS) * MINUTE_MS;
  const within = (from: number, to: number, fate: Fate): number =>
    minutes
      .filter(({ startMs }) => startMs >= start - from * MINUTE_MS && startMs < start - to * MINUTE_MS)
      .reduce((sum, { fates }) => sum + (fates[fate] ?? 0), 0);
  const whole = Math.max(1, Math.min(10, Math.floor((start - sinceMs) / MINUTE_MS)));
  const seen = FATES.filter(
    (fate) => ALWAYS.has(fate) || minutes.some(({ fates }) => (fates[fate] ?? 0) > 0),
  );
  return table(
    [
      ['recipients', 'this minute', 'last minute', 'a minute of 10', 'last hour'],
      ...seen.map((fate) => [
        fate,
        String(within(0, -1, fate)),
        String(within(1, 0, fate)),
        (within(10, 0, fate) / whole).toFixed(1),
        String(within(60, -1, fate)),
      ]),
    ],
    [1, 2, 3, 4],
  );
}

/** Shown also where there are none. */
const ALWAYS: ReadonlySet<Fate> = new Set(['accept', 'greylist', 'reject']);

function rules({ feed }: TopView, columns: number): string[] {
  if (feed.rules.length === 0) return [];
  const shown = feed.rules.slice(0, MOST_RULES);
  return [
    ...table(
      [
        ['decided by (last hour)', 'recipients', ''],
        ...shown.map(({ rule, fates }) => [
          rule === '' ? 'none: let in' : cut(rule, Math.max(20, Math.min(LONGEST_RULE, columns - FIGURES))),
          String(timesOf(fates)),
          fatesText(fates),
        ]),
      ],
      [1],
    ),
    '',
  ];
}

function fatesText(fates: Fates): string {
  return FATES.filter((fate) => (fates[fate] ?? 0) > 0)
    .map((fate) => `${fate} ${fates[fate]}`)
    .join(', ');
}

function greylist({ greylist: days, nowMs }: TopView): string[] {
  if (days === null) return ['greylist  does not answer: see the log'];
  const today = sumsOf(days, 1, nowMs);
  return [
    `greylist today  deferred ${today.new} (again ${today.early}), passed ${today.passed + today.capped}, ` +
      `known ${today.known}, allowed ${today.allowed}, answered ${today.answered}, ` +
      `never returned ${today['never-returned']}`,
  ];
}

function lists({ out, lists: all }: TopView): string[] {
  if (all === 0) return ['DNS lists       none is asked'];
  if (out.length === 0)
    return [`DNS lists       ${all === 1 ? 'the one that is asked is' : `all ${all} are`} alive`];
  return [
    `DNS lists       ${out.length} of ${all} decide nothing: see postern lists`,
    ...out
      .slice(0, MOST_OUT)
      .map((list) => `  ${shownList(list)} is ${list.state}${list.why === null ? '' : `: ${list.why}`}`),
  ];
}

function decisions(all: readonly Decided[]): string[] {
  return table(
    all.map(({ atMs, fate, rule, reason, client, sender, recipient, observed }) => [
      localTime(atMs).slice(11, 19),
      observed && fate !== 'accept' ? `(${fate})` : fate,
      `${client}  ${sender === null ? '' : `<${sender}>`}${recipient === null ? '' : ` to <${recipient}>`}` +
        `  ${rule ?? 'no rule'}: ${reason}`,
    ]),
  );
}

function cut(line: string, columns: number): string {
  return line.length > columns ? `${line.slice(0, Math.max(0, columns - 1))}>` : line;
}
