/** Owns the measurement of the resolver beside c-ares and dns2's own client, and of what its cache takes. */

import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { CacheBounds } from '../../lib/dns/answer-cache.ts';
import { BenchError } from './bench-error.ts';
import { medians } from './median.ts';

export const DNS_CLIENTS = ['ours', "ours, dns2's Packet", 'node:dns', "dns2's client"] as const;
export type DnsClient = (typeof DNS_CLIENTS)[number];

/** What dns-client.ts is told, as its argument. */
export type DnsOrder =
  | {
      readonly kind: 'ask';
      readonly client: DnsClient;
      readonly server: string;
      readonly concurrency: number;
      readonly seconds: number;
    }
  | { readonly kind: 'fill'; readonly answers: number; readonly bounds: CacheBounds };

export interface DnsRun {
  readonly perSecond: number;
  /** Of the client's process, a lookup. */
  readonly cpuUs: number;
  readonly failed: number;
}

export interface Filled {
  /** As the cache counts it. */
  readonly entries: number;
  readonly bytes: number;
  /** More than before, after a collection. */
  readonly heapBytes: number;
  readonly rssBytes: number;
  readonly fillUs: number;
  readonly hitUs: number;
}

export interface DnsFigures {
  readonly server: string;
  readonly rows: readonly {
    readonly client: DnsClient;
    readonly concurrency: number;
    readonly median: DnsRun;
  }[];
  readonly caches: readonly {
    readonly what: string;
    readonly bounds: CacheBounds;
    readonly filled: Filled;
  }[];
}

const CONCURRENCIES = [1, 32, 256];
const CLIENT = fileURLToPath(new URL('dns-client.ts', import.meta.url));
const SERVER = fileURLToPath(new URL('dns-fixture.ts', import.meta.url));

const run = promisify(execFile);

export async function measureDns(folder: string, rounds: number, seconds: number): Promise<DnsFigures> {
  const server = await startServer(folder);
  try {
    const rows: DnsFigures['rows'][number][] = [];
    for (const concurrency of CONCURRENCIES) {
      const runs = DNS_CLIENTS.map((): DnsRun[] => []);
      for (let round = 0; round < rounds; round++)
        for (const [i, client] of DNS_CLIENTS.entries())
          runs[i]!.push(
            await told<DnsRun>({ kind: 'ask', client, server: server.address, concurrency, seconds }),
          );
      for (const [i, client] of DNS_CLIENTS.entries())
        rows.push({ client, concurrency, median: medians(runs[i]!) });
    }
    const caches = [];
    for (const [what, bounds] of [
      ['as it is', { entries: 100_000, bytes: 32 * 2 ** 20 }],
      ['by bytes alone', { entries: 1e7, bytes: 32 * 2 ** 20 }],
      ['with room for all', { entries: 1e7, bytes: 1e9 }],
    ] as const)
      caches.push({ what, bounds, filled: await told<Filled>({ kind: 'fill', answers: 1e6, bounds }) });
    return { server: server.name, rows, caches };
  } finally {
    server.stop();
  }
}

async function told<T>(order: DnsOrder): Promise<T> {
  const flags = ['--disable-warning=ExperimentalWarning', '--expose-gc'];
  const { stdout } = await run(process.execPath, [...flags, CLIENT, JSON.stringify(order)]);
  return JSON.parse(stdout) as T;
}

interface Server {
  readonly name: string;
  readonly address: string;
  stop(): void;
}

/** rbldnsd if it is installed, else one of our own. Throws BenchError. */
async function startServer(folder: string): Promise<Server> {
  const port = await freePort();
  const zone = [
    '$SOA 300 ns.test. hostmaster.test. 0 600 300 86400 300',
    '$NS 300 ns.test.',
    ':127.0.0.2:listed',
    '127.2.0.0/17',
  ];
  // It gives up root, and then reads only what everyone may.
  const zones = join(folder, 'zones');
  mkdirSync(zones, { mode: 0o755 });
  writeFileSync(join(zones, 'bl.zone'), `${zone.join('\n')}\n`);
  const rbldnsd = await started('rbldnsd', [
    ...['-n', '-r', zones, '-w', '.', '-b', `127.0.0.1/${port}`, 'bl.test:ip4set:bl.zone'],
  ]);
  const own = rbldnsd === null ? await started(process.execPath, [SERVER, String(port)]) : null;
  const child = rbldnsd ?? own;
  if (child === null) throw new BenchError('no name server could be started');
  return {
    name: rbldnsd === null ? 'our own' : 'rbldnsd',
    address: `127.0.0.1:${port}`,
    stop: () => child.kill(),
  };
}

/** Null: there is no such program, or it ended at once. */
async function started(program: string, args: readonly string[]): Promise<ChildProcess | null> {
  const child = spawn(program, args, {
    stdio: 'ignore',
    env: { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin` },
  });
  const ended = once(child, 'exit').then(
    () => true,
    () => true,
  );
  return (await Promise.race([ended, sleep(700).then(() => false)])) ? null : child;
}

async function freePort(): Promise<number> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  return port;
}
