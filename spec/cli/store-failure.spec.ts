/** A disk that is really full, under the running service: mail goes on, the log says so, and it heals by itself. */

import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect } from 'chai';
import { postern, RunningPostern } from '../support/program.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { visit } from '../support/visit.ts';

const CLIENT = { client: '192.0.2.10', sender: '<alice@example.net>' };

describe('When the disk is full', function () {
  this.timeout(60_000);
  let disk: string | null = null;
  let running: RunningPostern | null = null;

  afterEach(async () => {
    await running?.stop('SIGKILL');
    running = null;
    if (disk !== null) spawnSync('umount', ['-l', disk]);
    disk = null;
  });
  // Its own hook comes after ours: what is mounted can't be removed.
  const folder = temporaryFolder();

  /** A file system of 2 MB, in memory. */
  function smallDisk(): string | null {
    const path = join(folder(), 'disk');
    mkdirSync(path);
    if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', path]).status !== 0) return null;
    disk = path;
    return path;
  }

  function fill(path: string): void {
    for (const size of [65_536, 4096, 512]) {
      for (let n = 0; ; n++) {
        try {
          writeFileSync(join(path, `filler-${size}-${n}`), Buffer.alloc(size));
        } catch {
          break;
        }
      }
    }
  }

  function empty(path: string): void {
    spawnSync('sh', ['-c', 'rm -f "$0"/filler-*', path]);
  }

  async function hears(service: RunningPostern, recipient: string): Promise<string | null> {
    return visit(await service.connect(), { ...CLIENT, recipient: `<${recipient}@example.org>` });
  }

  for (const [setting, expected] of [
    ['accept', null],
    ['tempfail', '451 4.3.0 Greylisting is not available, please try again later'],
  ] as const) {
    it(`on_store_failure: ${setting} decides about unknown mail, until there is room again`, async function () {
      const path = smallDisk();
      if (path === null) {
        if (process.env['CI'] === 'true') throw new Error('no tmpfs could be mounted');
        console.log('a full disk is not tested: needs root, to mount a small file system');
        return this.skip();
      }
      const config = join(folder(), 'postern.yaml');
      writeFileSync(
        config,
        `listen: unix:${folder()}/s\nstore: sqlite:${path}/p.db\non_store_failure: ${setting}\nlog: { format: json }\n`,
      );
      const service = await RunningPostern.start(config);
      running = service;
      expect(await hears(service, 'before')).to.match(/^451 4\.7\.1 Greylisted/);
      fill(path);
      let number = 0;
      let heard: string | null = '451 4.7.1 Greylisted';
      // What is left in SQLite's own log file may take a few triplets more.
      while (heard?.startsWith('451 4.7.1') === true && number < 5000)
        heard = await hears(service, `during${number++}`);
      expect(heard).to.equal(expected);
      const trouble = await service.logged(({ event }) => event === 'store-trouble');
      expect(trouble['msg'])
        .to.match(/full/)
        .and.contain(setting === 'accept' ? 'mail is not greylisted' : 'try later');
      const line = await service.logged(({ event, level }) => event === 'recipient' && level === 'warn');
      expect(line).to.include({ verdict: setting, rule: 'greylist' });
      await hears(service, 'again');
      expect(
        service.log.filter(({ event }) => event === 'store-trouble'),
        'said once',
      ).to.have.length(1);
      empty(path);
      const from = service.log.length;
      while (!service.log.slice(from).some(({ event }) => event === 'store-recovered'))
        await hears(service, `after${number++}`);
      expect(await hears(service, 'after')).to.match(/^451 4\.7\.1 Greylisted/);
      expect(await hears(service, 'before')).to.match(/^451 4\.7\.1 Greylisted/);
    });
  }
});

describe('When the disk can not be written at the start', function () {
  this.timeout(60_000);
  let disk: string | null = null;
  let running: RunningPostern | null = null;

  afterEach(async () => {
    await running?.stop('SIGKILL');
    running = null;
    if (disk !== null) spawnSync('umount', ['-l', disk]);
    disk = null;
  });
  const folder = temporaryFolder();

  for (const [trouble, spoil, mend] of [
    ['full', 'dd if=/dev/zero of="$0/filler" bs=512 2>/dev/null', 'rm "$0/filler"'],
    ['read-only', 'mount -o remount,ro "$0"', 'mount -o remount,rw "$0"'],
  ] as const) {
    it(`(${trouble}) mail comes in all the same, and greylisting begins once it can`, async function () {
      const path = join(folder(), 'disk');
      mkdirSync(path);
      if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', path]).status !== 0) {
        if (process.env['CI'] === 'true') throw new Error('no tmpfs could be mounted');
        console.log('a disk that can not be written at the start is not tested: needs root, to mount one');
        return this.skip();
      }
      disk = path;
      const config = join(folder(), 'postern.yaml');
      writeFileSync(
        config,
        `listen: unix:${folder()}/s\nstore: sqlite:${path}/p.db\nlog: { format: json }\n`,
      );
      spawnSync('sh', ['-c', spoil, path]);
      running = await RunningPostern.start(config);
      const service = running;
      let number = 0;
      const hears = async (): Promise<string | null> =>
        visit(await service.connect(), { ...CLIENT, recipient: `<r${number++}@example.org>` });
      expect(await hears()).to.equal(null);
      await service.logged(({ event }) => event === 'store-trouble');
      spawnSync('sh', ['-c', mend, path]);
      while ((await hears()) === null) await new Promise((resolve) => setImmediate(resolve));
      await service.logged(({ event }) => event === 'store-recovered');
    });
  }
});

