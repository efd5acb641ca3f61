/** The live view: what it prints once, and a terminal that it draws on and gives back. */

import { EventEmitter, once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { topText } from '../../lib/cli/top-text.ts';
import { live } from '../../lib/cli/top.ts';
import { ask } from '../../lib/control/ask.ts';
import type { TopView } from '../../lib/control/top-view.ts';
import { FATES } from '../../lib/observe/feed.ts';
import { listReport } from '../support/list-reports.ts';
import { killedAfterwards } from '../support/killed-afterwards.ts';
import { postern, RunningPostern } from '../support/program.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { visit } from '../support/visit.ts';

const NOW = Date.UTC(2026, 10, 21, 12, 30, 20);
const MINUTE = 60_000;
const THIS = NOW - 20_000;

const VIEW: TopView = {
  nowMs: NOW,
  status: {
    ...{ version: '0.1.0', pid: 4711, uid: 0, gid: 0, config: '/c', loaded: '2026-11-21T10:00:00.000Z' },
    ...{ observe: false, store: 'memory', storeTrouble: null, listening: [], connections: 3 },
  },
  feed: {
    sinceMs: THIS - 5 * MINUTE,
    minutes: [
      { startMs: THIS - 3 * MINUTE, fates: { greylist: 8 } },
      { startMs: THIS - MINUTE, fates: { greylist: 2, accept: 5 } },
      { startMs: THIS, fates: { reject: 7, discard: 1 } },
    ],
    rules: [
      { rule: 'greylist', fates: { greylist: 10 } },
      { rule: '', fates: { accept: 5 } },
    ],
    decisions: Array.from({ length: 50 }, (_, n) => ({
      ...{ atMs: NOW - n * 1000, fate: 'greylist' as const, rule: 'greylist', reason: 'new' },
      ...{ client: 'mx.example.net[192.0.2.1]', sender: `a${n}@example.net`, recipient: 'b@example.org' },
      observed: false,
    })),
  },
  greylist: [{ day: Math.floor(NOW / 86_400_000), counts: { new: 12, passed: 3, capped: 1 } }],
  out: [listReport('bl.example', { state: 'dead', why: 'no answer' })],
  lists: 2,
};

describe('The page of top', () => {
  const page = (view: TopView, columns = 100, rows = 40): string =>
    `\n${topText(view, { columns, rows }).join('\n')}\n`;

  it('has rates, rules, the greylist, lists that are out, and the last decisions', () => {
    expect(page(VIEW))
      .to.match(/^recipients +this minute +last minute +a minute of 10 +last hour$/m)
      .and.match(/^accept +0 +5 +1\.0 +5$/m)
      .and.match(/^greylist +0 +2 +2\.0 +10$/m)
      .and.match(/^reject +7 +0 +0\.0 +7$/m)
      .and.match(/^discard +1 +0 +0\.0 +1$/m)
      .and.not.match(/^quarantine/m);
    expect(page(VIEW))
      .to.match(/^greylist +10 +greylist 10$/m)
      .and.match(/^none: let in +5 +accept 5$/m)
      .and.match(/^greylist today +deferred 12 \(again 0\), passed 4, /m)
      .and.match(/^DNS lists +1 of 2 decide nothing: see postern lists$/m)
      .and.match(/^ {2}bl\.example is dead: no answer$/m)
      .and.match(
        /^\d\d:\d\d:20 +greylist +mx\.example\.net\[192\.0\.2\.1\] +<a0@example\.net> to <b@example\.org>/m,
      );
  });

  it('has the figures beside a rule in sight, however long that is', () => {
    const rule = `check_recipient_access inline:{ ${'{bob@example.org=OK}, '.repeat(20)}}`;
    const view = { ...VIEW, feed: { ...VIEW.feed, rules: [{ rule, fates: { accept: 5 } }] } };
    expect(page(view, 90)).to.match(/^check_recipient_access .{16}> +5 +accept 5$/m);
    expect(page(view, 1000)).to.match(/^check_recipient_access .{36}> +5 +accept 5$/m);
  });

  it('fits into the terminal, however small', () => {
    for (const [columns, rows] of [
      [80, 24],
      [40, 10],
      [1, 1],
      [300, 100],
    ] as const) {
      const lines = topText(VIEW, { columns, rows });
      expect(lines.length).to.be.at.most(rows);
      for (const line of lines) expect(line.length).to.be.below(Math.max(columns, 2));
    }
    expect(topText(VIEW, { columns: 100, rows: 40 })).to.have.length(40);
  });

  it('says what it does not know, and that it only observes', () => {
    const nothing = { sinceMs: NOW, minutes: [], rules: [], decisions: [] };
    const view = { ...VIEW, greylist: null, out: [], lists: 0, feed: nothing };
    expect(page({ ...view, status: { ...VIEW.status, observe: true } }))
      .to.contain('\nobserving only: everything is let through\n')
      .and.contain('\ngreylist  does not answer: see the log\n')
      .and.contain('\nDNS lists       none is asked\n')
      .and.contain('\nlast decisions: none yet\n')
      .and.match(/^accept +0 +0 +0\.0 +0$/m);
  });

  it('says that the greylist fails: what that does to mail first, for a narrow terminal', () => {
    const since = new Date(NOW).toISOString();
    const storeTrouble = { why: 'database is locked', since, meanwhile: 'mail is not greylisted' };
    const lines = topText({ ...VIEW, status: { ...VIEW.status, storeTrouble } }, { columns: 60, rows: 40 });
    expect(lines[1]).to.match(/^mail is not greylisted: the greylist store fails since /);
    expect(lines[2]).to.equal('  database is locked');
    expect(page(VIEW)).not.to.contain('fails');
  });

  it('counts one as one', () => {
    const text = page({ ...VIEW, out: [], lists: 1, status: { ...VIEW.status, connections: 1 } });
    expect(text).to.contain('DNS lists       the one that is asked is alive').and.contain(' 1 connection, ');
  });
});

/** What a live view draws on, as Node's streams of a terminal are. */
class Terminal extends EventEmitter {
  columns = 100;
  rows = 30;
  text = '';
  raw: boolean[] = [];

  write(text: string): boolean {
    this.text += text;
    this.emit('drawn');
    return true;
  }

  setRawMode(raw: boolean): this {
    this.raw.push(raw);
    return this;
  }

  resume(): this {
    return this;
  }

  pause(): this {
    return this;
  }

  get screens(): string[] {
    return this.text.split('\u001b[H').slice(1);
  }
}

const KEYS = {
  q: (terminal: Terminal) => terminal.emit('data', Buffer.from('q')),
  'Ctrl-C': (terminal: Terminal) => terminal.emit('data', Buffer.from('\u0003')),
  'the end of its terminal': (terminal: Terminal) => terminal.emit('end'),
  SIGTERM: () => process.emit('SIGTERM'),
};

describe('postern top', function () {
  this.timeout(30_000);
  const folder = temporaryFolder();
  const killed = killedAfterwards();
  let running: RunningPostern;

  async function start(): Promise<RunningPostern> {
    const config = join(folder(), 'postern.yaml');
    writeFileSync(config, `listen: unix:${folder()}/s\nstore: memory\nlog: { format: json }\n`);
    running = killed(await RunningPostern.start(config));
    await running.logged(({ event }) => event === 'started');
    return running;
  }

  const hears = async (sender: string): Promise<string | null> =>
    visit(await running.connect(), {
      client: '192.0.2.10',
      sender: `<${sender}@example.net>`,
      recipient: '<bob@example.org>',
    });

  const top = (...words: readonly string[]) => postern(['top', ...words], { STATE_DIRECTORY: folder() });
  const asks = () => ask(join(folder(), 'control.sock'), 'top', 5000);

  /** Not drawn anew by itself while a test runs. */
  const drawnOn = (terminal: Terminal) =>
    live(VIEW, () => Promise.resolve({ kind: 'answered', answer: VIEW }), terminal, terminal, 600_000);

  for (const [key, press] of Object.entries(KEYS))
    it(`${key} ends it, and the terminal is as before`, async () => {
      const terminal = new Terminal();
      const before = process.listenerCount('SIGTERM');
      const ended = drawnOn(terminal);
      expect(terminal.text).to.contain('\u001b[?1049h').and.contain('postern 0.1.0');
      press(terminal);
      expect(await ended).to.equal(0);
      expect(terminal.text.endsWith('\u001b[?25h\u001b[?1049l')).to.equal(true);
      expect(terminal.raw).to.deep.equal([true, false]);
      expect(terminal.eventNames().filter((name) => terminal.listenerCount(name) > 0)).to.deep.equal([]);
      expect(process.listenerCount('SIGTERM')).to.equal(before);
    });

  it('draws anew when its terminal has another size', async () => {
    const terminal = new Terminal();
    const ended = drawnOn(terminal);
    [terminal.columns, terminal.rows] = [50, 12];
    terminal.emit('resize');
    const lines = terminal.screens.at(-1)!.split('\r\n');
    expect(lines).to.have.length(11);
    for (const line of lines)
      expect(line.replaceAll('\u001b[K', '').replace('\u001b[J', '').length).to.be.below(50);
    terminal.emit('data', Buffer.from('q'));
    await ended;
  });

  it('shows mail as it comes, and waits for a service that is away', async () => {
    const service = await start();
    const first = await asks();
    if (first.kind !== 'answered') throw new Error(first.why);
    const terminal = new Terminal();
    const drawn = async (shows: RegExp): Promise<void> => {
      while (!shows.test(terminal.screens.at(-1) ?? '')) await once(terminal, 'drawn');
    };
    const ended = live(first.answer, asks, terminal, terminal, 20);
    await drawn(/last decisions: none yet/);
    await hears('alice');
    await drawn(
      /greylist +unknown\[192\.0\.2\.10\] +<alice@example\.net> to <bob@example\.org> +greylist: new/,
    );
    await drawn(/greylist today +deferred 1 /);
    await service.stop();
    await drawn(/^no service of Postern answers at .*; what it was before:/);
    await drawn(/alice@example\.net/);
    await start();
    await drawn(/last decisions: none yet/);
    terminal.emit('data', Buffer.from('q'));
    expect(await ended).to.equal(0);
  });

  it('prints once where there is no terminal, and as JSON', async () => {
    await start();
    await hears('alice');
    const { status, stdout, stderr } = top();
    expect([status, stderr]).to.deep.equal([0, '']);
    expect(stdout)
      .to.match(/^postern \d+\.\d+\.\d+, pid \d+, .* store memory/)
      .and.match(/^greylist +1 /m)
      .and.contain('<alice@example.net> to <bob@example.org>')
      .and.match(/^[\n\x20-\x7e]+$/);
    const view = JSON.parse(top('--json').stdout) as TopView;
    expect(view.feed.minutes.flatMap(({ fates }) => FATES.filter((fate) => fates[fate] === 1))).to.deep.equal(
      ['greylist'],
    );
    expect(view.feed.decisions[0]).to.include({ fate: 'greylist', sender: 'alice@example.net' });
    expect(view.status).to.include({ pid: running.pid });
  });

  it('says that no service runs', () => {
    const { status, stdout, stderr } = top('--once');
    expect([status, stdout]).to.deep.equal([1, '']);
    expect(stderr).to.match(
      /^postern: no service of Postern answers at .*control\.sock: mail is not guarded, .*"no control socket"\); type: systemctl start postern \(or: postern run --config .*postern\.yaml\)\n$/,
    );
  });
});
