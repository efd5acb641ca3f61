/** The administrator's hands on the greylist: list, show, release, allow, forget, stats, while the service runs and while none does. */

import {
  chmodSync,
  cpSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect } from 'chai';
import { openSqliteStore } from '../../lib/greylist/sqlite-store.ts';
import type { Attempt } from '../../lib/greylist/triplet.ts';
import { run } from '../../lib/cli/greylist.ts';
import { UsageError } from '../../lib/cli/usage.ts';
import { rejection } from '../greylist/scratch.ts';
import { killedAfterwards } from '../support/killed-afterwards.ts';
import { MAIN, postern, RunningPostern, type Ran } from '../support/program.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { visit } from '../support/visit.ts';

const GREYLISTED = /^451 4\.7\.1 Greylisted/;
const TIMINGS = { delayMs: 60_000, windowMs: 172_800_000, lifetimeMs: 3_110_400_000, allowAfter: 5 };

describe('The hands on the greylist', function () {
  this.timeout(60_000);
  const folder = temporaryFolder();
  const killed = killedAfterwards();
  let running: RunningPostern;

  const file = (name: string): string => join(folder(), name);

  function config(lines = '', store = `sqlite:${file('p.db')}`): string {
    writeFileSync(
      file('postern.yaml'),
      `listen: unix:${folder()}/s\nlog: { format: json }\nstore: ${store}\n${lines}\n`,
    );
    return file('postern.yaml');
  }

  async function start(lines = '', store?: string): Promise<RunningPostern> {
    running = killed(await RunningPostern.start(config(lines, store)));
    await running.logged(({ event }) => event === 'started');
    return running;
  }

  /** Of the service of this folder, if one runs; else of its config. */
  function greylist(...words: readonly string[]): Ran {
    return postern(['greylist', ...words], {
      STATE_DIRECTORY: folder(),
      POSTERN_CONFIG: file('postern.yaml'),
    });
  }

  function printed(...words: readonly string[]): unknown {
    return JSON.parse(greylist(...words, '--json').stdout);
  }

  async function hears(sender: string, client = '192.0.2.10', recipient = 'bob'): Promise<string | null> {
    return visit(await running.connect(), {
      client,
      sender: `<${sender}@example.net>`,
      recipient: `<${recipient}@example.org>`,
    });
  }

  const attempt = (n: number, differs: Partial<Attempt> = {}): Attempt => ({
    origins: [{ kind: 'network', value: '192.0.2.0/24' }],
    sender: `alice${n}@example.net`,
    recipient: 'bob@example.org',
    ...differs,
  });

  /** A database as a stopped service leaves it: alice1 waits, alice2 has passed after 305 s, and has one of 5 earned; Google came. */
  async function stored(): Promise<void> {
    config();
    const now = Date.now();
    const store = await openSqliteStore(file('p.db'), { onEvent: () => {}, now: Date.now, rounds: null });
    const spf = { kind: 'spf', value: 'example.net' } as const;
    const proof = {
      subjects: [{ kind: 'address', value: '192.0.2.10' } as const, spf],
      ownsSender: true,
      mayCap: true,
    };
    const two = attempt(2, { origins: [spf, { kind: 'network', value: '198.51.100.0/24' }], proof });
    await store.judge(two, now - 310_000, TIMINGS);
    await store.judge(two, now - 5000, TIMINGS);
    await store.judge(attempt(1), now, TIMINGS);
    await store.judge(attempt(3, { proof: { ...proof, provider: 'google' } }), now, TIMINGS);
    await store.learn([{ sender: 'carol@example.net', recipient: 'bob@example.org' }], now + 86_400_000, now);
    await store.close();
  }

  for (const [where, store] of [
    ['a database', undefined],
    ['its memory', 'memory'],
  ] as const)
    it(`of a service with ${where}: whatever is typed is done at once, and seen`, async () => {
      await start('greylist: { delay: 5m }', store);
      for (const sender of ['alice', 'eve', 'eve']) expect(await hears(sender)).to.match(GREYLISTED);
      expect(greylist('show', 'alice@example.net').stdout)
        .to.match(/^allowed +nobody of these$/m)
        .and.match(/^ {2}waiting +alice@example\.net to bob@example\.org$/m)
        .and.match(/gets in from 20.* \(in (?:29\d|300) s\), until/)
        .and.contain('to let in what waits: postern greylist release --sender alice@example.net\n');
      expect(greylist('release', '--sender', 'alice@example.net')).to.deep.equal({
        status: 0,
        stdout:
          'released 1 triplet: its next try from network 192.0.2.0/24 gets in at once, and once from elsewhere if nothing speaks against the client\n',
        stderr: '',
      });
      expect(greylist('show', 'alice@example.net').stdout).to.match(
        /^ {2}released  alice@example\.net to bob@example\.org\n(?:.*\n)*.* gets in at its next try, until/m,
      );
      expect(greylist('list', '--state', 'passed').stdout).to.match(/^released +\d.* alice@example\.net /m);
      expect(printed('list', '--state', 'passed')).to.include({ state: 'passed', released: true });
      expect(greylist('stats').stdout).to.match(/^ {2}passed +1\n {2}released +1 {3}\(of those that passed/m);
      expect(await hears('alice')).to.equal(null);
      expect(await hears('eve')).to.match(GREYLISTED);
      expect(greylist('release', '--sender', 'alice@example.net')).to.deep.equal({
        ...{ status: 1, stdout: '', stderr: 'no waiting triplet fits\n' },
      });
      const stats = printed('stats') as { did: { all: object } };
      expect(stats).to.include({ triplets: 2, waiting: 1, passed: 1 });
      expect(stats.did.all).to.include({ new: 2, released: 1 });
      // A database has later tries a second later.
      if (store === 'memory') {
        expect(stats).to.include({ released: 0 });
        expect(stats.did.all).to.include({ early: 2, passed: 1, known: 0 });
      }
      greylist('allow', '192.0.2.10');
      expect(await hears('eve')).to.equal(null);
      const shown = printed('show', '192.0.2.10') as {
        standings: object[];
        triplets: { getsIn: string | null }[];
      };
      expect(shown).to.include({ allowed: true });
      expect(shown.standings).to.have.length(1);
      expect(shown.standings[0]).to.include({ kind: 'address', granted: true, until: null });
      expect(shown.triplets.map(({ getsIn }) => getsIn === null)).to.deep.equal([true, false]);
      expect(printed('forget', '--all')).to.deep.equal({ ok: true, forgotten: 2, answers: 0 });
      expect(greylist('list', '--json')).to.deep.equal({
        status: 0,
        stdout: '',
        stderr: 'no triplet fits\n',
      });
      await running.logged(({ count }) => count === 2);
      const lines = running.log.filter(({ event }) => event === 'greylist-changed');
      expect(lines.map(({ msg }) => msg)).to.deep.equal([
        'greylist: 1 released (sender alice@example.net, state waiting) (postern greylist)',
        'greylist: 192.0.2.10 allowed for ever (postern greylist)',
        'greylist: 2 forgotten (all) (postern greylist)',
      ]);
    });

  it('release: all, and forget: one of several; as JSON, with 1 where there is none', async () => {
    await start();
    for (const sender of ['alice', 'eve']) await hears(sender);
    const origins = [{ kind: 'network', value: '192.0.2.0/24' }];
    expect(printed('release', '--all')).to.deep.equal({ ok: true, released: 2, origins });
    expect(printed('release', '--all')).to.deep.equal({ ok: false, released: 0, origins: [] });
    expect(greylist('forget', '--sender', 'alice@', '--rcpt', 'bob@example.org').stdout).to.equal(
      'forgot 1 triplet: the next try is a first one\n',
    );
    expect(await hears('alice')).to.match(GREYLISTED);
    expect(await hears('eve')).to.equal(null);
    expect(greylist('forget', '--sender', 'nobody@')).to.deep.equal({
      ...{ status: 1, stdout: '', stderr: 'no triplet fits, and no answer to mail of ours\n' },
    });
    expect(greylist('forget', '--client', '203.0.113.9').stderr).to.equal('no triplet fits\n');
  });

  it('allow: networks of its own prefix, for a time, and no more', async () => {
    await start('greylist: { ipv4_prefix: 16 }');
    expect(greylist('allow', '198.51.0.0/15')).to.include({ status: 2, stdout: '' });
    expect(printed('allow', '198.18.0.0/15', '--for', '30d')).to.deep.include({
      allowed: [
        { kind: 'network', value: '198.18.0.0/16' },
        { kind: 'network', value: '198.19.0.0/16' },
      ],
    });
    expect(await hears('eve', '198.19.7.9')).to.equal(null);
    expect(await hears('eve', '198.20.7.9')).to.match(GREYLISTED);
    expect(greylist('allow').stdout).to.match(
      /^network +198\.18\.0\.0\/15 as 2 networks of \/16 +granted, until \d{4}-.*\n$/,
    );
    expect(greylist('allow', '--json').stdout.trim().split('\n')).to.have.length(2);
    expect(greylist('allow', '198.18.0.0/15', '--remove').stdout).to.match(
      /^delayed again:\n {2}network +198\.18\.0\.0\/15 as 2 networks of \/16\n$/,
    );
    expect(await hears('eve', '198.19.7.9')).to.match(GREYLISTED);
    expect(greylist('allow', '198.18.0.0/15', '--remove')).to.deep.equal({
      ...{ status: 1, stdout: '', stderr: '198.18.0.0/15 was not allowed, and had earned nothing\n' },
    });
    expect(greylist('allow').stderr).to.equal('nobody is allowed\n');
  });

  it('while mail flows: each of many orders is carried out, and mail is judged all the time', async () => {
    await start();
    let mails = 0;
    const wanted = Array.from({ length: 6 }, (_, n) => `wanted${n}`);
    let left = 2;
    const heard = new Set<string | null>();
    const isUnderWay = (): boolean => left > 0;
    const mail = async (): Promise<void> => {
      while (isUnderWay()) heard.add(await hears(`flow${mails++}`));
    };
    const order = async (sender: string): Promise<number | null> => {
      await hears(sender);
      const words = [MAIN, 'greylist', 'release', '--sender', `${sender}@example.net`];
      const child = spawn(process.execPath, words, { env: { ...process.env, STATE_DIRECTORY: folder() } });
      const [status] = (await once(child, 'exit')) as [number | null];
      return status;
    };
    const statuses: (number | null)[] = [];
    const types = async (senders: readonly string[]): Promise<void> => {
      for (const sender of senders) statuses.push(await order(sender));
      left--;
    };
    await Promise.all([types(wanted.slice(3)), types(wanted.slice(0, 3)), mail(), mail()]);
    expect(statuses).to.deep.equal([0, 0, 0, 0, 0, 0]);
    for (const sender of wanted) expect(await hears(sender), sender).to.equal(null);
    expect([...heard]).to.deep.equal(['451 4.7.1 Greylisted, please try again in 60 seconds']);
    expect(greylist('list', '--json', '--sender', 'flow').stdout.trim().split('\n')).to.have.length(mails);
  });

  describe('where no service runs', () => {
    it('is changed in its database, as the service finds it then', async () => {
      await stored();
      expect(greylist('release', '--sender', 'alice1@example.net').status).to.equal(0);
      expect(greylist('allow', '203.0.113.7').status).to.equal(0);
      await start();
      expect(await hears('alice1', '192.0.2.99')).to.equal(null);
      expect(await hears('other', '203.0.113.7')).to.equal(null);
      expect(await hears('other', '203.0.113.8')).to.match(GREYLISTED);
    });

    it('show: a pair, a domain, and who may answer', async () => {
      await stored();
      const pair = greylist('show', 'alice2@example.net', 'bob@example.org');
      expect(pair.status).to.equal(0);
      expect(pair.stdout)
        .to.match(/SPF domain +example\.net +not yet: 1 of 5 triplets have passed, counting one an hour/)
        .and.match(/gets in, after 305 s; is forgotten at/);
      expect(greylist('show', 'alice2@example.net', 'carol@example.org').stdout).to.contain('triplets  0');
      const domain = printed('show', 'example.net') as {
        triplets: object[];
        answers: object[];
        standings: object[];
      };
      expect(domain.triplets).to.have.length(2);
      expect(domain.answers[0]).to.include({ sender: 'carol@example.net', recipient: 'bob@example.org' });
      expect(domain.standings[0]).to.include({ kind: 'spf', count: 1, allowed: false });
      const network = printed('show', '198.51.0.0/16') as {
        triplets: { sender: string }[];
        standings: object[];
      };
      expect(network.triplets.map(({ sender }) => sender)).to.deep.equal(['alice2@example.net']);
      expect(greylist('allow', '--all').stdout).to.match(/^SPF domain +example\.net +not yet: 1 of 5/m);
      expect(greylist('allow').stderr).to.equal('nobody is allowed\n');
    });

    it('show: from when on a try gets in, also where rules have delays of their own', async () => {
      await stored();
      const policy = 'policy: [{ when: { ptr: generic }, then: greylist 10m }, greylist delay=30m, greylist]';
      config(`greylist: { delay: 5m }\n${policy}`);
      const { triplets } = printed('show', 'alice1@example.net') as {
        triplets: { first: string; getsIn: string }[];
      };
      expect(Date.parse(triplets[0]!.getsIn) - Date.parse(triplets[0]!.first)).to.equal(1_800_000);
      const [, soonest, latest] =
        /gets in from (\S+ \S+ \S+) or, by the delay of its rule, (\S+ \S+ \S+) at the latest/
          .exec(greylist('show', 'alice1@example.net').stdout)!
          .map((text) => Date.parse(text));
      expect(latest! - soonest!).to.equal(1_500_000);
    });

    it('stats: delays, and what each origin cost', async () => {
      await stored();
      const stats = printed('stats') as {
        delays: { median: number; buckets: object[] };
        costliest: object[];
        busiest: object[];
      };
      expect(stats.delays.median).to.equal(305);
      expect(stats.delays.buckets).to.deep.include({ belowSeconds: 600, triplets: 1 });
      expect(stats.costliest).to.deep.include({
        ...{ kind: 'spf', value: 'example.net', triplets: 1, passed: 1, once: 0 },
        ...{ delaySeconds: 305, medianDelaySeconds: 305 },
      });
      expect(stats.busiest).to.deep.include({
        ...{ kind: 'network', value: '192.0.2.0/24', triplets: 1, passed: 0, once: 1 },
        ...{ delaySeconds: 0, medianDelaySeconds: null },
      });
      expect(greylist('stats').stdout)
        .to.match(/^kept waiting, of 1 triplet that passed: median 305 s, 95 % within 305 s$/m)
        .and.match(/^ +1 +1 +0 +305 s +305 s +spf example\.net$/m)
        .and.match(/^deferred, for the first time +[12] +2 +2$/m)
        .and.match(/^large providers, let in at once +1 +1 +1$/m)
        .and.match(/^ {2}google +1 +1 +1$/m);
      expect(printed('stats', '--since', '1m')).to.include({ triplets: 1, waiting: 1 });
      expect(printed('stats', '--since', '2020-01-01'))
        .to.have.property('triplets')
        .above(1);
      expect(greylist('stats', '--since', '2020-01-01').stdout).to.match(
        /^triplets .* {3}\(first seen since 2020-01-01 00:00:00 [+-]\d{4}\)$/m,
      );
    });

    it('says so where there is nothing to change, and makes no file', async () => {
      config('', 'memory');
      for (const words of [['release', '--all'], ['list']]) {
        const { status, stdout, stderr } = greylist(...words);
        expect([status, stdout], words.join(' ')).to.deep.equal([1, '']);
        expect(stderr).to.match(/store: memory is .*no service of Postern answers at .*\n$/);
      }
      config();
      for (const words of [['allow', '192.0.2.1'], ['stats']]) {
        const { status, stderr } = greylist(...words);
        expect(status, words.join(' ')).to.equal(1);
        expect(stderr).to.match(
          /^postern: there is no .*p\.db: the service makes it .*: systemctl start postern .*--config FILE\n$/,
        );
      }
      expect(() => statSync(file('p.db'))).to.throw('ENOENT');
    });

    it('leaves a damaged database as it is, and says what is wrong', async () => {
      await stored();
      const bytes = readFileSync(file('p.db'));
      bytes.fill(0x5a, 4096);
      writeFileSync(file('p.db'), bytes);
      for (const words of [
        ['release', '--all'],
        ['allow', '192.0.2.1'],
        ['show', '192.0.2.1'],
      ]) {
        const { status, stderr } = greylist(...words);
        expect(status, words.join(' ')).to.equal(1);
        expect(stderr, words.join(' ')).to.match(
          /^postern: can't read .*p\.db: .*sets the file aside .*: systemctl restart postern\n$/,
        );
        const why = stderr.trim().replace('postern: ', '');
        expect(printed(...words), words.join(' ')).to.deep.equal({ ok: false, why });
      }
      expect(readFileSync(file('p.db')).equals(bytes)).to.equal(true);
      writeFileSync(file('p.db'), bytes.fill(0x5a));
      const words = '--client 192.0.2.10 --ptr none --from a@example.net --rcpt b@example.org'.split(' ');
      const explained = postern(['explain', '--json', '--config', file('postern.yaml'), ...words]);
      expect([explained.status, explained.stderr]).to.deep.equal([1, '']);
      expect(JSON.parse(explained.stdout))
        .to.include({ ok: false })
        .and.have.property('why')
        .that.matches(/p\.db: .*systemctl restart postern$/);
    });

    it('sets one aside whose damage only a change meets, and says what went with it and what was saved', async () => {
      await stored();
      const db = new DatabaseSync(file('p.db'));
      const { rootpage } = db.prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'key'").get()!;
      db.close();
      const bytes = readFileSync(file('p.db'));
      writeFileSync(file('p.db'), bytes.fill(0x5a, (Number(rootpage) - 1) * 4096, Number(rootpage) * 4096));
      const { status, stderr } = greylist('allow', '203.0.113.7');
      expect(status).to.equal(0);
      expect(stderr).to.match(
        /^.*p\.db was damaged .* moved to .*p\.db\.corrupt-\S+; who was known in it is delayed once more\nof it 2 could be saved who need not wait .*\n/,
      );
      expect(greylist('list', '--json').stdout).to.equal('');
      expect(greylist('allow').stdout).to.match(/^address +203\.0\.113\.7 /m);
    });

    it('shows a row whose times are of no calendar, as one whose bytes have turned, beside the others', async () => {
      await stored();
      const db = new DatabaseSync(file('p.db'));
      db.exec("UPDATE triplet SET first = 9e15 WHERE id = 1; INSERT INTO day VALUES (200000000, 'new', 1)");
      db.close();
      const listed = greylist('list', '--json');
      expect([listed.status, listed.stderr]).to.deep.equal([0, '']);
      const lines = listed.stdout.trimEnd().split('\n');
      expect(lines.length).to.be.above(1);
      expect(lines.map((line) => JSON.parse(line) as unknown)[0]).to.include({ first: null });
      expect(greylist('show', 'example.net', '--json').status).to.equal(0);
      expect(printed('stats')).to.have.property('newest', null);
    });

    it('reads the database that a broken config names, and says so', async () => {
      await stored();
      config('greylist: { dealy: 10m }');
      const note = `postern: ${file('postern.yaml')} is broken, and ${file('p.db')} is read, which it names; see: postern check --config ${file('postern.yaml')}\n`;
      for (const words of [['list'], ['show', 'alice1@example.net'], ['stats'], ['allow']]) {
        const { status, stderr } = greylist(...words);
        // That no service runs, or nobody is allowed, may be said behind it.
        expect([status, stderr.slice(0, note.length)], words[0]).to.deep.equal([0, note]);
      }
    });

    for (const [what, line] of [
      ['is wrong itself', 'store: postern.db\n'],
      ['may stand there with a slip', 'stoer: sqlite:/elsewhere.db\n'],
    ] as const)
      it(`reads none where store: ${what}, but any that is named`, async () => {
        await stored();
        writeFileSync(file('postern.yaml'), line);
        const { status, stdout, stderr } = greylist('list');
        expect([status, stdout]).to.deep.equal([1, '']);
        const [problem, cure, ...more] = stderr.split('\n');
        expect(problem).to.match(/postern\.yaml:1:\d+: /);
        expect(cure)
          .to.contain('nobody can say which greylist is meant')
          .and.contain(`postern check --config ${file('postern.yaml')}`)
          .and.match(/, or name the database: --store FILE$/);
        expect(more).to.deep.equal(['']);
        cpSync(file('p.db'), file('copy.db'));
        for (const words of [['list'], ['show', 'alice1@example.net'], ['stats'], ['allow', '--all']])
          expect(greylist(...words, '--store', file('copy.db'))).to.deep.include({ status: 0, stderr: '' });
        expect(greylist('list', '--store', file('copy.db')).stdout).to.contain('alice1@example.net');
      });

    it('says no more of a database that was named, and is not there, than that', async () => {
      await stored();
      expect(greylist('list', '--store', file('gone.db'))).to.deep.include({
        status: 1,
        stderr: `postern: there is no ${file('gone.db')}; what lies beside it: ls -l ${folder()}\n`,
      });
    });

    it('changes nothing by a config that is broken, and prints its problems', async () => {
      await stored();
      config('greylist: { dealy: 10m }');
      const { status, stdout, stderr } = greylist('release', '--all');
      expect([status, stdout]).to.deep.equal([1, '']);
      expect(stderr).to.match(
        /^\/.*postern\.yaml:4:13: greylist: unknown key "dealy"; did you mean delay\?\npostern: nothing was changed: .*; mend it \(type: postern check --config .*\)\n$/,
      );
      expect(greylist('list', '--state', 'waiting').stdout).to.contain('alice1@example.net');
    });

    it('leaves files that are the service user’s, though root has typed it', async function () {
      if (process.getuid?.() !== 0) return this.skip();
      await stored();
      for (const suffix of ['', '-lock']) spawnSync('chown', ['65534:65534', file(`p.db${suffix}`)]);
      rmSync(file('p.db-lock'));
      expect(greylist('release', '--all').status).to.equal(0);
      for (const suffix of ['', '-lock'])
        expect(statSync(file(`p.db${suffix}`)).uid, suffix).to.equal(65_534);
    });
  });

  it('is that of the running service, whatever config would be read without it; another one has to be named', async () => {
    await stored();
    renameSync(file('p.db'), file('other.db'));
    const other = file('other.yaml');
    writeFileSync(other, `store: sqlite:${file('other.db')}\n`);
    await start();
    await hears('alice');
    const words = (...more: string[]): Ran =>
      postern(['greylist', ...more], { STATE_DIRECTORY: folder(), POSTERN_CONFIG: other });
    expect(words('list', '--json').stdout.trim().split('\n')).to.have.length(1);
    expect(words('list', '--json', '--config', other).stdout.trim().split('\n')).to.have.length(2);
    expect(JSON.parse(words('release', '--all', '--json').stdout)).to.include({ ok: true, released: 1 });
    expect(await hears('alice')).to.equal(null);
    expect(JSON.parse(words('forget', '--all', '--json', '--config', other).stdout)).to.deep.equal({
      ...{ ok: true, forgotten: 2, answers: 1 },
    });
    expect(await hears('alice')).to.equal(null);
    // A third name of the same database is the service's all the same.
    const third = file('third.yaml');
    cpSync(file('postern.yaml'), third);
    expect(JSON.parse(words('forget', '--all', '--json', '--config', third).stdout)).to.include({
      forgotten: 1,
    });
    expect(await hears('alice')).to.match(GREYLISTED);
  });

  it('is not touched where a service has it open that can not be asked', async () => {
    mkdirSync(file('state'));
    await start();
    await hears('alice');
    rmSync(file('control.sock'));
    const { status, stdout, stderr } = greylist('release', '--all');
    expect([status, stdout]).to.deep.equal([1, '']);
    expect(stderr).to.match(
      /p\.db is in use by a Postern that does not answer at .*control\.sock; .*restart it\n$/,
    );
    expect(await hears('alice')).to.match(GREYLISTED);
    expect(greylist('list', '--json').stdout).to.contain('alice@example.net');
  });

  it('says to whom it is closed what to do', async function () {
    if (process.getuid?.() !== 0) return this.skip();
    await start();
    await hears('alice');
    chmodSync(folder(), 0o755);
    for (const [words, why] of [
      [['release', '--all'], /no permission to ask the service at .*control\.sock: run this as root/],
      [['list'], /can't read .*p\.db: no permission; run this as root/],
    ] as const) {
      const { status, stdout, stderr } = spawnSync(
        process.execPath,
        [MAIN, 'greylist', ...words, '--config', file('postern.yaml')],
        { encoding: 'utf8', uid: 65_534, gid: 65_534, env: { ...process.env, STATE_DIRECTORY: folder() } },
      );
      expect([status, stdout], words.join(' ')).to.deep.equal([1, '']);
      expect(stderr)
        .to.match(why)
        .and.match(/^.*\n$/);
    }
    expect(await hears('alice')).to.match(GREYLISTED);
  });

  it('speaks to no terminal, whatever strangers called themselves', async () => {
    await start('', 'memory');
    const evil = '\u001b]0;x\u0007\u202e';
    await visit(await running.connect(), {
      client: '192.0.2.10',
      sender: `<${evil}@example.net>`,
      recipient: `<${evil}@example.org>`,
    });
    for (const words of [
      ['list'],
      ['show', '192.0.2.10'],
      ['show', '192.0.2.10', '--json'],
      ['show', evil, '<nobody@example.org>'],
    ]) {
      const { stdout, stderr } = greylist(...words);
      expect(stdout + stderr, words.join(' '))
        .to.match(/^[\n\x20-\x7e]+$/)
        .and.contain(']0;x');
    }
  });

  describe('used wrongly', () => {
    const usage: readonly (readonly [words: readonly string[], message: RegExp])[] = [
      [['release'], /say which: --sender alice@example\.net/],
      [['forget', '--json'], /say which/],
      [['release', '--sender', ''], /--sender is empty: say who/],
      [['forget', '--client', ' '], /--client is empty/],
      [['forget', '--all', '--sender', 'x'], /--all, or which: not both/],
      [
        ['release', 'alice@example.net'],
        /takes no argument alice@example\.net; write --sender alice@example\.net/,
      ],
      [['forget', '192.0.2.1'], /write --client 192\.0\.2\.1/],
      [['release', '--all', '--state', 'passed'], /not both/],
      [['release', '--state', 'passed'], /only what waits can be released/],
      [['release', '--since', '1 day'], /--since 1 day: .*write 1d/],
      [['forget', '--sender', 'x'.repeat(700)], /longer than 600/],
      [['list', 'alice'], /postern greylist show alice/],
      [['show'], /say whom: 192\.0\.2\.10/],
      [['show', 'a', 'b', 'c'], /a sender and a recipient at most/],
      [['show', ''], /say whom/],
      [['list', '--client', '192.0.2.300'], /--client 192\.0\.2\.300: that is no address and no network/],
      [['release', '--client', '192.0.2.0/33'], /--client 192\.0\.2\.0\/33: that is no address/],
      [['forget', '--client', '2001:db8::g'], /that is no address/],
      [['list', '--answers', '--client', 'x'], /nothing but --sender and --rcpt is known/],
      [['allow', 'a', 'b'], /one at a time/],
      [['allow', '--remove'], /say whom/],
      [['allow', 'x', '--all'], /--all is for the list/],
      [['allow', 'x', '--store', 'y'], /--store is for the list/],
      [['allow', 'x', '--for', 'ever'], /--for ever: .*write a number and a unit/],
      [['allow', 'x', '--for', '1d', '--remove'], /not both/],
      [
        ['stats', '--sender', 'x'],
        /greylist stats: Unknown option '--sender'; see: postern greylist stats --help/,
      ],
      [['stats', '--since', '0'], /write 30m, 12h, 2d, or a day/],
      [['list', '--since', '2026-02-30'], /--since 2026-02-30: there is no such day/],
      [
        ['remove', '192.0.2.1'],
        /greylist remove: no such command; did you mean forget\? .*: postern greylist allow WHAT --remove;/,
      ],
      [['del'], /did you mean forget\?/],
      [['purge'], /no such command; there are list, show, release, forget, allow, stats/],
    ];
    for (const [words, message] of usage)
      // What main.ts makes of it, one line and exit code 2, is in commands.spec.ts.
      it(`${words.join(' ').slice(0, 40)} is told what to type`, async () => {
        const error = await rejection(run(words));
        expect(error).to.be.instanceOf(UsageError);
        expect(String(error))
          .to.match(message)
          .and.match(/^UsageError: greylist .*$/);
      });

    it('--help calls what show takes as its own --help does', () => {
      const [, taken] = /greylist show (\S+)\n/.exec(greylist('show', '--help').stdout) ?? [];
      expect(greylist('--help').stdout).to.contain(`greylist show ${taken} | SENDER RECIPIENT\n`);
    });

    for (const word of ['list', 'show', 'release', 'forget', 'allow', 'stats'])
      it(`${word} --help has an example`, () => {
        const { status, stdout } = greylist(word, '--help');
        expect(status).to.equal(0);
        expect(stdout)
          .to.match(/^usage: postern greylist /)
          .and.match(/\nexample: postern greylist /);
        for (const line of stdout.split('\n')) expect(line.length).to.be.at.most(120);
      });
  });
});
