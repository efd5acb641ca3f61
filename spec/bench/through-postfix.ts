/** Owns the measurement through a real Postfix: messages of a known triplet, with Postern and without a filter. */

import { once } from 'node:events';
import { chmodSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Postfix, POSTFIX_PROGRAMS } from '../support/mta/postfix.ts';
import { NETWORK_PROGRAMS } from '../support/mta/private-network.ts';
import type { PrivateNetwork } from '../support/mta/private-network.ts';
import { isInstalled } from '../support/mta/requirements.ts';
import { Scene } from '../support/mta/scene.ts';
import { SmtpDialogue } from '../support/mta/smtp.ts';
import { AS_POSTERN, bareNode } from './bare-node.ts';
import { BenchError } from './bench-error.ts';
import { FilterProcess } from './filter-process.ts';
import { median } from './median.ts';

export type Way = 'no milter' | 'Postern, unix' | 'Postern, tcp' | 'bare Node';

/**
 * Who sends: Postfix's smtp-source, one triplet from one client; or smtpload of ../shared/tools, a thousand triplets
 * of as many clients, each named by XCLIENT, as the targets were measured.
 */
export type Load = 'smtp-source' | 'smtpload';

export interface PostfixRow {
  readonly load: Load;
  readonly way: Way;
  /** Sixteen sessions at a time, one message each. */
  readonly messagesPerSecond: number;
  /** One session after the other: milliseconds each. */
  readonly msPerMessage: number;
}

const PORTS: Readonly<Record<Way, number>> = {
  'no milter': 9,
  'Postern, unix': 25,
  'Postern, tcp': 8,
  'bare Node': 10,
};
const WAYS = Object.keys(PORTS) as Way[];
/** Postern's mynetworks in the scene have other addresses: this client has to be known like any other. */
const CLIENT = '127.0.0.1';
const SENDER = 'alice@example.net';
/** Postfix throws away what is not for example.org. */
const RECIPIENT = 'known@discard.example.com';
const MESSAGES = { one: 100, many: 1000 } as const;

/** Null, and a line that says why, where there is no Postfix or no right to run one. */
export async function measurePostfix(
  folder: string,
  rounds: number,
  smtpload: string | null,
  say: (line: string) => void,
): Promise<PostfixRow[] | null> {
  if (!postfixIsThere(say)) return null;
  const bare = bareNode(folder, 'postfix', 'continue', AS_POSTERN);
  const filter = await FilterProcess.start(bare);
  // Of all that comes below a private folder, Postfix's own user needs to reach this.
  chmodSync(folder, 0o755);
  chmodSync(bare.target.path, 0o666);
  try {
    return await sideBySide(bare.target.path, rounds, smtpload);
  } finally {
    await filter.stop();
  }
}

/** Says why not. */
export function postfixIsThere(say: (line: string) => void): boolean {
  const missing = [...NETWORK_PROGRAMS, ...POSTFIX_PROGRAMS, 'smtp-source'].filter(
    (name) => !isInstalled(name),
  );
  const there = missing.length === 0 && process.getuid?.() === 0;
  if (!there) say(`without Postfix: needs root${missing.length > 0 ? ` and ${missing.join(', ')}` : ''}`);
  return there;
}

async function sideBySide(
  bareSocket: string,
  rounds: number,
  smtpload: string | null,
): Promise<PostfixRow[]> {
  const scene = await Scene.set((network, service) =>
    Postfix.start(network, {
      milters: `unix:${service.unixSocket}`,
      services: {
        [PORTS['no milter']]: ['smtpd_milters='],
        [PORTS['Postern, tcp']]: [`smtpd_milters=inet:127.0.0.1:${service.tcpPort}`],
        [PORTS['bare Node']]: [`smtpd_milters=unix:${bareSocket}`],
      },
      parameters: ['relay_domains = dest.example', 'relay_transport = discard:'],
    }),
  );
  try {
    await makeKnown(scene.network);
    const send: Sender = (way, sessions, messages) => smtpSource(scene.network, way, sessions, messages);
    const rows = await inTurns('smtp-source', send, rounds);
    if (smtpload === null) return rows;
    const load: Sender = (way, sessions, messages) =>
      playSmtpload(scene.network, smtpload, way, sessions, messages);
    for (const expected of ['deferred', 'passed'] as const) {
      await teach(scene.network, smtpload, expected);
      await sleep(1100);
    }
    return [...rows, ...(await inTurns('smtpload', load, rounds))];
  } finally {
    await scene.strike();
  }
}

