/** Owns the notes on DNS lists that decide nothing in what is explained, and what a transcript is to say for them to do so. */

import type { AnnouncedList } from '../lists/announced-list.ts';
import type { ListFigures } from '../lists/list-figures.ts';
import { entryQuestion } from '../lists/list-query.ts';
import { holdsKey, shownZone } from '../mail/secret-zone.ts';

/** `ownZone`: the lines of a transcript stand for the DNS. */
export function listNotes(
  figures: readonly Pick<ListFigures, 'list' | 'state' | 'why'>[],
  announced: readonly AnnouncedList[],
  ownZone: boolean,
): string[] {
  return figures.flatMap(({ list, state, why }) => {
    if (state === 'alive' || state === 'untested') return [];
    const known = announced.find(({ alias }) => alias === list);
    const line = ownZone && state === 'blind' && known !== undefined ? testLine(known) : null;
    const said = `${list} is ${state}, and decides nothing here`;
    return [line === null ? `${said}${why === null ? '' : `: ${why}`}` : `${said}: add the line: ${line}`];
  });
}

/** `given zone 2.0.0.127.bl.example.org. A 127.0.0.2`; null: it has no test entry. */
function testLine({ zone, tests }: AnnouncedList): string | null {
  const shown = `${holdsKey(zone) ? 'KEY.' : ''}${shownZone(zone)}`;
  const name = tests.listed === null ? null : entryQuestion(tests.listed, shown);
  return name === null ? null : `given zone ${name}. A ${tests.answer?.text ?? '127.0.0.2'}`;
}
