/** Who may ask the running service, what it takes for a question, and what it does with anything else. */

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { ask } from '../../lib/control/ask.ts';
import { openControl, type ControlOptions, type ControlSocket } from '../../lib/control/control-socket.ts';
import { NoAnswer, LONGEST_REQUEST, type Answers } from '../../lib/control/questions.ts';
import type { Event } from '../../lib/observe/event.ts';
import { listReport } from '../support/list-reports.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const STATUS = {
  ...{ version: '0.1.0', pid: 4711, uid: 0, gid: 0, config: '/etc/postern/postern.yaml' },
  ...{ loaded: '2026-11-21T10:00:00.000Z', observe: false, store: 'memory' },
  ...{ listening: ['inet:8891@127.0.0.1'], connections: 3 },
  storeTrouble: {
    ...{ why: 'database is locked', since: '2026-11-21T10:00:01.000Z' },
    meanwhile: 'mail is not greylisted',
  },
};

describe('The control socket', () => {
  const folder = temporaryFolder();
  const path = (): string => join(folder(), 'control.sock');
  const events: Event[] = [];
  const opened: ControlSocket[] = [];
  const servers: Server[] = [];

  const answers: Answers = {
    status: () => STATUS,
    lists: () => Promise.resolve([listReport('zen.spamhaus.org')]),
    reload: () => {
      throw new Error('a bug');
    },
    greylist: ({ order }) => ({ kind: 'failed', why: JSON.stringify(order) }),
    'greylist-rows': () => ({ triplets: [], standings: [], answers: [], more: false }),
    'greylist-figures': () => Promise.reject(new NoAnswer('the disk is full')),
    top: () => Promise.reject(new Error('a bug')),
  };

  async function open(at = path(), differs: Partial<ControlOptions> = {}): Promise<ControlSocket | null> {
    const sink = (event: Event): void => void events.push(event);
    const control = await openControl({ path: at, answers, sink, ...differs });
    if (control !== null) opened.push(control);
    return control;
  }

  afterEach(() => {
    for (const control of opened.splice(0)) control.close();
    for (const server of servers.splice(0)) server.close();
    events.length = 0;
  });

  async function dial(): Promise<Socket> {
    const socket = connect(path());
    await once(socket, 'connect');
    return socket;
  }

  /** All that comes back, until the service closes. */
  async function says(socket: Socket): Promise<string> {
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
    socket.on('error', () => {});
    await once(socket, 'close');
    return text;
  }

  async function hears(bytes: string | Uint8Array): Promise<string> {
    const socket = await dial();
    socket.write(bytes);
    return says(socket);
  }

  it('answers each question with what the service gives', async () => {
    await open();
    expect(await ask(path(), 'status', 5000)).to.deep.equal({ kind: 'answered', answer: STATUS });
    expect(await ask(path(), 'lists', 5000)).to.deep.equal({
      kind: 'answered',
      answer: [listReport('zen.spamhaus.org')],
    });
    expect(await hears('{"ask":"status"}\n')).to.equal(`${JSON.stringify({ ok: true, answer: STATUS })}\n`);
  });

  it('is for its owner alone', async () => {
    await open();
    expect((statSync(path()).mode & 0o777).toString(8)).to.equal('600');
  });

  it('takes a question that comes byte by byte, and closes after the answer', async () => {
    await open();
    const socket = await dial();
    for (const char of '{"ask":"status"}\n') {
      socket.write(char);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await says(socket)).to.match(/^\{"ok":true.*\}\n$/);
  });

  for (const [what, sent, why] of [
    ['no JSON', 'GET / HTTP/1.1\r\n', /this is no question/],
    ['another JSON', '["status"]\n', /this is no question/],
    [
      'a question that it does not know',
      '{"ask":"constructor"}\n',
      /no such question.*status, lists, reload/,
    ],
    ['a line without end', 'x'.repeat(LONGEST_REQUEST + 1), /at most 4096 bytes/],
    ['a question that nobody can answer now', '{"ask":"greylist-figures"}\n', /^the disk is full$/],
    ['a question whose answer is a bug', '{"ask":"reload"}\n', /went wrong; the log/],
  ] as const)
    it(`answers ${what} with a reason, and goes on`, async () => {
      await open();
      expect(JSON.parse(await hears(sent)))
        .to.include({ ok: false })
        .and.property('why')
        .match(why);
      expect(await ask(path(), 'status', 5000)).to.include({ kind: 'answered' });
      expect(events.map(({ kind }) => kind)).to.deep.equal(sent.includes('reload') ? ['bug'] : []);
    });

  it('answers whatever is sent, or closes', async () => {
    await open();
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 100 }), async (bytes) => {
        const told = await hears(new Uint8Array([...bytes, 0x0a]));
        expect(JSON.parse(told)).to.include({ ok: false });
      }),
      { numRuns: 50 },
    );
    expect(events).to.deep.equal([]);
  });

  it('takes a few at a time: who is one too many is cut at once', async () => {
    // Long after this spec is over.
    await open(path(), { deadlines: { questionMs: 600_000, answerMs: 5000, readingMs: 5000 } });
    const idle = await Promise.all([dial(), dial(), dial(), dial()]);
    expect(await says(await dial())).to.equal('');
    for (const socket of idle) socket.destroy();
    // The service hears of it in its own turn.
    let asked = await ask(path(), 'status', 5000);
    while (asked.kind !== 'answered') asked = await ask(path(), 'status', 5000);
    expect(asked.answer.pid).to.equal(4711);
  });

  it('cuts who does not ask, and answers who would wait too long', async () => {
    const deadlines = { questionMs: 20, answerMs: 20, readingMs: 5000 };
    await open(path(), { deadlines, answers: { ...answers, reload: () => new Promise(() => {}) } });
    expect(await says(await dial())).to.equal('');
    expect(await ask(path(), 'reload', 5000)).to.deep.equal({
      kind: 'failed',
      why: 'it says: there was no answer in time',
    });
  });

  it('is gone after close, and cuts whoever asks', async () => {
    const control = await open();
    const socket = await dial();
    const closed = says(socket);
    control!.close();
    expect(await closed).to.equal('');
    expect(existsSync(path())).to.equal(false);
    expect(await ask(path(), 'status', 5000)).to.deep.equal({
      kind: 'absent',
      why: `no service of Postern answers at ${path()}`,
    });
  });

  it('replaces a socket that a dead process left behind, and no other', async () => {
    const program = `require('net').createServer().listen(${JSON.stringify(path())}, () => process.kill(process.pid, 9))`;
    spawnSync(process.execPath, ['-e', program]);
    expect(existsSync(path())).to.equal(true);
    expect((await ask(path(), 'status', 5000)).kind).to.equal('absent');
    expect(await open()).to.not.equal(null);
    expect(await open()).to.equal(null);
    expect(events).to.have.length(1);
    expect(events[0]).to.include({ kind: 'control-fault', path: path() });
    expect(events[0])
      .to.have.property('why')
      .that.matches(/another process is listening there .*; two services need a STATE_DIRECTORY each$/);
    expect(await ask(path(), 'status', 5000)).to.include({ kind: 'answered' });
  });

  for (const [what, place, why] of [
    ['the folder is missing', (): string => join(folder(), 'none', 'c'), /its directory is not there/],
    [
      'the path is too long',
      (): string => join(folder(), 'x'.repeat(107)),
      /bytes, and a socket's may have 106/,
    ],
    [
      'a name in it is too long for any file',
      (): string => join(folder(), 'x'.repeat(300)),
      /bytes, and a socket's may have 106$/,
    ],
    ['a file is in its place', (): string => join(folder(), 'file'), /there is a file that is not a socket/],
  ] as const)
    it(`tells why there is none, and throws nothing: ${what}`, async () => {
      writeFileSync(join(folder(), 'file'), 'precious');
      expect(await open(place())).to.equal(null);
      expect(events).to.have.length(1);
      expect(events[0]).to.have.property('why').that.matches(why);
    });

  describe('as who asks sees it', () => {
    /** A service of another kind. */
    async function tells(reply: string | null): Promise<void> {
      const server = createServer((socket) => {
        socket.on('error', () => {});
        if (reply !== null) socket.end(reply);
      }).listen(path());
      servers.push(server);
      await once(server, 'listening');
    }

    for (const [what, reply, why] of [
      [
        'is of another version',
        '{"ok":true,"answer":{"version":2}}\n',
        /as another version of Postern would/,
      ],
      ['sends no JSON', 'hello\n', /what it sent is no answer/],
      ['stops in the middle', '{"ok":tr', /closed the connection without an answer/],
      ['refuses', '{"ok":false,"why":"no such question"}\n', /it says: no such question/],
      ['never ends', `"${'x'.repeat(5 << 20)}`, /its answer is too long/],
    ] as const)
      it(`a service that ${what} has failed`, async () => {
        await tells(reply);
        const asked = await ask(path(), 'status', 5000);
        expect(asked.kind).to.equal('failed');
        expect(asked).to.have.property('why').that.matches(why);
      });

    it('a service that says nothing has failed when the time is over', async () => {
      await tells(null);
      expect(await ask(path(), 'status', 20)).to.deep.equal({
        kind: 'failed',
        why: 'it did not answer within 20 ms',
      });
    });

    it('a folder that is closed to us says who may ask', function () {
      if (process.getuid?.() !== 0) this.skip();
      mkdirSync(join(folder(), 'closed'), { mode: 0o700 });
      const script = `
        import { ask } from '${new URL('../../lib/control/ask.ts', import.meta.url).href}';
        console.log(JSON.stringify(await ask(process.argv[1], 'status', 5000)));`;
      const child = spawnSync(
        process.execPath,
        ['--input-type=module', '--eval', script, join(folder(), 'closed/control.sock')],
        { encoding: 'utf8', uid: 65_534, gid: 65_534 },
      );
      expect(JSON.parse(child.stdout)).to.include({ kind: 'closed' });
      expect(child.stdout).to.contain('run this as root');
    });
  });
});
