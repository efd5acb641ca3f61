import { expect } from 'chai';
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { smallDisk } from '../support/small-disk.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { attempt, DAY, NOON, SECOND, TIMINGS } from './attempts.ts';
import { collected, expireAll, judgedAtLast, rejection, sqliteStores } from './scratch.ts';
import type { Subject } from '../../lib/greylist/triplet.ts';
import { without } from '../support/without.ts';

describe('a damaged greylist file', () => {
  const open = sqliteStores();
  const folder = temporaryFolder();
  const file = (): string => join(folder(), 'postern.db');
  const setAside = (): string[] => readdirSync(folder()).filter((name) => name.includes('.corrupt-'));

  it('that is no database is set aside with a date and a new one begun', async () => {
    writeFileSync(file(), 'Dear Bob, this is not a database.\0'.repeat(500));
    const { store, events } = await open(file());
    expect((await store.judge(attempt(1), NOON, TIMINGS)).outcome).to.equal('new');
    const movedTo = `${file()}.corrupt-20261121T120000Z`;
    expect(events).to.deep.equal([
      { kind: 'set-aside', file: file(), movedTo, why: 'file is not a database' },
    ]);
    expect(readFileSync(movedTo, 'latin1')).to.match(/^Dear Bob/);
  });

  it("that is somebody's text is left alone", async () => {
    writeFileSync(file(), 'listen: inet:8891@127.0.0.1\n');
    const error: unknown = await open(file()).catch((reason: unknown) => reason);
    expect(String(error)).to.contain('is a text file and no database; set store: to another path');
    expect(readFileSync(file(), 'latin1')).to.equal('listen: inet:8891@127.0.0.1\n');
    expect(setAside()).to.deep.equal([]);
  });

  it('never overwrites one that was set aside before', async () => {
    for (const n of [1, 2, 3]) {
      writeFileSync(file(), `not a database, the ${n}th\0`.repeat(500));
      await (await open(file())).store.close();
    }
    expect(setAside()).to.have.length(3);
  });

  it('that is empty is a new one', async () => {
    writeFileSync(file(), '');
    const { store, events } = await open(file());
    await store.judge(attempt(1), NOON, TIMINGS);
    expect(events).to.deep.equal([]);
  });

  it('that lacks its end is set aside when it is opened', async () => {
    await filled(open, file());
    truncateSync(file(), Math.floor(statSync(file()).size / 8192) * 4096);
    const { store, count } = await open(file());
    expect((await store.judge(attempt(1), NOON, TIMINGS)).outcome).to.equal('new');
    expect(count('set-aside')).to.equal(1);
  });

  it('that lacks a table is set aside', async () => {
    await filled(open, file());
    altered(file(), 'DROP TABLE key');
    expect((await open(file())).count('set-aside')).to.equal(1);
  });

  it('with pages of garbage is set aside when they are met, and what was asked is answered by the new one', async () => {
    await filled(open, file());
    overwritePages(file());
    const { store, events } = await open(file());
    const judged = await Promise.all(
      Array.from({ length: 300 }, (_, i) => store.judge(attempt(i), NOON, TIMINGS)),
    );
    expect(judged.every(({ outcome }) => outcome === 'new')).to.equal(true);
    expect(events.map(({ kind }) => kind)).to.deep.equal(['set-aside']);
    expect((await store.judge(attempt(7), NOON, TIMINGS)).outcome).to.equal('early');
    expect(setAside()).to.include('postern.db.corrupt-20261121T120000Z');
  });

  it('with pages of garbage is set aside by expiry, whether any mail meets them or not', async () => {
    await filled(open, file());
    overwritePages(file());
    const { store, events } = await open(file());
    await expireAll(store, NOON);
    expect(events.map(({ kind }) => kind)).to.deep.equal(['set-aside']);
    expect((await store.judge(attempt(1), NOON, TIMINGS)).outcome).to.equal('new');
  });

  it('that is set aside takes no counts with it that were still to be written', async () => {
    const { store, events } = await open(file());
    await store.judge(attempt(1), NOON, TIMINGS);
    await store.judge(attempt(1), NOON + 60 * SECOND, TIMINGS);
    altered(file(), 'DROP TABLE key');
    await rejection(store.judge(attempt(2), NOON + 61 * SECOND, TIMINGS));
    expect((await store.judge(attempt(2), NOON + 61 * SECOND, TIMINGS)).outcome).to.equal('new');
    expect(events.map(({ kind }) => kind)).to.include('set-aside');
    expect((await store.counts()).map(({ counts }) => counts)).to.deep.equal([{ new: 2, passed: 1 }]);
  });

  it('with a number that nobody could have counted to is set aside', async () => {
    await filled(open, file());
    altered(file(), `INSERT INTO triplet VALUES (${2n ** 53n - 1n}, 0, 0, 0, 2, '', '', '', 0)`);
    const { store, events } = await open(file());
    expect((await store.judge(attempt(-1), NOON, TIMINGS)).outcome).to.equal('new');
    expect(events.map(({ kind }) => kind)).to.deep.equal(['set-aside']);
  });

  it('is made where a link leads that has nothing at its end yet', async () => {
    symlinkSync('elsewhere.db', file());
    const { store } = await open(file());
    await store.judge(attempt(1), NOON, TIMINGS);
    expect(statSync(join(folder(), 'elsewhere.db')).size).to.be.above(0);
    expect(String(await rejection(open(join(folder(), 'elsewhere.db'))))).to.contain(
      'in use by another Postern',
    );
  });

  it('is not set aside for a figure of its statistics', async () => {
    await filled(open, file());
    altered(
      file(),
      `UPDATE day SET times = ${2n ** 63n - 1n}; INSERT INTO day VALUES (${2n ** 63n - 1n}, 'new', 1)`,
    );
    const { store, events } = await open(file());
    expect((await store.judge(attempt(-1), NOON, TIMINGS)).outcome).to.equal('new');
    await store.close();
    const { store: again } = await open(file());
    expect((await again.judge(attempt(7), NOON, TIMINGS)).outcome).to.equal('early');
    expect(await again.counts()).to.deep.equal([
      { day: NOON / DAY - 0.5, counts: { new: 2 ** 52, early: 1 } },
    ]);
    expect(events).to.deep.equal([]);
  });

  describe('leaves the new one who need not wait', () => {
    it('all of them, where the damage is elsewhere', async () => {
      const { store, events } = await open(file());
      await store.grant(host(1), null, NOON);
      await store.grant(host(2), NOON + SECOND, NOON);
      const earned = { ...attempt(1), proof: { subjects: [host(3)], ownsSender: false, mayCap: false } };
      const earning = { ...TIMINGS, allowAfter: 1 };
      await store.judge(earned, NOON, earning);
      await store.judge(earned, NOON + 60 * SECOND, earning);
      altered(file(), 'DROP TABLE key');
      await rejection(store.judge(attempt(2), NOON + 61 * SECOND, TIMINGS));
      await store.judge(attempt(2), NOON + 61 * SECOND, TIMINGS);
      const standings = await collected(store.standings(NOON + 61 * SECOND));
      expect(standings.map(({ value, granted }) => [value, granted])).to.have.deep.members([
        [host(1).value, true],
        [host(3).value, false],
      ]);
      const movedTo = `${file()}.corrupt-20261121T120101Z`;
      expect(events).to.deep.include({ kind: 'salvaged', from: movedTo, standings: 2 });
    });

    it('those on both sides of a damaged page', async () => {
      const { store: filling } = await open(file());
      for (let n = 0; n < 1000; n++) await filling.grant(host(n), null, NOON);
      await filling.close();
      overwriteLeaf(file(), 'standing');
      const { store, events } = await open(file());
      const found = await collected(store.standings(NOON));
      expect(found.length).to.be.within(900, 999);
      expect(events.at(-1)).to.include({ kind: 'salvaged', standings: found.length });
      expect(new Set(found.map(({ value }) => value)).size).to.equal(found.length);
    });

    it('later, where there is no room for them yet, also after the end of the process', async () => {
      const { store: filling } = await open(file());
      for (let n = 0; n < 1000; n++) await filling.grant(host(n), null, NOON);
      await filling.close();
      altered(file(), 'DROP TABLE key');
      const { store: full, events: outage } = await open(file(), { mostBytes: 60_000 });
      await full.close();
      expect(outage.map(({ kind, ...rest }) => [kind, 'cause' in rest ? rest.cause : ''])).to.deep.equal([
        ['set-aside', ''],
        ['trouble', 'full'],
      ]);
      const { store, events } = await open(file());
      expect(events.map(({ kind }) => kind)).to.deep.equal(['salvaged']);
      expect(await collected(store.standings(NOON))).to.have.length(1000);
      expect(readdirSync(folder())).not.to.include('postern.db-salvage');
    });

    it('but none whose bytes have turned', async () => {
      const { store: filling } = await open(file());
      await filling.grant(host(1), null, NOON);
      await filling.grant(host(2), null, NOON);
      await filling.grant(host(3), null, NOON);
      await filling.close();
      altered(file(), "UPDATE standing SET expires = 2910724285786080 WHERE subject = 'a192.0.2.3'");
      altered(
        file(),
        "UPDATE standing SET subject = 'a203.0.113.9' WHERE subject = 'a192.0.2.1'; DROP TABLE key",
      );
      const { store } = await open(file());
      expect((await collected(store.standings(NOON))).map(({ value }) => value)).to.deep.equal([
        host(2).value,
      ]);
    });
  });
});

