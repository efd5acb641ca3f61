/** Databases that the real postgrey has written: after the import nobody whom it knew is delayed, and who waits goes on waiting. */

import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { DbDump } from '../../lib/import/db-dump.ts';
import { openSqliteStore } from '../../lib/greylist/sqlite-store.ts';
import { keptByPostgrey } from '../greylist/foreign-senders.ts';
import { Dialogue } from '../support/dialogue.ts';
import { Postgrey, requiresPostgrey, type Request } from '../support/postgrey.ts';
import { postern } from '../support/program.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const DAY = 86_400;
const HOUR = 3600;

/** What Postern says to the same attempt; null: it is let in. */
type Asks = (request: Request) => Promise<string | null>;

describe('Whom the real postgrey knows', function () {
  this.timeout(60_000);
  const folder = temporaryFolder();
  const now = Math.floor(Date.now() / 1000);
  let postgrey: Postgrey;
  before(function () {
    requiresPostgrey(this);
  });
  afterEach(() => postgrey?.stop('SIGKILL'));

  async function passes(request: Request, first: number, uses: readonly number[] = []): Promise<void> {
    expect(await postgrey.asks(request, first), JSON.stringify(request)).to.equal(false);
    expect(await postgrey.asks(request, first + 400), JSON.stringify(request)).to.equal(true);
    for (const seconds of uses) expect(await postgrey.asks(request, seconds)).to.equal(true);
  }

  /** `directory` is imported by the command, and then asked by the configuration that it prints. */
  async function imported(
    directory: string,
    run: (asks: Asks, said: string) => Promise<void>,
  ): Promise<void> {
    const printed = postern(['import', 'postgrey', directory]);
    const config = join(folder(), 'postern.yaml');
    writeFileSync(config, printed.stdout);
    const state = join(folder(), 'state');
    mkdirSync(state, { recursive: true });
    const env = { STATE_DIRECTORY: state };
    const stored = postern(['import', 'postgrey', directory, '--store', '--config', config], env);
    expect(stored.stderr).to.match(/^(?:postern: \S+ was not there, and was begun: .*\n)?$/);
    expect(stored.status).to.equal(0);
    const store = await openSqliteStore(join(state, 'postern.db'), {
      now: Date.now,
      rounds: null,
      onEvent: () => {},
    });
    const smtp = await Dialogue.open({
      config: printed.stdout,
      store,
      now: () => now * 1000 + 1000,
      sink: () => {},
    });
    try {
      const asks: Asks = async ({ client, name = 'none', sender, recipient }) => {
        await smtp.says(`CONNECT ${client} ${name}`);
        await smtp.says('HELO mx.example.net');
        await smtp.says(`MAIL FROM:<${sender}>`);
        const { reply } = await smtp.says(`RCPT TO:<${recipient}>`);
        return reply === null && sender === '' ? (await smtp.says('DATA')).reply : reply;
      };
      await run(asks, stored.stdout);
    } finally {
      smtp.close();
      await store.close();
    }
  }

  const bob = 'bob@example.org';
  const wait = (seconds: number): string => `451 4.7.1 Greylisted, please try again in ${seconds} seconds`;

  it('are let in at once, by whatever sender they are known', async () => {
    postgrey = await Postgrey.start(join(folder(), 'postgrey'));
    const known: readonly (readonly [was: string, comes: string])[] = [
      ['alice@example.net', 'alice@example.net'],
      ['Alice.B@Example.NET', 'alice.b@example.net'],
      ['list-bounce-17-bob=example.org@example.net', 'list-bounce-18-bob=example.org@example.net'],
      ['prvs=4711abcdef=carol@example.net', 'prvs=8822fedcba=carol@example.net'],
      ['dave+shop@example.net', 'dave+other@example.net'],
      ['12345@example.net', '12345@example.net'],
      ['john.85@example.net', 'john.85@example.net'],
      ['mary_2@example.net', 'mary_2@example.net'],
      [
        '550e8400-e29b-41d4-a716-446655440000@example.net',
        '16fd2706-8baf-433b-82eb-8c7fada847da@example.net',
      ],
      ['a/b@example.net', 'a/b@example.net'],
      ['srs0=abcd=4p=example.com=eve@example.net', 'srs0=efgh=5q=example.com=eve@example.net'],
      ['', ''],
    ];
    for (const [was] of known)
      await passes({ client: '192.0.2.10', sender: was, recipient: bob }, now - 20 * DAY, [now - 3 * DAY]);
    // Five hosts have been there, but none of them often enough to be let in whatever it sends.
    await passes({ client: '2001:db8::10', sender: 'alice@example.net', recipient: bob }, now - 20 * DAY);
    await passes(
      { client: '198.51.100.1', sender: 'x@example.net', recipient: 'postmaster' },
      now - 34 * DAY,
    );
    await imported(postgrey.folder, async (asks) => {
      for (const [, comes] of known)
        expect(await asks({ client: '192.0.2.77', sender: comes, recipient: bob }), comes).to.equal(null);
      expect(await asks({ client: '2001:db8::11', sender: 'alice@example.net', recipient: bob })).to.equal(
        null,
      );
      expect(
        await asks({ client: '192.0.2.77', sender: 'alice@example.net', recipient: 'eve@example.org' }),
      ).to.equal(wait(300));
      expect(await asks({ client: '192.0.3.77', sender: 'alice@example.net', recipient: bob })).to.equal(
        wait(300),
      );
      expect(await asks({ client: '192.0.2.77', sender: 'jim.85@example.net', recipient: bob })).to.equal(
        wait(300),
      );
    });
  });

  it('and who waits goes on from his first try; who is past his time begins anew', async () => {
    postgrey = await Postgrey.start(join(folder(), 'postgrey'));
    const from = (sender: string): Request => ({ client: '192.0.2.10', sender, recipient: bob });
    await postgrey.asks(from('waiting@example.net'), now - 100);
    await postgrey.asks(from('early@example.net'), now - 200);
    await postgrey.asks(from('early@example.net'), now - 100);
    await postgrey.asks(from('due@example.net'), now - HOUR);
    await postgrey.asks(from('never@example.net'), now - 3 * DAY);
    await passes(from('stale@example.net'), now - 40 * DAY);
    await imported(postgrey.folder, async (asks, said) => {
      expect(await asks(from('waiting@example.net'))).to.equal(wait(199));
      expect(await asks(from('early@example.net'))).to.equal(wait(99));
      expect(await asks(from('due@example.net'))).to.equal(null);
      expect(await asks(from('never@example.net'))).to.equal(wait(300));
      expect(await asks(from('stale@example.net'))).to.equal(wait(300));
      // That of Postgrey.start waits too, and one client has earned something forty days ago.
      expect(said).to.contain('1 triplet known, 5 waiting').and.to.contain(' 4 past their time');
    });
  });

  it('and clients that it does not delay any more are not delayed, but their neighbours are', async () => {
    postgrey = await Postgrey.start(join(folder(), 'postgrey'));
    for (let n = 1; n <= 5; n++)
      await passes(
        { client: '192.0.2.10', sender: `a${n}@example.net`, recipient: bob },
        now - (6 - n) * DAY,
      );
    for (let n = 1; n <= 4; n++)
      await passes(
        { client: '192.0.2.20', sender: `b${n}@example.net`, recipient: bob },
        now - (6 - n) * DAY,
      );
    const fresh = (client: string): Request => ({ client, sender: 'new@example.com', recipient: bob });
    expect(await postgrey.asks(fresh('192.0.2.10'), now)).to.equal(true);
    await imported(postgrey.folder, async (asks, said) => {
      expect(said).to.contain('1 client not delayed any more, 1 on the way there');
      expect(await asks(fresh('192.0.2.10'))).to.equal(null);
      expect(await asks(fresh('192.0.2.11'))).to.equal(wait(300));
      expect(await asks({ ...fresh('192.0.2.20'), recipient: 'c@example.org' })).to.equal(wait(300));
    });
  });

  for (const [how, signal] of [
    ['stopped', 'SIGTERM'],
    ['killed', 'SIGKILL'],
  ] as const)
    it(`also when it was ${how}`, async () => {
      postgrey = await Postgrey.start(join(folder(), 'postgrey'));
      const request = { client: '192.0.2.10', sender: 'alice@example.net', recipient: bob };
      await passes(request, now - DAY);
      await postgrey.stop(signal);
      await imported(postgrey.folder, async (asks) => {
        expect(await asks(request)).to.equal(null);
      });
    });

  it('also by the text of db_dump, in both its formats, and by the exact address with --lookup-by-host', async () => {
    postgrey = await Postgrey.start(join(folder(), 'postgrey'), ['--lookup-by-host', '--delay=60']);
    const request = { client: '192.0.2.10', sender: 'béb\\@example.net', recipient: bob };
    await passes(request, now - DAY);
    for (const [n, options] of [[], ['-p']].entries()) {
      const directory = join(folder(), `dump${n}`);
      mkdirSync(directory);
      writeFileSync(join(directory, 'postgrey'), 'POSTGREY_OPTS="--lookup-by-host --delay=60"\n');
      for (const name of ['postgrey', 'postgrey_clients'])
        writeFileSync(join(directory, `${name}.dump`), postgrey.dump(`${name}.db`, ...options));
      await imported(directory, async (asks) => {
        expect(await asks(request)).to.equal(wait(60));
        expect(await asks({ ...request, sender: '"béb\\\\"@example.net' })).to.equal(null);
        expect(await asks({ ...request, client: '192.0.2.11', sender: '"béb\\\\"@example.net' })).to.equal(
          wait(60),
        );
      });
      rmSync(join(folder(), 'state'), { recursive: true });
    }
  });

  it('can not be told where --privacy has hashed them, and this is said', async () => {
    postgrey = await Postgrey.start(join(folder(), 'postgrey'), ['--privacy']);
    await passes({ client: '192.0.2.10', sender: 'alice@example.net', recipient: bob }, now - DAY);
    const config = join(folder(), 'postern.yaml');
    writeFileSync(config, 'policy: [permit_mynetworks, greylist]\n');
    const { status, stdout } = postern(
      ['import', 'postgrey', postgrey.folder, '--store', '--config', config],
      { STATE_DIRECTORY: folder() },
    );
    expect(status).to.equal(1);
    expect(stdout).to.match(/3 rows left out: hashed by --privacy, which nobody can undo/);
  });

  it('spares clients and recipients of its lists, and so does what is printed of them', async () => {
    const clients = [
      '# a comment',
      'example.com # another',
      '.odd.example',
      'sub.example.net',
      '/^mail\\d{1,2}\\.example\\.org$/',
      '/(?:a|b)/c\\.example/',
      '192.0.2.25',
      '198.51.100',
      '203.0',
      '203.0.113.128/25',
      '2001:db8:1::/48',
      'two words',
    ].join('\n');
    const recipients = [
      'postmaster@',
      'sales@',
      'Bob@Example.org',
      'example.net',
      '/^list-.*@example\\.org$/',
    ].join('\n');
    postgrey = await Postgrey.start(join(folder(), 'postgrey'), [], [clients, recipients]);
    const asked: Request[] = [
      ...[
        ['192.0.2.25'],
        ['192.0.2.26'],
        ['198.51.100.7'],
        ['203.0.0.9'],
        ['203.0.1.9'],
        ['203.0.113.130'],
        ['203.0.113.5'],
        ['2001:db8:1::5'],
        ['2001:db8:2::5'],
        ['192.0.2.1', 'example.com'],
        ['192.0.2.2', 'mx.Example.com'],
        ['192.0.2.3', 'notexample.com'],
        ['192.0.2.4', 'mail12.example.org'],
        ['192.0.2.5', 'mail123.example.org'],
        ['192.0.2.6', 'mx.sub.example.net'],
        ['192.0.2.7', 'example.net'],
        ['192.0.2.8', 'a.mail12.example.org'],
      ].map(([client, name]) => ({
        client: client!,
        ...(name === undefined ? {} : { name }),
        sender: 'alice@example.net',
        recipient: 'carol@example.org',
      })),
      ...[
        'bob@example.org',
        'BOB@EXAMPLE.ORG',
        'bob+shop@example.org',
        'bobby@example.org',
        'sales@example.com',
        'sales+x@example.com',
        'any@example.net',
        'any@sub.example.net',
        'any@notexample.net',
        'list-a@example.org',
        'a-list-a@example.org',
        'postmaster@example.com',
      ].map((recipient) => ({ client: '198.18.0.1', sender: 'alice@example.net', recipient })),
    ];
    const spared: boolean[] = [];
    for (const request of asked) spared.push(await postgrey.asks(request, now));
    await imported(postgrey.folder, async (asks) => {
      // Nobody is known by these: they were asked of postgrey a moment ago.
      for (const [i, request] of asked.entries())
        expect((await asks(request)) === null, JSON.stringify(request)).to.equal(spared[i]);
    });
    expect(spared.filter((each) => each)).to.have.length.above(10);
  });

  it('are written down as our specs have it', async () => {
    postgrey = await Postgrey.start(join(folder(), 'postgrey'));
    const local = fc
      .array(fc.constantFrom('a', 'bob', '7', '2026', '4711abcdef', 'prvs', '=', '-', '.', '_', '+'), {
        minLength: 1,
        maxLength: 7,
      })
      .map((parts) => parts.join(''));
    const locals = [...new Set(fc.sample(local, { numRuns: 150, seed: 7 }))];
    for (const [i, each] of locals.entries())
      await postgrey.asks(
        { client: '192.0.2.10', sender: `${each}@example.net`, recipient: `r${i}@example.org` },
        now,
      );
    const dump = new DbDump();
    const kept = new Map<string, string>();
    for (const line of postgrey.dump('postgrey.db', '-p').trimEnd().split('\n')) {
      const key = dump.add(line)?.[0].toString() ?? '';
      const [, sender, recipient] = /^192\.0\.2\.0\/(.*)@example\.net\/(r\d+)@/.exec(key) ?? [];
      if (sender !== undefined) kept.set(recipient!, sender);
    }
    dump.end();
    for (const [i, each] of locals.entries()) expect(kept.get(`r${i}`), each).to.equal(keptByPostgrey(each));
  });
});

describe('db5.3_dump', () => {
  it('without -h tells nothing of what a running postgrey has not written yet, so that we never ask it so', async function () {
    requiresPostgrey(this);
    this.timeout(30_000);
    const folder = join(process.env['TMPDIR'] ?? '/tmp', `postern-dump-${process.pid}`);
    const postgrey = await Postgrey.start(folder);
    try {
      await postgrey.asks(
        { client: '192.0.2.10', sender: 'a@example.net', recipient: 'b@example.org' },
        1000,
      );
      const { stdout } = spawnSync('db5.3_dump', ['-p', join(folder, 'postgrey.db')], { encoding: 'utf8' });
      expect(stdout).not.to.contain('a@example.net');
      expect(postgrey.dump('postgrey.db', '-p')).to.contain('a@example.net');
    } finally {
      await postgrey.stop('SIGKILL');
      rmSync(folder, { recursive: true });
    }
  });
});