describe('When a value in the database can not have been written by us', function () {
  this.timeout(20_000);
  let running: RunningPostern | null = null;

  afterEach(async () => {
    await running?.stop('SIGKILL');
    running = null;
  });
  const folder = temporaryFolder();

  it('the database is set aside at the next look, and mail goes on with a new one', async () => {
    const config = join(folder(), 'postern.yaml');
    writeFileSync(
      config,
      `listen: unix:${folder()}/s\nstore: sqlite:${folder()}/p.db\nlog: { format: json }\n`,
    );
    running = await RunningPostern.start(config);
    const service = running;
    const hears = async (recipient: string): Promise<string | null> =>
      visit(await service.connect(), { ...CLIENT, recipient: `<${recipient}@example.org>` });
    await hears('bob');
    const forger = new DatabaseSync(join(folder(), 'p.db'));
    forger.exec('UPDATE triplet SET first = 9223372036854775807');
    forger.close();
    expect(await hears('bob')).to.equal('451 4.7.1 Greylisted, please try again in 60 seconds');
    const line = await service.logged(({ event }) => event === 'store-set-aside');
    expect(String(line['moved_to'])).to.contain('p.db.corrupt-');
    expect(postern(['greylist', 'list', '--config', config]).stdout).to.contain('bob@example.org');
  });
});

describe('When the database is deleted under the running service', function () {
  this.timeout(20_000);
  let running: RunningPostern | null = null;

  afterEach(async () => {
    await running?.stop('SIGKILL');
    running = null;
  });
  const folder = temporaryFolder();

  it('the log says so, and a new one is begun that is there after a restart', async () => {
    const config = join(folder(), 'postern.yaml');
    const store = join(folder(), 'p.db');
    writeFileSync(config, `listen: unix:${folder()}/s\nstore: sqlite:${store}\nlog: { format: json }\n`);
    running = await RunningPostern.start(config);
    const service = running;
    const hears = async (recipient: string): Promise<string | null> =>
      visit(await service.connect(), { ...CLIENT, recipient: `<${recipient}@example.org>` });
    await hears('before');
    for (const suffix of ['', '-wal', '-shm', '-lock']) rmSync(store + suffix, { force: true });
    let number = 0;
    while (!service.log.some(({ event }) => event === 'store-lost')) await hears(`during${number++}`);
    expect(await hears('after')).to.match(/^451 4\.7\.1 Greylisted/);
    expect(postern(['greylist', 'list', '--rcpt', 'after@', '--config', config]).stdout).to.contain(
      'after@example.org',
    );
    expect(postern(['run', '--config', config]).stderr).to.contain('in use by another Postern');
  });
});

describe('When another program has locked the database', function () {
  // The promise is an answer within 8 s, start and stop of the service not counted.
  this.timeout(20_000);
  let running: RunningPostern | null = null;
  let intruder: DatabaseSync | null = null;

  afterEach(async () => {
    intruder?.close();
    intruder = null;
    await running?.stop('SIGKILL');
    running = null;
  });
  const folder = temporaryFolder();

  it('mail is answered all the same, and greylisted again once the lock is gone', async () => {
    const config = join(folder(), 'postern.yaml');
    writeFileSync(
      config,
      `listen: unix:${folder()}/s\nstore: sqlite:${folder()}/p.db\nlog: { format: json }\n`,
    );
    const service = await RunningPostern.start(config);
    running = service;
    const hears = async (recipient: string): Promise<string | null> =>
      visit(await service.connect(), { ...CLIENT, recipient: `<${recipient}@example.org>` });
    intruder = new DatabaseSync(join(folder(), 'p.db'));
    intruder.exec('BEGIN IMMEDIATE');
    expect(await hears('during')).to.equal(null);
    await service.logged(({ event }) => event === 'store-trouble');
    intruder.exec('ROLLBACK');
    expect(await hears('after')).to.match(/^451 4\.7\.1 Greylisted/);
    await service.logged(({ event }) => event === 'store-recovered');
  });
});
