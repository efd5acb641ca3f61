/** A program for a network namespace of its own (`unshare -rn`): its network goes and comes, and a line is said of a lookup each time. */

import { execFileSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { StubResolver } from '../../../lib/dns/stub-resolver.ts';
import { a, response } from './bytes.ts';

const SERVER = '192.0.2.53';
const PORT = 5353;
const NEVER = new AbortController().signal;

const ip = (...args: string[]): void =>
  void execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'inherit'] });

const resolver = new StubResolver({ servers: [`${SERVER}:${PORT}`], timeoutMs: 400, now: () => 0 });
let n = 0;

/** All sockets have their turn. */
async function say(when: string): Promise<void> {
  const lines = new Set<string>();
  for (let i = 0; i < 4; i++) {
    const answer = await resolver.a(`h${n++}.example.org`, NEVER);
    lines.add(answer.status === 'temperror' ? `temperror ${answer.why}` : answer.status);
  }
  console.log(`${when}: ${[...lines].join(', ')}`);
}

/** As if the server were beyond a router, and the network had given us this address. */
function connected(ours: string): void {
  ip('address', 'add', `${ours}/32`, 'dev', 'lo');
  ip('route', 'replace', 'local', SERVER, 'dev', 'lo', 'src', ours, 'table', 'local');
}

await say('down');

const dns = createSocket('udp4');
dns.on('message', (bytes, { port, address }) =>
  dns.send(response(bytes, { answers: [a(192, 0, 2, 1)] }), port, address),
);
ip('link', 'set', 'lo', 'up');
ip('address', 'add', `${SERVER}/32`, 'dev', 'lo');
await new Promise<void>((resolve) => dns.bind(PORT, SERVER, resolve));
connected('198.51.100.1');
await say('up');

ip('address', 'del', '198.51.100.1/32', 'dev', 'lo');
await say('down');

connected('198.51.100.2');
await say('up, by another address of ours');
process.exit();
