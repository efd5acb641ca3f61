/** What happens to the database under the running service: mail goes on, the log says so, and it heals by itself. */

import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect } from 'chai';
import { postern, type Ran } from '../support/program.ts';
import { serviceUnderTest } from '../support/service-under-test.ts';
import { smallDisk } from '../support/small-disk.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const GREYLISTED = /^451 4\.7\.1 Greylisted/;

/** To the last byte. */
function fill(directory: string): void {
  for (const size of [65_536, 4096, 512]) {
    for (let n = 0; ; n++) {
      try {
        writeFileSync(join(directory, `filler-${size}-${n}`), Buffer.alloc(size));
      } catch {
        break;
      }
    }
  }
}

function empty(directory: string): void {
  spawnSync('sh', ['-c', 'rm -f "$0"/filler-*', directory]);
}

function remount(directory: string, how: 'ro' | 'rw'): void {
  spawnSync('mount', ['-o', `remount,${how}`, directory]);
}

/** A command of the service that runs with this config. */
function ask(configFile: string, ...words: readonly string[]): Ran {
  return postern(words, { STATE_DIRECTORY: dirname(configFile) });
}

/** What the service says of its store. */
function failing(configFile: string): object | null {
  const { stdout } = ask(configFile, 'top', '--json');
  const view = JSON.parse(stdout) as { status: { storeTrouble: object | null } };
  return view.status.storeTrouble;
}

/** What explain says besides the decision, a line each. */
function notes(configFile: string): string {
  const words = '--client 192.0.2.10 --ptr none --from a@example.net --rcpt b@example.org'.split(' ');
  const { stdout } = ask(configFile, 'explain', '--config', configFile, '--json', ...words);
  return (JSON.parse(stdout) as { notes: string[] }).notes.join('\n');
}