describe('a greylist that cannot write', () => {
  const open = sqliteStores();
  const mount = smallDisk(() => folder());
  const folder = temporaryFolder();
  const file = (): string => join(folder(), 'postern.db');

  it('because its directory was away is its own alone again when that is back', async () => {
    const path = join(folder(), 'away/postern.db');
    mkdirSync(dirname(path));
    const { store, count } = await open(path);
    await store.judge(attempt(1), NOON, TIMINGS);
    rmSync(dirname(path), { recursive: true });
    await rejection(store.judge(attempt(2), NOON + 2 * SECOND, TIMINGS));
    mkdirSync(dirname(path));
    expect((await store.judge(attempt(2), NOON + 4 * SECOND, TIMINGS)).outcome).to.equal('new');
    expect(count('lost')).to.equal(1);
    expect(String(await rejection(open(path)))).to.contain('in use by another Postern');
  });

  it('into its log, which was removed, has all that it held in the file and its next log', async () => {
    const { store, events } = await open(file());
    await store.judge(attempt(1), NOON, TIMINGS);
    await store.judge(attempt(2), NOON + 2 * SECOND, TIMINGS);
    for (const suffix of ['-wal', '-shm']) rmSync(file() + suffix);
    await store.judge(attempt(3), NOON + 4 * SECOND, TIMINGS);
    const reader = new DatabaseSync(file(), { readOnly: true });
    const found = reader.prepare('SELECT sender FROM triplet').all();
    reader.close();
    expect(found).to.have.length(3);
    expect(events).to.deep.equal([]);
  });

  it('because its lock was removed and another has it now says so, and takes it again when that has ended', async () => {
    const { store, count } = await open(file());
    await store.judge(attempt(1), NOON, TIMINGS);
    rmSync(`${file()}-lock`);
    const other = await open(file());
    expect(String(await rejection(store.judge(attempt(2), NOON + 2 * SECOND, TIMINGS)))).to.contain(
      'in use by another Postern',
    );
    await other.store.close();
    expect((await store.judge(attempt(1), NOON + 60 * SECOND, TIMINGS)).outcome).to.equal('passed');
    expect(String(await rejection(open(file())))).to.contain('in use by another Postern');
    expect([count('lost'), count('recovered')]).to.deep.equal([0, 1]);
  });

  it('rejects new triplets while it is full, still knows the known, and comes back by itself', async () => {
    const { store, events } = await open(file(), { mostBytes: 100_000 });
    await store.judge(attempt(0), NOON, TIMINGS);
    await store.judge(attempt(0), NOON + 60 * SECOND, TIMINGS);
    let n = 1;
    let failure: unknown = null;
    while (failure === null)
      failure = await store.judge(attempt(n++), NOON, TIMINGS).then(() => null, String);
    const why = `can't use ${file()}: database or disk is full; make room on that disk: df -h ${folder()}`;
    expect(failure).to.equal(`StoreError: ${why}`);
    const later = await Promise.allSettled([
      store.judge(attempt(n), NOON, TIMINGS),
      store.judge(attempt(0), NOON + DAY, TIMINGS),
      store.judge(attempt(1), NOON, TIMINGS),
    ]);
    expect(later.map(({ status }) => status)).to.deep.equal(['rejected', 'fulfilled', 'fulfilled']);
    expect(events).to.deep.equal([{ kind: 'trouble', cause: 'full', why }]);
    expect(await expireAll(store, NOON + 3 * DAY)).to.be.above(100);
    expect((await store.judge(attempt(n), NOON, TIMINGS)).outcome).to.equal('new');
    expect((await store.judge(attempt(0), NOON + 2 * DAY, TIMINGS)).outcome).to.equal('known');
    expect(events.slice(1)).to.deep.equal([{ kind: 'recovered' }]);
  });

  it('lives through a real full disk', async function () {
    const disk = join(folder(), 'disk');
    mkdirSync(disk);
    if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'postern-spec', disk]).status !== 0)
      without(this, 'a full disk', 'root, to mount a small one');
    try {
      const { store, events } = await open(join(disk, 'postern.db'));
      const acknowledged: number[] = [];
      const failed: number[] = [];
      for (let n = 0; failed.length < 10; n++) {
        await store.judge(attempt(n), NOON, TIMINGS).then(
          () => acknowledged.push(n),
          () => failed.push(n),
        );
      }
      execFileSync('mount', ['-o', 'remount,size=8m', disk]);
      expect((await store.judge(attempt(-1), NOON, TIMINGS)).outcome).to.equal('new');
      expect(events.map(({ kind }) => kind)).to.deep.equal(['trouble', 'recovered']);
      const kept = await Promise.all(
        acknowledged.map((n) => store.judge(attempt(n), NOON + 60 * SECOND, TIMINGS)),
      );
      expect(kept.every(({ outcome }) => outcome === 'passed')).to.equal(true);
      await store.close();
    } finally {
      execFileSync('umount', ['-l', disk]);
    }
  });

  it('is begun, on a disk that has no room for the index of its log either, and works once there is', async function () {
    const disk = mount();
    if (disk === null) return this.skip();
    const path = join(disk, 'postern.db');
    const { store: first } = await open(path);
    await first.judge(attempt(1), NOON, TIMINGS);
    await first.close();
    const filler = join(disk, 'filler');
    spawnSync('sh', ['-c', 'cat /dev/zero > "$0"', filler]);
    const { store, events } = await open(path);
    expect(events).to.have.length(1);
    expect(events[0]).to.include({ kind: 'trouble', cause: 'full' });
    rmSync(filler);
    expect((await judgedAtLast(store, attempt(1), NOON + 60 * SECOND)).outcome).to.equal('passed');
  });

  it('rejects as busy, once the wait is over, while another program has it locked', async () => {
    const { store, events } = await open(file(), { busyTimeoutMs: 10 });
    const other = new DatabaseSync(file());
    other.exec('BEGIN IMMEDIATE');
    const rejected = await rejection(store.judge(attempt(1), NOON, TIMINGS));
    expect(rejected).to.include({
      ...{ name: 'StoreError', cause: 'busy' },
      message: `can't use ${file()}: database is locked; end the program that has it locked: fuser -v ${file()}`,
    });
    await rejection(store.judge(attempt(1), NOON, TIMINGS));
    other.exec('ROLLBACK');
    other.close();
    expect((await store.judge(attempt(1), NOON, TIMINGS)).outcome).to.equal('new');
    expect(events.map(({ kind }) => kind)).to.deep.equal(['trouble', 'recovered']);
  });

  it('rejects at the deadline when the disk does not answer, then at once, until it does', async () => {
    const { store, events } = await open(file(), { busyTimeoutMs: 5000, deadlineMs: 20 });
    const other = new DatabaseSync(file());
    other.exec('BEGIN IMMEDIATE');
    const both = [store.judge(attempt(1), NOON, TIMINGS), store.judge(attempt(2), NOON, TIMINGS)];
    for (const one of both) expect(await rejection(one)).to.include({ cause: 'busy' });
    expect(String(await rejection(store.judge(attempt(3), NOON, TIMINGS)))).to.include(
      `can't use ${file()}: its disk does not answer`,
    );
    other.exec('ROLLBACK');
    other.close();
    await judgedAtLast(store, attempt(4));
    expect(events.map(({ kind }) => kind)).to.deep.equal(['trouble', 'recovered']);
  });

  it('rejects who has waited too long for others, and goes on with the rest', async () => {
    const { store } = await open(file(), { mostWaitMs: 1 });
    await store.judge(attempt(1), NOON, TIMINGS);
    const crowd = Array.from({ length: 5000 }, (_, n) => store.judge(attempt(n), NOON, TIMINGS));
    // However slow or quick the machine is, the last of them has waited for thousands.
    const since = performance.now();
    while (performance.now() - since < 2);
    const ends = await Promise.allSettled(crowd);
    const late = ends.filter(({ status }) => status === 'rejected');
    expect(late).to.include(ends.at(-1));
    expect(late[0]).to.have.nested.property('reason.cause', 'busy');
    await judgedAtLast(store, attempt(5001));
    await store.close();
  });

  it('for a trigger of another program says so, goes on with the known, and back when that is gone', async () => {
    const { store, events } = await open(file());
    await store.judge(attempt(1), NOON, TIMINGS);
    await store.judge(attempt(1), NOON + 60 * SECOND, TIMINGS);
    await store.judge(attempt(2), NOON, TIMINGS);
    altered(file(), "CREATE TRIGGER theirs BEFORE INSERT ON triplet BEGIN SELECT RAISE(ABORT, 'no'); END");
    const refused = await rejection(store.judge(attempt(3), NOON + 61 * SECOND, TIMINGS));
    expect(refused).to.include({ name: 'StoreError', cause: 'foreign' });
    expect(String(refused)).to.contain(
      "no; a trigger or an index that is not Postern's keeps it from writing",
    );
    expect((await store.judge(attempt(1), NOON + 61 * SECOND, TIMINGS)).outcome).to.equal('known');
    altered(file(), 'DROP TRIGGER theirs');
    expect((await store.judge(attempt(3), NOON + 61 * SECOND, TIMINGS)).outcome).to.equal('new');
    expect(events.map(({ kind }) => kind)).to.deep.equal(['trouble', 'recovered']);
  });

  it('starts its thread again when that dies of a bug', async () => {
    const { store, events } = await open(file());
    await store.judge(attempt(1), NOON, TIMINGS);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a caller's bug that types would have found
    const wrong = { ...attempt(2), sender: {} as string };
    expect(await rejection(store.judge(wrong, NOON, TIMINGS))).to.include({
      name: 'StoreError',
      cause: 'io',
    });
    expect((await judgedAtLast(store, attempt(1), NOON + 60 * SECOND)).outcome).to.equal('passed');
    expect(events.map(({ kind }) => kind)).to.deep.equal(['trouble', 'recovered']);
  });

  /** Rights don't bind root: as nobody, whose the folder is then. */
  function opened(): string {
    const nobody = { uid: 65_534, gid: 65_534 };
    const isRoot = process.getuid?.() === 0;
    const child = spawnSync(process.execPath, ['--input-type=module', '--eval', SCRIPT, file()], {
      encoding: 'utf8',
      ...(isRoot ? nobody : {}),
    });
    return child.stdout;
  }

  function give(path: string): void {
    if (process.getuid?.() === 0) chownSync(path, 65_534, 65_534);
  }

  it('says at the start whose rights are missing where', () => {
    chmodSync(folder(), 0o555);
    const said = opened();
    chmodSync(folder(), 0o755);
    expect(said).to.match(
      /^read-only can't use .*postern\.db: .*; let user id \d+ write to it and to the directory/,
    );
  });

  it('says of a damaged file in a directory that is closed to us whose rights are missing', async () => {
    await (await open(file())).store.close();
    writeFileSync(file(), '\0'.repeat(8192));
    for (const path of [file(), `${file()}-lock`]) give(path);
    chmodSync(folder(), 0o555);
    const said = opened();
    chmodSync(folder(), 0o755);
    expect(said).to.match(
      /^corrupt \S+ is damaged \(.*\) and can't be renamed: .*; let user id \d+ write to it and to the directory/,
    );
  });

  for (const [whose, own] of [
    ['its own', true],
    ["root's", false],
  ] as const)
    it(`says at the start that ${whose} file may only be read, and what to type`, async function () {
      if (!own && process.getuid?.() !== 0) without(this, 'a file of root', 'root');
      await (await open(file())).store.close();
      give(folder());
      give(`${file()}-lock`);
      if (own) give(file());
      chmodSync(file(), own ? 0o440 : 0o644);
      const [, cure] =
        /^read-only can't use \S+: attempt to write a readonly database; as root: (.*)\n$/.exec(opened()) ??
        [];
      expect(cure).to.match(own ? /^chmod u\+rw \S+\/postern\.db / : /^chown 65534 \S+\/postern\.db$/);
      expect(spawnSync('sh', ['-c', cure!]).status).to.equal(0);
      expect(opened()).to.equal('');
    });

  it('says at the start that the file system is read-only', async function () {
    const disk = join(folder(), 'disk');
    mkdirSync(disk);
    if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'ro', 'postern-spec', disk]).status !== 0)
      without(this, 'a read-only file system', 'root, to mount one');
    try {
      const { store, events } = await open(join(disk, 'postern.db'));
      expect(events.map((event) => ('why' in event ? event.why : event.kind)).join())
        .to.match(/^can't use .*; the file system of .* is read-only: findmnt -T /)
        .and.contain('mount -o remount,rw');
      await store.close();
    } finally {
      execFileSync('umount', ['-l', disk]);
    }
  });
});

