import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { readdirSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { migrate, MIGRATIONS } from '../../lib/greylist/sqlite-schema.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { attempt, DAY, NOON, SECOND, TIMINGS } from './attempts.ts';
import { collected, rejection, sqliteStores } from './scratch.ts';
import { storeContract } from './store-contract.ts';

describe('the SQLite store', () => {
  const openWatched = sqliteStores();
  const folder = temporaryFolder();
  const file = (): string => join(folder(), 'postern.db');

  describe('as any store', () => {
    storeContract(async () => (await openWatched(file())).store);
  });

  it('remembers over a restart, later uses too, and leaves no log behind', async () => {
    const first = await openWatched(file());
    await first.store.judge(attempt(1), NOON, TIMINGS);
    await first.store.judge(attempt(1), NOON + 60 * SECOND, TIMINGS);
    await first.store.judge(attempt(1), NOON + 30 * DAY, TIMINGS);
    await first.store.close();
    expect(readdirSync(folder()).toSorted()).to.deep.equal(['postern.db', 'postern.db-lock']);
    const second = await openWatched(file());
    expect((await second.store.judge(attempt(1), NOON + 60 * DAY, TIMINGS)).outcome).to.equal('known');
    await second.store.close();
    expect([...first.events, ...second.events]).to.deep.equal([]);
  });

  it('makes a file that strangers on the machine cannot read', async () => {
    const { store } = await openWatched(file());
    await store.judge(attempt(1), NOON, TIMINGS);
    for (const name of readdirSync(folder())) expect(statSync(join(folder(), name)).mode & 0o007).to.equal(0);
    await store.close();
  });

  it('expires by itself, in rounds', async () => {
    const { store } = await openWatched(file(), {
      now: () => NOON + 3 * DAY,
      rounds: { pauseMs: 1, restMs: 1 },
    });
    await store.judge(attempt(1), NOON, TIMINGS);
    while ((await collected(store.list({}, NOON))).length > 0);
    await store.close();
  });

  it('keeps a second Postern away, of this process and of another', async () => {
    const { store } = await openWatched(file());
    expect(await rejection(openWatched(file()))).to.include({ name: 'StoreError', cause: 'busy' });
    const script = `
      import { openSqliteStore } from '${new URL('../../lib/greylist/sqlite-store.ts', import.meta.url).href}';
      await openSqliteStore('${file()}', { onEvent() {}, now: () => 0 }).catch((error) => console.log(error.message));`;
    const other = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
      encoding: 'utf8',
    });
    expect(other.stdout).to.include(`${file()} is in use by another Postern`);
    await store.close();
    await (await openWatched(file())).store.close();
  });

  it('keeps it away by whatever name the file goes', async () => {
    const { store } = await openWatched(file());
    symlinkSync(file(), join(folder(), 'link.db'));
    expect(await rejection(openWatched(join(folder(), 'link.db')))).to.include({ cause: 'busy' });
    await store.close();
  });

  it('names a folder that is not there, and what to do', async () => {
    const error = await rejection(openWatched(join(folder(), 'absent', 'postern.db')));
    expect(error).to.include({ name: 'StoreError', cause: 'io' });
    const cure = process.getuid?.() === 0 ? 'mkdir -p' : `install -d -o ${process.getuid?.()} -m 0750`;
    expect(String(error)).to.include(`; type: ${cure} ${join(folder(), 'absent')} (or set store:`);
  });

  it('leaves the file of a later version alone', async () => {
    await (await openWatched(file())).store.close();
    withFile(file(), (db) => db.exec('PRAGMA user_version = 999'));
    const error = await rejection(openWatched(file()));
    expect(error).to.include({ name: 'StoreError', cause: 'newer' });
    expect(String(error)).to.include('later version of Postern');
    expect(withFile(file(), (db) => db.prepare('PRAGMA user_version').get())).to.deep.include({
      user_version: 999,
    });
  });

  it("leaves another program's database alone", async () => {
    withFile(file(), (db) => db.exec("CREATE TABLE letters (text); INSERT INTO letters VALUES ('dear Bob')"));
    expect(await rejection(openWatched(file()))).to.include({ name: 'StoreError', cause: 'foreign' });
    expect(withFile(file(), (db) => db.prepare('SELECT text FROM letters').all())).to.have.length(1);
  });

  it('shares a transaction, and so its pages in the log, between attempts of one turn', async () => {
    const { store } = await openWatched(file());
    await Promise.all(Array.from({ length: 200 }, (_, i) => store.judge(attempt(i), NOON, TIMINGS)));
    // One by one, each would write two pages or more.
    expect(statSync(`${file()}-wal`).size / 4096).to.be.below(100);
    await store.close();
  });
});

describe('migrate', () => {
  const folder = temporaryFolder();

  it('takes a file from each older version to the newest, all steps or none', () => {
    const db = new DatabaseSync(join(folder(), 'postern.db'));
    const later = [...MIGRATIONS, 'ALTER TABLE triplet ADD COLUMN note TEXT'];
    expect(migrate(db, 'postern.db')).to.equal(0);
    expect(migrate(db, 'postern.db', { migrations: later })).to.equal(MIGRATIONS.length);
    expect(migrate(db, 'postern.db', { migrations: later })).to.equal(later.length);
    const broken = [...later, 'DROP TABLE key', 'no SQL'];
    expect(() => migrate(db, 'postern.db', { migrations: broken })).to.throw('syntax error');
    expect(db.prepare('SELECT count(*) AS keys FROM key').get()).to.deep.include({ keys: 0 });
    expect(migrate(db, 'postern.db', { migrations: later })).to.equal(later.length);
    db.close();
  });
});

function withFile<T>(file: string, use: (db: DatabaseSync) => T): T {
  const db = new DatabaseSync(file);
  try {
    return use(db);
  } finally {
    db.close();
  }
}
