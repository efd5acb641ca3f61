import { expect } from 'chai';
import { announced, type AnnouncedList } from '../../lib/lists/announced-list.ts';
import { BUNDLED_LISTS } from '../../lib/lists/known-lists.ts';
import { NO_KEYS } from '../../lib/lists/list-keys.ts';
import type { ListHealth } from '../../lib/lists/list-health.ts';
import { ListsInUse } from '../../lib/lists/lists-in-use.ts';

/** Only what is announced is of interest here. */
class Announced {
  lists: readonly AnnouncedList[] = [];

  get zones(): string[] {
    return [...new Set(this.lists.map(({ zone }) => zone))];
  }

  get health(): ListHealth {
    const announce = (lists: readonly AnnouncedList[]): void => {
      this.lists = lists;
    };
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- nothing else is called
    return { announce } as unknown as ListHealth;
  }
}

const list = (zone: string, kind: 'address' | 'name' = 'address'): AnnouncedList =>
  announced({ zone, alias: zone }, kind, BUNDLED_LISTS, NO_KEYS);

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
    lists.named(list('table.example'));
    lists.named(list('a.example'));
    letGo();
    expect(told.zones).to.deep.equal(['table.example']);
  });

  it('are not more than a few that tables name: what a stranger sends can be among them', () => {
    const told = new Announced();
    const lists = new ListsInUse(told.health, () => 0);
    for (let i = 0; i < 100; i++) lists.named(list(`t${i}.example`));
    lists.named(list('t0.example'));
    lists.named(list('one-more.example'));
    expect(told.zones).to.have.lengthOf(100).and.to.include.members(['t0.example', 'one-more.example']);
    expect(told.zones, 'the one that was named longest ago').not.to.include('t1.example');
  });

  it('are announced for each kind of what is asked about', () => {
    const told = new Announced();
    const lists = new ListsInUse(told.health, () => 0);
    lists.hold([list('a.example')]);
    lists.named(list('a.example', 'name'));
    lists.named(list('a.example', 'name'));
    lists.named(list('a.example'));
    expect(told.lists.map(({ zone, kind }) => [zone, kind])).to.deep.equal([
      ['a.example', 'address'],
      ['a.example', 'name'],
    ]);
  });
});
