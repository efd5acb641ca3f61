/** Owns the lines of what decisions rest on: the DNS, the DNS lists, the tables. */

import type { ListKind } from '../lists/announced-list.ts';
import type { ListState } from '../lists/list-health.ts';
import type { TestEntries } from '../lists/test-entries.ts';
import type { Event } from './event.ts';
import { line, type Line } from './line.ts';

export function silenceLine(event: Extract<Event, { kind: 'dns-silence' }>): Line {
  const { servers, silent } = event;
  const fields = { event: 'dns-silence', silent };
  if (!silent) return line('warn', `DNS: ${servers} answers again`, fields);
  return line(
    'error',
    `DNS: ${servers} does not answer (${event.why}): nothing that SPF, DNS lists and other rules look up is known; type: postern doctor`,
    fields,
  );
}

export function listLine(event: Extract<Event, { kind: 'list-changed' }>): Line {
  const { list, about, from, to, why, instead, tests, spares } = event;
  const fields = { event: 'list-changed', list, about, from, to };
  const called = `${list}${ABOUT[about]}`;
  if (to === 'alive') {
    const shown = shownBy(tests);
    const now = from === 'untested' ? `${shown}: it decides` : `is alive again, it ${shown}: it decides`;
    return line('info', `${called} ${now}${tests.listed === null ? UNPROVEN : ''}`, fields);
  }
  const cause = why === null ? '' : `: ${why}`;
  const cure = instead === null ? '' : `; ${instead}`;
  // See rules/list-rule.ts and checks/list-standing.ts.
  const meanwhile = spares ? '; what other DNS lists refuse is a 450 meanwhile, for a day at most' : '';
  return line(
    'error',
    `${called} ${STATES[to]}${cause}: no mail is refused or spared by it${meanwhile}${cure}`,
    fields,
  );
}

/** One zone may be asked about several. */
const ABOUT: Readonly<Record<ListKind, string>> = { address: '', ipv6: ' (IPv6)', name: ' (names)' };

/** What its tests have shown. */
function shownBy({ listed, unlisted }: Pick<TestEntries, 'listed' | 'unlisted'>): string {
  if (listed === null) return `does not list ${unlisted ?? NOBODY}`;
  return `lists ${listed}, and not ${unlisted ?? NOBODY}`;
}

const NOBODY = 'what nobody may list';
const UNPROVEN =
  '; it has no entry to be tested by: whether it answers at all shows when it first lists somebody';

const STATES: Readonly<Record<Exclude<ListState, 'alive'>, string>> = {
  untested: 'is not tested yet',
  blind: 'is blind',
  'lists-the-world': 'lists the world',
  dead: 'is dead',
  'no-key': 'has no key',
};

export function tableLine({
  table,
  problems,
  kept,
  entries,
}: Extract<Event, { kind: 'table-reread' }>): Line {
  const fields = { event: 'table-reread', table, entries, kept };
  const said = problems.length === 0 ? '' : `: ${problems.slice(0, MOST_PROBLEMS).join(' | ')}`;
  if (kept) return line('error', `${table} is broken, its old content goes on${said}`, fields);
  return line(
    problems.length === 0 ? 'info' : 'warn',
    `${table} was read again, ${entries} entries${said}`,
    fields,
  );
}

/** A table can have as many as lines. */
const MOST_PROBLEMS = 10;
