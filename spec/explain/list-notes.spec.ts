/** What explain says of lists that decide nothing in what it explains. */

import { expect } from 'chai';
import { listNotes } from '../../lib/explain/list-notes.ts';
import { announced, type AnnouncedList } from '../../lib/lists/announced-list.ts';
import { BUNDLED_LISTS } from '../../lib/lists/known-lists.ts';
import { NO_KEYS } from '../../lib/lists/list-keys.ts';
import { shownZone } from '../../lib/mail/secret-zone.ts';

const KEY = 'k3y0123456789abcdefghij012';

function list(zone: string, kind: 'address' | 'name' = 'address'): AnnouncedList {
  return announced({ zone, alias: shownZone(zone) }, kind, BUNDLED_LISTS, NO_KEYS);
}

const out = (of: string, state: 'alive' | 'blind' | 'dead' = 'blind'): Parameters<typeof listNotes>[0] => [
  { list: of, state, why: 'because' },
];

describe('The notes of explain on DNS lists', () => {
  for (const [zone, kind, line] of [
    ['bl.example.org', 'address', 'given zone 2.0.0.127.bl.example.org. A 127.0.0.2'],
    ['rhs.example.org', 'name', 'given zone test.rhs.example.org. A 127.0.0.2'],
    ['dbl.spamhaus.org', 'name', 'given zone dbltest.com.dbl.spamhaus.org. A 127.0.0.2'],
    ['list.dnswl.org', 'address', 'given zone 2.0.0.127.list.dnswl.org. A 127.0.10.0'],
    [`${KEY}.zen.dq.spamhaus.net`, 'address', 'given zone 2.0.0.127.KEY.zen.dq.spamhaus.net. A 127.0.0.2'],
  ] as const)
    it(`name the line that lets ${shownZone(zone)} decide in a transcript`, () => {
      const known = list(zone, kind);
      expect(listNotes(out(known.alias), [known], true)).to.deep.equal([
        `${known.alias} is blind, and decides nothing here: add the line: ${line}`,
      ]);
    });

  it('say why where the DNS is asked, and nothing of lists that are alive', () => {
    const known = list('bl.example.org');
    expect(listNotes(out('bl.example.org'), [known], false)).to.deep.equal([
      'bl.example.org is blind, and decides nothing here: because',
    ]);
    expect(listNotes(out('bl.example.org', 'dead'), [known], true)).to.deep.equal([
      'bl.example.org is dead, and decides nothing here: because',
    ]);
    expect(listNotes(out('bl.example.org', 'alive'), [known], true)).to.deep.equal([]);
  });
});