/** Resolves with the milliseconds it took. */
type Sender = (way: Way, sessions: number, messages: number) => Promise<number>;

async function inTurns(load: Load, send: Sender, rounds: number): Promise<PostfixRow[]> {
  const times = { one: timesByWay(), many: timesByWay() };
  for (let round = 0; round <= rounds; round++) {
    for (const way of WAYS) {
      const one = await send(way, 1, MESSAGES.one);
      const many = await send(way, 16, MESSAGES.many);
      // The first round warms up.
      if (round === 0) continue;
      times.one[way].push(one);
      times.many[way].push(many);
    }
  }
  return WAYS.map((way) => ({
    load,
    way,
    messagesPerSecond: (MESSAGES.many * 1000) / median(times.many[way]),
    msPerMessage: median(times.one[way]) / MESSAGES.one,
  }));
}

function timesByWay(): Record<Way, number[]> {
  return { 'no milter': [], 'Postern, unix': [], 'Postern, tcp': [], 'bare Node': [] };
}

async function makeKnown(network: PrivateNetwork): Promise<void> {
  const socket = network.dial({ from: CLIENT, to: CLIENT, port: PORTS['Postern, unix'] });
  const smtp = await SmtpDialogue.begin(socket);
  await smtp.says('EHLO mx.example.net', '250');
  await smtp.retries([`MAIL FROM:<${SENDER}>`, `RCPT TO:<${RECIPIENT}>`], '250');
  const closed = once(socket, 'close');
  await smtp.quits();
  await closed;
}

/** Rejects if a single message is not taken: smtp-source(1) gives up then. */
async function smtpSource(
  network: PrivateNetwork,
  way: Way,
  sessions: number,
  messages: number,
): Promise<number> {
  const beganMs = performance.now();
  await network.run('smtp-source', [
    ...['-s', String(sessions), '-m', String(messages), '-l', '1000', '-f', SENDER, '-t', RECIPIENT],
    `inet:${CLIENT}:${PORTS[way]}`,
  ]);
  return performance.now() - beganMs;
}

const POOL = 1000;

async function playSmtpload(
  network: PrivateNetwork,
  program: string,
  way: Way,
  sessions: number,
  messages: number,
): Promise<number> {
  const { seconds } = await smtploadRun(network, program, way, sessions, messages, 'passed');
  return seconds * 1000;
}

async function teach(
  network: PrivateNetwork,
  program: string,
  expected: 'deferred' | 'passed',
): Promise<void> {
  await smtploadRun(network, program, 'Postern, unix', 16, POOL, expected);
}

/** Throws BenchError if one of them fared otherwise. */
async function smtploadRun(
  network: PrivateNetwork,
  program: string,
  way: Way,
  sessions: number,
  messages: number,
  expected: 'deferred' | 'passed',
): Promise<{ readonly seconds: number }> {
  const printed = await network.run(program, [
    ...['--json', '-p', String(PORTS[way]), '-c', String(sessions)],
    ...['-n', String(messages), '--pool', String(POOL)],
  ]);
  const told = JSON.parse(printed) as Readonly<Record<'passed' | 'deferred' | 'seconds', number>>;
  if (told[expected] !== messages) throw new BenchError(`smtpload, ${way}: not all ${expected}: ${printed}`);
  return told;
}