const SCRIPT = `
  import { openSqliteStore } from '${new URL('../../lib/greylist/sqlite-store.ts', import.meta.url).href}';
  await openSqliteStore(process.argv[1], { onEvent() {}, now: () => 0 })
    .then((store) => store.close(), (error) => console.log(error.cause, error.message));`;

/** A closed file of several hundred pages. */
async function filled(open: ReturnType<typeof sqliteStores>, file: string): Promise<void> {
  const { store } = await open(file);
  await Promise.all(Array.from({ length: 3000 }, (_, i) => store.judge(attempt(i), NOON, TIMINGS)));
  await store.close();
}

function host(n: number): Subject {
  return { kind: 'address', value: `192.0.${2 + (n >> 8)}.${n & 255}` };
}

/** Garbage in a leaf in the middle of a table. */
function overwriteLeaf(file: string, table: string): void {
  const db = new DatabaseSync(file, { readOnly: true, returnArrays: true });
  const leaves = db
    .prepare("SELECT pageno FROM dbstat WHERE name = ? AND pagetype = 'leaf' ORDER BY path")
    .all(table)
    .flat();
  db.close();
  const descriptor = openSync(file, 'r+');
  writeSync(descriptor, Buffer.alloc(4096, 0xa5), 0, 4096, (Number(leaves[leaves.length >> 1]) - 1) * 4096);
  closeSync(descriptor);
}

/** By another program. */
function altered(file: string, sql: string): void {
  const db = new DatabaseSync(file);
  db.exec(sql);
  db.close();
}

/** Garbage in all pages in the middle; the first, and those at the ends of the tables, stay. */
function overwritePages(file: string): void {
  const pages = statSync(file).size / 4096;
  const descriptor = openSync(file, 'r+');
  for (let page = 10; page < pages - 10; page++)
    writeSync(descriptor, Buffer.alloc(4096, 0xa5), 0, 4096, page * 4096);
  closeSync(descriptor);
}
