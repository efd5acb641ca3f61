import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { chmodSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { readSqlite } from '../../lib/greylist/sqlite-reader.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { attempt, DAY, NOON, SECOND, TIMINGS } from './attempts.ts';
import { collected, sqliteStores } from './scratch.ts';

describe('readSqlite', () => {
  const open = sqliteStores();
  const folder = temporaryFolder();
  const file = (): string => join(folder(), 'postern.db');

  it('lists and counts while the service writes', async () => {
    const { store } = await open(file());
    await Promise.all(Array.from({ length: 1200 }, (_, i) => store.judge(attempt(i), NOON, TIMINGS)));
    await store.judge(attempt(3), NOON + 60 * SECOND, TIMINGS);
    const reader = readSqlite(file());
    const senders: string[] = [];
    for await (const row of reader.list({}, NOON)) {
      if (senders.length === 0) await store.judge(attempt(5000), NOON, TIMINGS);
      senders.push(row.sender);
    }
    expect(senders).to.have.length(1201);
    expect(await collected(reader.list({ sender: '*5000@*' }, NOON))).to.have.length(1);
    expect(await collected(reader.list({ state: 'passed' }, NOON + DAY))).to.have.length(1);
    const stats = await reader.stats(NOON + DAY);
    expect(stats).to.deep.include({ triplets: 1201, passed: 1, waiting: 1200, oldestMs: NOON });
    expect(stats.bytes).to.be.above(50_000);
    reader.close();
  });

  it('counts what was released at once, with all that was counted before it', async () => {
    const { store } = await open(file());
    await store.judge(attempt(1), NOON, TIMINGS);
    await store.release({}, NOON + SECOND, 36 * DAY);
    const reader = readSqlite(file());
    expect(reader.counts().map(({ counts }) => counts)).to.deep.equal([{ new: 1, released: 1 }]);
    reader.close();
  });

  it('lists when the service is stopped, and leaves the folder as it was', async () => {
    await oneTriplet();
    const reader = readSqlite(file());
    expect(await collected(reader.list({}, NOON))).to.have.length(1);
    reader.close();
    expect(readdirSync(folder()).toSorted()).to.deep.equal(['postern.db', 'postern.db-lock']);
  });

  it('goes over to what the service writes when that is started meanwhile', async () => {
    await oneTriplet();
    const reader = readSqlite(file());
    const { store } = await open(file());
    await store.judge(attempt(2), NOON, TIMINGS);
    expect(await collected(reader.list({}, NOON))).to.have.length(2);
    reader.close();
  });

  it('lists for someone who may read the file and not write beside it', async () => {
    await oneTriplet();
    chmodSync(file(), 0o444);
    chmodSync(folder(), 0o555);
    const script = `
      import { readSqlite } from '${new URL('../../lib/greylist/sqlite-reader.ts', import.meta.url).href}';
      for await (const row of readSqlite(process.argv[1]).list({}, 0)) console.log(row.sender);`;
    const child = spawnSync(process.execPath, ['--input-type=module', '--eval', script, file()], {
      encoding: 'utf8',
      // Rights don't bind root.
      ...(process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}),
    });
    chmodSync(folder(), 0o755);
    expect(child.stdout + child.stderr).to.equal('alice1@example.net\n');
  });

  it('takes a file that the service has not written yet for an empty one', async () => {
    writeFileSync(file(), '');
    expect(await collected(readSqlite(file()).list({}, NOON))).to.deep.equal([]);
    expect(await readSqlite(file()).stats(NOON)).to.include({ triplets: 0 });
  });

  it('says what is wrong with what it cannot read', async () => {
    expect(() => readSqlite(file())).to.throw(/there is no .*postern\.db/);
    writeFileSync(file(), 'not a database'.repeat(500));
    expect(() => readSqlite(file())).to.throw(/can't read .*postern\.db: file is not a database/);
    rmSync(file());
    const other = new DatabaseSync(file());
    other.exec('CREATE TABLE letters (text)');
    other.close();
    expect(() => readSqlite(file())).to.throw('database of another program');
  });

  async function oneTriplet(): Promise<void> {
    const { store } = await open(file());
    await store.judge(attempt(1), NOON, TIMINGS);
    await store.close();
  }
});
