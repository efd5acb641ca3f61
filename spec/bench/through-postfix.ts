/** Owns the measurement through a real Postfix: messages of a known triplet, with Postern and without a filter. */

import { once } from 'node:events';
import { chmodSync } from 'node:fs';
import { Postfix, POSTFIX_PROGRAMS } from '../support/mta/postfix.ts';
import { NETWORK_PROGRAMS } from '../support/mta/private-network.ts';
import type { PrivateNetwork } from '../support/mta/private-network.ts';
import { isInstalled } from '../support/mta/requirements.ts';
import { Scene } from '../support/mta/scene.ts';
import { SmtpDialogue } from '../support/mta/smtp.ts';
import { AS_POSTERN, bareNode } from './bare-node.ts';
import { FilterProcess } from './filter-process.ts';
import { median } from './median.ts';

export type Way = 'no milter' | 'Postern, unix' | 'Postern, tcp' | 'bare Node';

export interface PostfixRow {
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
  say: (line: string) => void,
): Promise<PostfixRow[] | null> {
  if (!postfixIsThere(say)) return null;
  const bare = bareNode(folder, 'postfix', 'continue', AS_POSTERN);
  const filter = await FilterProcess.start(bare);
  // Of all that comes below a private folder, Postfix's own user needs to reach this.
  chmodSync(folder, 0o755);
  chmodSync(bare.target.path, 0o666);
  try {
    return await sideBySide(bare.target.path, rounds);
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

async function sideBySide(bareSocket: string, rounds: number): Promise<PostfixRow[]> {
  const scene = await Scene.set((network, service) =>
    Postfix.start(network, {
      milters: `unix:${service.unixSocket}`,
      services: {
        [PORTS['no milter']]: ['smtpd_milters='],
        [PORTS['Postern, tcp']]: [`smtpd_milters=inet:127.0.0.1:${service.tcpPort}`],
        [PORTS['bare Node']]: [`smtpd_milters=unix:${bareSocket}`],
      },
    }),
  );
  try {
    await makeKnown(scene.network);
    const times = { one: timesByWay(), many: timesByWay() };
    for (let round = 0; round <= rounds; round++) {
      for (const way of WAYS) {
        const one = await send(scene.network, way, 1, MESSAGES.one);
        const many = await send(scene.network, way, 16, MESSAGES.many);
        // The first round warms up.
        if (round === 0) continue;
        times.one[way].push(one);
        times.many[way].push(many);
      }
    }
    return WAYS.map((way) => ({
      way,
      messagesPerSecond: (MESSAGES.many * 1000) / median(times.many[way]),
      msPerMessage: median(times.one[way]) / MESSAGES.one,
    }));
  } finally {
    await scene.strike();
  }
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

/** Milliseconds. Rejects if a single message is not taken: smtp-source(1) gives up then. */
async function send(network: PrivateNetwork, way: Way, sessions: number, messages: number): Promise<number> {
  const beganMs = performance.now();
  await network.run('smtp-source', [
    ...['-s', String(sessions), '-m', String(messages), '-l', '1000', '-f', SENDER, '-t', RECIPIENT],
    `inet:${CLIENT}:${PORTS[way]}`,
  ]);
  return performance.now() - beganMs;
}
