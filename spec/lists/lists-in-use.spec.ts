import { expect } from 'chai';
import { announced, type AnnouncedList } from '../../lib/lists/announced-list.ts';
import { BUNDLED_LISTS } from '../../lib/lists/known-lists.ts';
import { NO_KEYS } from '../../lib/lists/list-keys.ts';
import type { ListHealth } from '../../lib/lists/list-health.ts';
import { ListsInUse } from '../../lib/lists/lists-in-use.ts';

/** Only what is announced is of interest here. */
class Announced {
  zones: string[] = [];

  get health(): ListHealth {
    const announce = (lists: readonly AnnouncedList[]): void => {
      this.zones = [...new Set(lists.map(({ zone }) => zone))];
    };
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- nothing else is called
    return { announce } as unknown as ListHealth;
  }
}

const list = (zone: string): AnnouncedList =>
  announced({ zone, alias: zone }, 'address', BUNDLED_LISTS, NO_KEYS);

describe('The lists in use', () => {
  it('are those of every configuration that is held, until it is let go of', () => {
    const told = new Announced();
    const lists = new ListsInUse(told.health, () => 0);
    const before = lists.hold([list('a.example'), list('b.example')]);
    const after = lists.hold([list('b.example'), list('c.example')]);
    expect(told.zones).to.deep.equal(['a.example', 'b.example', 'c.example']);
    before();
    expect(told.zones).to.deep.equal(['b.example', 'c.example']);
    before();
    expect(told.zones).to.deep.equal(['b.example', 'c.example']);
    after();
    expect(told.zones).to.deep.equal([]);
  });

  it('are also what a table names, whatever is held then', () => {
    const told = new Announced();
    const lists = new ListsInUse(told.health, () => 0);
    const letGo = lists.hold([list('a.example')]);
    expect(lists.named(list('table.example'))).to.equal(true);
    expect(lists.named(list('a.example'))).to.equal(true);
    letGo();
    expect(told.zones).to.deep.equal(['table.example']);
  });

  it('are not more than a few that tables name: what a stranger sends can be among them', () => {
    const told = new Announced();
    const lists = new ListsInUse(told.health, () => 0);
    for (let i = 0; i < 100; i++) expect(lists.named(list(`t${i}.example`))).to.equal(true);
    expect(lists.named(list('one-more.example'))).to.equal(false);
    expect(lists.named(list('t5.example'))).to.equal(true);
    expect(told.zones).to.have.lengthOf(100);
  });
});
