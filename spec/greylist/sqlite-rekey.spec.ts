import { expect } from 'chai';
import { DatabaseSync } from 'node:sqlite';
import { keysOf } from '../../lib/greylist/key.ts';
import { rekey } from '../../lib/greylist/sqlite-rekey.ts';
import { MIGRATIONS } from '../../lib/greylist/sqlite-schema.ts';
import { formatOrigins } from '../../lib/greylist/triplet.ts';
import { attempt, network, NOON, SECOND } from './attempts.ts';

const OTHER = network('198.51.100.0/24');

describe('Keys made anew for a greylist file of the second version', () => {
  let db: DatabaseSync;
  beforeEach(() => {
    db = new DatabaseSync(':memory:');
    for (const step of MIGRATIONS.slice(0, 2)) if (typeof step === 'string') db.exec(step);
  });
  afterEach(() => db.close());

  /** Returns its id. */
  const add = (n: number, { first = NOON, passed = false, origins = [network()] } = {}): number => {
    const { sender, recipient } = attempt(n);
    const { lastInsertRowid } = db
      .prepare(
        `INSERT INTO triplet (first, last, expires, state, origins, sender, recipient)
         VALUES (?, 0, 0, ?, ?, ?, ?)`,
      )
      .run(first, passed ? 5 : 4, formatOrigins(origins), sender, recipient);
    return Number(lastInsertRowid);
  };
  const found = (n: number, origin = network()): unknown => {
    const [key] = keysOf(attempt(n, [origin]));
    return db.prepare('SELECT triplet FROM key WHERE key = ?').get(key!)?.['triplet'];
  };

  it('lead to each triplet from each of its origins, however many slices are sorted', () => {
    const ids = Array.from({ length: 400 }, (_, n) => add(n, { origins: [network(), OTHER] }));
    rekey(db, 3);
    for (const [n, id] of ids.entries()) expect([found(n), found(n, OTHER)]).to.deep.equal([id, id]);
    expect(db.prepare('SELECT count(*) AS keys FROM key').get()).to.deep.include({ keys: 800 });
  });

  it('lead to the one that has passed, of two that share one', () => {
    add(1, { first: NOON - SECOND });
    const passed = add(1, { passed: true });
    add(1, { first: NOON - 2 * SECOND });
    rekey(db);
    expect(found(1)).to.equal(passed);
  });

  it('lead to the earliest, of two that wait', () => {
    add(1);
    const earliest = add(1, { first: NOON - SECOND });
    rekey(db);
    expect(found(1)).to.equal(earliest);
  });

  it('are none for a row whose origins nobody can read', () => {
    db.exec("INSERT INTO triplet VALUES (7, 0, 0, 0, 2, 'x', 'alice@example.net', 'bob@example.org', 0)");
    const other = add(1);
    rekey(db);
    expect(db.prepare('SELECT triplet FROM key').all()).to.deep.equal([
      Object.assign(Object.create(null), { triplet: other }),
    ]);
  });
});
