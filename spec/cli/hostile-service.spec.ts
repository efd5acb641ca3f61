/** Whoever answers on the control socket may be anybody: nothing that he says speaks to the terminal. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import { MAIN } from '../support/program.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** A new title, an empty screen, colours by a C1 control, letters from right to left, a line of its own. */
const ESCAPES = '\u001b]0;PWNED\u0007\u001b[2J\u009b31m\u202e\u2028\rx\n';
const TIME = '2026-01-01T00:00:00.000Z';

const STATUS = {
  ...{ version: ESCAPES, pid: 1, uid: 0, gid: 0, config: `/c${ESCAPES}`, loaded: TIME, observe: false },
  ...{ store: `memory${ESCAPES}`, listening: [`unix:/s${ESCAPES}`], connections: 1 },
};
const LIST = {
  ...{
    list: `bl.example${ESCAPES}`,
    kind: 'names',
    state: 'dead',
    since: TIME,
    why: ESCAPES,
    instead: ESCAPES,
    testEntry: ESCAPES,
  },
  ...{ tested: null, queries: 1e308, hits: -1, hitRate: 1, failed: 5, medianMs: 1e300, p95Ms: 1e300 },
  overlap: [{ list: ESCAPES, of: 1, both: 2 }],
};

type Said = (ask: string) => object;

const SERVICES: readonly (readonly [what: string, says: Said])[] = [
  ['refuses', () => ({ ok: false, why: ESCAPES })],
  [
    'refuses but for its state',
    (ask) => (ask === 'status' ? { ok: true, answer: STATUS } : { ok: false, why: ESCAPES }),
  ],
  ['answers', (ask) => ({ ok: true, answer: answer(ask, true) })],
  ['answers that it did not work', (ask) => ({ ok: true, answer: answer(ask, false) })],
];

const TRIPLET = {
  ...{ origins: [{ kind: 'ptr', value: ESCAPES }], sender: ESCAPES, recipient: ESCAPES, state: 'waiting' },
  ...{ passed: false, firstMs: 1e9, lastMs: 1e9, tries: 1, delayedSeconds: 0, expiresMs: 1e9 },
};
const STANDING = {
  kind: 'ptr',
  value: ESCAPES,
  count: 1,
  countedMs: 0,
  granted: true,
  allowed: true,
  expiresMs: 1e15,
};
const VIEW = {
  ...{ nowMs: 1e12, status: STATUS, greylist: [], out: [LIST], lists: 1 },
  feed: {
    ...{ sinceMs: 0, minutes: [], rules: [{ rule: ESCAPES, fates: { reject: 1e300 } }] },
    decisions: [
      {
        ...{ atMs: 0, fate: 'reject', rule: ESCAPES, reason: ESCAPES, client: ESCAPES },
        ...{ sender: ESCAPES, recipient: ESCAPES, observed: true },
      },
    ],
  },
};

function answer(ask: string, ok: boolean): unknown {
  switch (ask) {
    case 'status':
      return { ...STATUS, store: 'memory' };
    case 'top':
      return VIEW;
    case 'greylist':
      return ok
        ? { kind: 'done', count: 1, answers: 0, subjects: [{ kind: 'spf', value: ESCAPES }] }
        : { kind: 'failed', why: ESCAPES };
    case 'greylist-rows':
      return { triplets: [TRIPLET], standings: [STANDING], answers: [], more: true };
  }
  return ask === 'lists' ? (ok ? [LIST] : []) : { ok, config: `/c${ESCAPES}`, told: [ESCAPES] };
}

describe('A service that is no friend', function () {
  this.timeout(20_000);
  const folder = temporaryFolder();
  let server: Server;
  let says: Said;

  beforeEach(async () => {
    server = createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', (line) => {
        const { ask } = JSON.parse(line.toString()) as { ask: string };
        socket.end(`${JSON.stringify(says(ask))}\n`);
      });
    }).listen(join(folder(), 'control.sock'));
    await once(server, 'listening');
  });
  afterEach(() => server.close());

  /** Not as RunningPostern's specs do, which would stand still with us. */
  async function printed(...args: readonly string[]): Promise<string> {
    const env = { ...process.env, STATE_DIRECTORY: folder() };
    const child = spawn(process.execPath, [MAIN, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    return (await Promise.all([text(child.stdout), text(child.stderr)])).join('');
  }

  for (const [what, said] of SERVICES)
    it(`and ${what} says nothing to the terminal`, async () => {
      says = said;
      const commands = [
        ['lists'],
        ['lists', '--json'],
        ['reload'],
        ['reload', '--json'],
        ['greylist', 'list'],
        ['greylist', 'allow', 'example.net'],
        ['top'],
      ];
      for (const command of commands) {
        const out = await printed(...command);
        expect(out, command.join(' ')).to.match(/^[\n\x20-\x7e]+$/);
        // Without an answer the greylist of the config file is meant, and nothing that the service says.
        if (said === SERVICES[0]![1] && command[0] === 'greylist') continue;
        expect(out, command.join(' ')).to.contain('PWNED');
        if (!command.includes('--json')) expect(out).to.match(/\]0;PWNED\?\?\[2J\?31m\?\?\?x\?/);
      }
    });
});