// The hooks of a test's end run in the order in which these are called.
describe('The database of a running service', function () {
  // The promise is an answer within 8 s, start and stop of the service not counted.
  this.timeout(60_000);
  const start = serviceUnderTest(() => folder());
  const mount = smallDisk(() => folder());
  const folder = temporaryFolder();

  for (const [setting, expected] of [
    ['accept', null],
    ['tempfail', '451 4.3.0 Greylisting is not available, please try again later'],
  ] as const) {
    it(`whose disk is full: on_store_failure: ${setting} decides about unknown mail, until there is room`, async function () {
      const directory = mount();
      if (directory === null) return this.skip();
      const { service, hears } = await start({ directory, settings: `on_store_failure: ${setting}` });
      expect(await hears('before')).to.match(GREYLISTED);
      fill(directory);
      let number = 0;
      let heard: string | null = '451 4.7.1 Greylisted';
      // What is left in SQLite's own log file may take a few triplets more.
      while (heard?.startsWith('451 4.7.1') === true && number < 5000)
        heard = await hears(`during${number++}`);
      expect(heard).to.equal(expected);
      const trouble = await service.logged(({ event }) => event === 'store-trouble');
      expect(trouble['msg'])
        .to.match(/full/)
        .and.contain(setting === 'accept' ? 'mail is not greylisted' : 'try later');
      const line = await service.logged(({ event, level }) => event === 'recipient' && level === 'warn');
      expect(line).to.include({ verdict: setting, rule: 'greylist' });
      await hears('again');
      expect(
        service.log.filter(({ event }) => event === 'store-trouble'),
        'said once',
      ).to.have.length(1);
      empty(directory);
      const from = service.log.length;
      while (!service.log.slice(from).some(({ event }) => event === 'store-recovered'))
        await hears(`after${number++}`);
      expect(await hears('after')).to.match(GREYLISTED);
      expect(await hears('before')).to.match(GREYLISTED);
    });
  }

  for (const [trouble, spoil, mend] of [
    ['full', fill, empty],
    [
      'read-only',
      (directory: string): void => remount(directory, 'ro'),
      (directory: string): void => remount(directory, 'rw'),
    ],
  ] as const) {
    it(`whose disk is ${trouble} at the start: mail comes in all the same, and greylisting begins once it can`, async function () {
      const directory = mount();
      if (directory === null) return this.skip();
      spoil(directory);
      const { service, hears } = await start({ directory });
      let number = 0;
      expect(await hears('first')).to.equal(null);
      const { msg } = await service.logged(({ event }) => event === 'store-trouble');
      const line = await service.logged(({ event }) => event === 'recipient');
      const [, cause] = /^greylist store: (can't use .*); until /.exec(String(msg)) ?? [];
      expect(line['reason'], 'not that it is tried again').to.equal(`greylist not available: ${cause}`);
      mend(directory);
      while ((await hears(`r${number++}`)) === null) await new Promise((resolve) => setImmediate(resolve));
      await service.logged(({ event }) => event === 'store-recovered');
    });
  }

  it('on a read-only disk, where no service runs: what is typed is told where, why and the cure, also as JSON', async function () {
    const directory = mount();
    if (directory === null) return this.skip();
    const { service, hears, configFile } = await start({ directory });
    await hears('bob');
    await service.stop();
    remount(directory, 'ro');
    for (const words of [
      ['allow', '192.0.2.9'],
      ['release', '--all'],
      ['forget', '--all'],
    ]) {
      const typed = (...more: string[]): Ran =>
        ask(configFile, 'greylist', ...words, '--config', configFile, ...more);
      const { status, stdout, stderr } = typed();
      expect([status, stdout], words.join(' ')).to.deep.equal([1, '']);
      expect(stderr, words.join(' ')).to.match(
        /^postern: can't use .*p\.db: .*; the file system of .*disk is read-only: .*mount it read-write.*\n$/,
      );
      const told = typed('--json');
      expect([told.status, told.stderr], words.join(' ')).to.deep.equal([1, '']);
      expect(JSON.parse(told.stdout)).to.deep.equal({ ok: false, why: stderr.trim().slice(9) });
    }
  });

  it('in which a value can not have been written by us is set aside at the next look, and a new one begun', async () => {
    const { service, hears, configFile, databaseFile } = await start();
    await hears('bob');
    ask(configFile, 'greylist', 'allow', 'example.com');
    const forger = new DatabaseSync(databaseFile);
    forger.exec('UPDATE triplet SET first = 9223372036854775807');
    forger.close();
    expect(await hears('bob')).to.equal('451 4.7.1 Greylisted, please try again in 60 seconds');
    const line = await service.logged(({ event }) => event === 'store-set-aside');
    expect(String(line['moved_to'])).to.contain('p.db.corrupt-');
    expect(postern(['greylist', 'list', '--config', configFile]).stdout).to.contain('bob@example.org');
    const { msg } = await service.logged(({ event }) => event === 'store-salvaged');
    expect(msg).to.match(
      / 2 hosts and domains could be saved that need not wait \(postern greylist allow shows them\)$/,
    );
    expect(ask(configFile, 'greylist', 'allow').stdout).to.contain('example.com');
  });

  it('that is deleted: the log says so, and a new one is begun that is there after a restart', async () => {
    const { service, hears, configFile, databaseFile } = await start();
    await hears('before');
    for (const suffix of ['', '-wal', '-shm', '-lock']) rmSync(databaseFile + suffix, { force: true });
    let number = 0;
    while (!service.log.some(({ event }) => event === 'store-lost')) await hears(`during${number++}`);
    expect(await hears('after')).to.match(GREYLISTED);
    expect(postern(['greylist', 'list', '--rcpt', 'after@', '--config', configFile]).stdout).to.contain(
      'after@example.org',
    );
    expect(postern(['run', '--config', configFile]).stderr).to.contain('in use by another Postern');
  });

  it('that another program has locked: mail is answered all the same, and greylisted again without the lock', async () => {
    const { service, hears, databaseFile, configFile } = await start();
    const intruder = new DatabaseSync(databaseFile);
    try {
      intruder.exec('BEGIN IMMEDIATE');
      expect(await hears('during')).to.equal(null);
      await service.logged(({ event }) => event === 'store-trouble');
      expect(failing(configFile)).to.include({ meanwhile: 'mail is not greylisted' });
      for (const words of [['list'], ['stats', '--json']])
        expect(ask(configFile, 'greylist', ...words).stderr, words.join(' ')).to.match(
          /^postern: mail is not greylisted: the greylist store of the running service fails since /,
        );
      expect(notes(configFile)).to.match(
        /^mail is not greylisted: .* fails since .*; what the greylist says below holds when it works again$/m,
      );
      intruder.exec('ROLLBACK');
      expect(await hears('after')).to.match(GREYLISTED);
      await service.logged(({ event }) => event === 'store-recovered');
      expect(failing(configFile)).to.equal(null);
      expect(notes(configFile)).not.to.contain('fails');
      expect(ask(configFile, 'greylist', 'list').stderr).to.equal('');
    } finally {
      intruder.close();
    }
  });
});
