/** What an administrator may call somebody, and what he is told of him: a database as a stopped service leaves it. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { shownStanding } from '../../lib/cli/greylist-allow.ts';
import type { Adoption } from '../../lib/greylist/adopt.ts';
import { openSqliteStore } from '../../lib/greylist/sqlite-store.ts';
import type { Store } from '../../lib/greylist/store.ts';
import type { Origin, Subject } from '../../lib/greylist/triplet.ts';
import { postern, type Ran } from '../support/program.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const TIMINGS = { delayMs: 60_000, windowMs: 172_800_000, lifetimeMs: 3_110_400_000, allowAfter: 5 };
const DAY_MS = 86_400_000;

const HOST: readonly Origin[] = [
  { kind: 'ptr', value: 'bigmail.example' },
  { kind: 'network', value: '198.51.100.0/24' },
];
const POOL: readonly Origin[] = [{ kind: 'network', value: '203.0.113.0/24' }];

describe('The hands on the greylist', function () {
  this.timeout(60_000);
  const folder = temporaryFolder();
  const file = (name: string): string => join(folder(), name);

  const TO_START = (): string =>
    `to start it: systemctl start postern (or: postern run --config ${file('postern.yaml')})`;

  /** news@bigmail.example and pool@example.com wait; friend@ and aunt@bigmail.example may answer bob. */
  async function stored(
    config = '',
    more: (store: Store, nowMs: number) => Promise<unknown> = async () => {},
  ) {
    writeFileSync(file('postern.yaml'), `store: sqlite:${file('p.db')}\n${config}\n`);
    const store = await openSqliteStore(file('p.db'), { onEvent: () => {}, now: Date.now, rounds: null });
    const nowMs = Date.now();
    const recipient = 'bob@example.org';
    await store.judge({ origins: HOST, sender: 'news@bigmail.example', recipient }, nowMs, TIMINGS);
    await store.judge({ origins: POOL, sender: 'pool@example.com', recipient }, nowMs, TIMINGS);
    const answers = ['friend', 'aunt'].map((name) => ({ sender: `${name}@bigmail.example`, recipient }));
    await store.learn(answers, nowMs + DAY_MS, nowMs);
    await more(store, nowMs);
    await store.close();
  }

  function greylist(...words: readonly string[]): Ran {
    return postern(['greylist', ...words], {
      STATE_DIRECTORY: folder(),
      POSTERN_CONFIG: file('postern.yaml'),
      TZ: 'Asia/Kolkata',
    });
  }

  for (const client of [
    'out1.bigmail.example',
    'out1.bigmail.example[198.51.100.1]',
    'unknown[198.51.100.1]',
  ])
    it(`find a client that the log calls ${client}`, async () => {
      await stored();
      const shown = greylist('show', client);
      expect([shown.status, shown.stderr]).to.deep.equal([
        0,
        `no service runs: this is what ${file('p.db')} has; ${TO_START()}\n`,
      ]);
      expect(shown.stdout).to.contain('waiting   news@bigmail.example to bob@example.org');
      const [, typed = ''] =
        /^to let in what waits: postern greylist (release .*)$/m.exec(shown.stdout) ?? [];
      expect(typed).to.match(/^release --client '?\S*(?:bigmail|198)\S*$/);
      const listed = greylist('list', '--client', client, '--json').stdout;
      expect(JSON.parse(listed)).to.include({ sender: 'news@bigmail.example' });
      expect(greylist('release', '--client', client).stdout).to.equal(
        'released 1 triplet: its next try from ptr bigmail.example or network 198.51.100.0/24 gets in at once\n',
      );
    });

  it('say nothing besides their JSON where no service runs, nor that something was done which was not', async () => {
    await stored();
    expect(greylist('show', 'bigmail.example', '--json').stderr).to.equal('');
    expect(greylist('allow', '192.0.2.1', '--json').stderr).to.equal('');
    expect(greylist('release', '--all', '--json').stderr).to.equal('');
    expect(greylist('release', '--all').stderr).to.equal('no waiting triplet fits\n');
  });

  it('show of a domain ends with what to type, and that finds it', async () => {
    await stored();
    const { stdout } = greylist('show', 'bigmail.example');
    expect(stdout)
      .to.contain('\n\nto let in what waits: postern greylist release --client bigmail.example\n')
      .and.contain(`\n\nto have them wait:    postern greylist forget --sender '*@bigmail.example'\n`);
    expect(greylist('release', '--client', 'bigmail.example').status).to.equal(0);
    expect(greylist('show', 'example.com').stdout).to.match(
      /^to let in what waits: postern greylist release --sender '\*@example\.com'$/m,
    );
  });

  it('show of a recipient tells what waits for him, and who may answer him', async () => {
    await stored();
    const { stdout } = greylist('show', 'bob@example.org');
    expect(stdout)
      .to.match(/^may answer without delay$/m)
      .and.match(/^ {2}friend@bigmail\.example to bob@example\.org, until /m)
      .and.match(/^triplets {2}2$/m)
      .and.match(/^to let in what waits: postern greylist release --rcpt bob@example\.org$/m)
      .and.match(/^to have them wait: +postern greylist forget --rcpt bob@example\.org$/m);
  });

  it('release of several says where they came from once, and not that each came from all of it', async () => {
    await stored();
    expect(greylist('release', '--all').stdout).to.match(
      /^released 2 triplets: the next try of each from where it came \((?:(?:ptr|network) [a-z\d./]+(?:, )?){3}\) gets in at once\n$/,
    );
  });

  it('count one as one', () => {
    const standing = { kind: 'spf', value: 'example.net', countedMs: 0, expiresMs: 0 } as const;
    const told = (count: number, allowAfter: number | null): string =>
      shownStanding({ ...standing, count, granted: false, allowed: false }, allowAfter);
    expect(told(1, 5)).to.equal('not yet: 1 of 5 triplets have passed, counting one an hour');
    expect(told(1, null)).to.equal('not yet: 1 triplet has passed, counting one an hour');
    expect(told(0, 1)).to.equal('not yet: 0 of 1 triplet has passed, counting one an hour');
  });

  it('allow: a network of 256 is one line', async () => {
    await stored();
    expect(greylist('allow', '198.51.0.0/16').stdout).to.equal(
      'for ever these are not delayed:\n  network       198.51.0.0/16 as 256 networks of /24\n',
    );
  });

  it('allow WHAT --remove tells who is allowed still, and what to type', async () => {
    await stored();
    greylist('allow', '198.51.0.0/16');
    greylist('allow', '198.51.100.1');
    expect(greylist('allow', '198.51.100.1', '--remove').stdout).to.match(
      /^delayed again:\n {2}address +198\.51\.100\.1, until it earns it\nbut these are allowed still, and not delayed:\n {2}network +198\.51\.100\.0\/24 +postern greylist allow 198\.51\.100\.0\/24 --remove\n$/,
    );
    const again = greylist('allow', '198.51.100.1', '--remove');
    expect(again.status).to.equal(1);
    expect(again.stderr).to.match(
      /^198\.51\.100\.1 was not allowed, and had earned nothing\nbut these are allowed, and not delayed:\n {2}network/m,
    );
    expect(JSON.parse(greylist('allow', '198.51.100.1', '--remove', '--json').stdout)).to.deep.equal({
      ...{ ok: false, removed: 0, still: [{ kind: 'network', value: '198.51.100.0/24' }] },
    });
    expect(greylist('allow', '198.51.0.0/16', '--remove').stdout).not.to.contain('still');
  });

  it('show tells of which kind each is that is allowed', async () => {
    await stored();
    greylist('allow', 'bigmail.example');
    const { stdout } = greylist('show', 'bigmail.example');
    expect(stdout)
      .to.match(/^allowed +yes, as .*organisation bigmail\.example \(granted\)/m)
      .and.match(/^allowed +yes, as .*SPF domain bigmail\.example \(granted\)/m)
      .and.contain('gets in at its next try: organisation bigmail.example is allowed');
  });

  it('forget takes away that somebody may answer, and says so', async () => {
    await stored();
    const answering = (): string[] =>
      greylist('list', '--answers', '--json', '--rcpt', 'bob@example.org')
        .stdout.split('\n')
        .filter((line) => line !== '')
        .map((line) => (JSON.parse(line) as { sender: string }).sender);
    expect(answering()).to.have.members(['friend@bigmail.example', 'aunt@bigmail.example']);
    expect(greylist('list', '--sender', 'friend@bigmail.example')).to.include({
      status: 0,
      stderr: 'no triplet fits; but some may answer mail of ours: postern greylist list --answers\n',
    });
    expect(greylist('forget', '--sender', 'friend@bigmail.example')).to.deep.equal({
      ...{ status: 0, stdout: 'forgot 1 answer to mail of ours: they wait again\n' },
      stderr: `no service runs: this is done in ${file('p.db')} itself; ${TO_START()}\n`,
    });
    expect(answering()).to.deep.equal(['aunt@bigmail.example']);
    expect(greylist('forget', '--client', '198.51.100.1').stdout).to.equal(
      'forgot 1 triplet: the next try is a first one\n',
    );
    expect(answering()).to.deep.equal(['aunt@bigmail.example']);
    expect(greylist('forget', '--rcpt', 'bob@example.org').stdout).to.equal(
      'forgot 1 triplet: the next try is a first one\nforgot 1 answer to mail of ours: they wait again\n',
    );
    expect(greylist('list', '--answers')).to.include({ status: 0, stderr: 'nobody may answer\n' });
    expect(greylist('show', 'friend@bigmail.example').status).to.equal(1);
  });

  it('show tells that somebody is a provider, and where else to look', async () => {
    await stored('greylist: { skip_clients: [192.0.2.0/24], providers_off: [microsoft] }');
    const { status, stdout } = greylist('show', 'alice@gmail.com');
    expect(status).to.equal(0);
    expect(stdout).to.match(/^allowed +yes, as google \(one of providers:, .* proves gmail\.com\)$/m);
    expect(JSON.parse(greylist('show', 'gmail.com', '--json').stdout)).to.include({ provider: 'google' });
    const unknown = greylist('show', 'outlook.com');
    expect(unknown).to.include({ status: 1, stdout: '' });
    expect(unknown.stderr).to.match(
      /^no service runs: .*\nnothing is known of outlook\.com; whom skip_clients and the like spare is not remembered: ask postern explain\n$/,
    );
  });

  it('list has columns under each other, origins by their kinds, and times with their zone', async () => {
    await stored();
    const [head = '', ...rows] = greylist('list').stdout.trimEnd().split('\n');
    expect(rows).to.have.length(2);
    for (const row of rows) {
      expect(row.slice(head.indexOf('first seen'))).to.match(/^20\d\d-\d\d-\d\d \d\d:\d\d:\d\d \+0530 {2}20/);
      expect(row.slice(head.indexOf('recipient'))).to.match(/^bob@example\.org {2,}/);
      expect(row.slice(head.indexOf('origins'))).to.match(/^(?:ptr|network) /);
    }
    expect(rows[0]).to.match(/ {2}ptr bigmail\.example, network 198\.51\.100\.0\/24$/);
    expect(greylist('show', 'pool@example.com').stdout).to.match(/gets in from 20\S+ \S+ \+0530 on/);
  });

  it('list, show and stats say of an imported one whose spelling of the sender it is', async () => {
    await stored('', async (store, nowMs) => {
      const imported = (sender: string): Adoption => ({
        kind: 'triplet',
        ...{ origins: POOL, sender, recipient: 'bob@example.org' },
        ...{ passed: true, firstMs: nowMs - DAY_MS, lastMs: nowMs - DAY_MS },
      });
      await store.adopt(
        ['mg@example.net', '<=>mg@example.net', 'john.<#>@example.com'].map(imported),
        nowMs,
        TIMINGS,
      );
    });
    const listed = greylist('list').stdout;
    expect(listed)
      .to.match(/ {2}<=>mg@example\.net .*\(sender as milter-greylist spells it\)$/m)
      .and.match(/ {2}john\.<#>@example\.com .*\(sender as postgrey spells it\)$/m)
      .and.match(/ {2}mg@example\.net .*\/24$/m);
    expect(greylist('show', 'mg@example.net').stdout).to.match(
      /<=>mg@example\.net to bob@example\.org \(as milter-greylist spells the sender, beside our own\)$/m,
    );
    expect(greylist('stats').stdout).to.match(/^triplets +5\n(?: {2}.*\n)* {2}imported +2 /m);
  });

  it('allow lists whom it spares by kind and number, and says what of it was taken away', async () => {
    const subjects: readonly Subject[] = [
      { kind: 'ptr', value: 'example.net' },
      { kind: 'spf', value: 'news.example.net' },
      { kind: 'network', value: '192.0.2.0/24' },
      { kind: 'address', value: '192.0.2.100' },
      { kind: 'spf', value: 'example.com' },
      { kind: 'address', value: '192.0.2.9' },
    ];
    await stored('', async (store, nowMs) => {
      for (const subject of subjects) await store.grant(subject, null, nowMs);
    });
    const values = greylist('allow', '--json')
      .stdout.trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as Subject).value);
    expect(values).to.deep.equal([
      ...['192.0.2.9', '192.0.2.100', '192.0.2.0/24', 'example.com', 'news.example.net', 'example.net'],
    ]);
    expect(greylist('allow', 'example.net', '--remove').stdout).to.equal(
      'delayed again:\n  organisation  example.net\n',
    );
    expect(greylist('allow', 'news.example.net', '--remove').stdout).to.equal(
      'delayed again:\n  SPF domain    news.example.net, until it earns it\n',
    );
  });

  it('allow takes no host’s name for a sender’s domain', async () => {
    await stored();
    const { status, stdout, stderr } = greylist('allow', 'out1.bigmail.example');
    expect([status, stdout]).to.deep.equal([2, '']);
    expect(stderr).to.match(
      /out1\.bigmail\.example is a name below bigmail\.example, .* allow bigmail\.example/,
    );
    expect(greylist('allow', 'out1.bigmail.example[198.51.100.1]').stdout).to.match(
      /not delayed:\n {2}address +198\.51\.100\.1\n$/,
    );
  });

  it('release has no --state in its help, for only what waits can be released', () => {
    expect(greylist('release', '--help').stdout).not.to.contain('--state S');
    expect(greylist('forget', '--help').stdout).to.contain('--state S');
  });
});
