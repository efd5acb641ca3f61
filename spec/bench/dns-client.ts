/** Asks a name server as fast as it can, as one of the clients of dns.ts: a process, so that what it uses is its own. */

import { Resolver as CAres } from 'node:dns/promises';
import { CachingResolver, oneLane } from '../../lib/dns/caching-resolver.ts';
import { NEVER, type Resolver } from '../../lib/dns/resolver.ts';
import { StubResolver } from '../../lib/dns/stub-resolver.ts';
import type { DnsClient, DnsOrder, DnsRun, Filled } from './dns.ts';

const TIMEOUT_MS = 5000;
const now = (): number => performance.now();

/** Whether there was an answer, be it that the name is not there. */
type Ask = (name: string) => Promise<boolean>;

async function clientOf(client: DnsClient, server: string): Promise<Ask> {
  const own = async (): Promise<Ask> => {
    const codec = client === 'ours' ? {} : { codec: (await import('./packet-codec.ts')).PACKET_CODEC };
    const resolver = new StubResolver({ servers: [server], timeoutMs: TIMEOUT_MS, now, ...codec });
    return async (name) => (await resolver.a(name, NEVER)).status !== 'temperror';
  };
  if (client === 'ours' || client === "ours, dns2's Packet") return own();
  if (client === 'node:dns') {
    const resolver = new CAres();
    resolver.setServers([server]);
    return (name) =>
      resolver.resolve4(name, { ttl: true }).then(
        () => true,
        (error: NodeJS.ErrnoException) => error.code === 'ENOTFOUND',
      );
  }
  const { UDPClient } = await import('dns2');
  const [dns, port] = server.split(':');
  const resolve = UDPClient({ dns: dns!, port: Number(port) });
  return async (name) => {
    // It waits for ever for what is lost.
    const lost = new Promise<null>((resolve) => setTimeout(() => resolve(null), TIMEOUT_MS).unref());
    return (await Promise.race([resolve(name, 'A').catch(() => null), lost])) !== null;
  };
}

/** 127.2.0.0/17 is listed, the rest is not: half of either. */
function nameOf(n: number): string {
  return `${n & 255}.${(n >> 8) & 255}.2.127.bl.test`;
}

async function measure(order: Extract<DnsOrder, { kind: 'ask' }>): Promise<DnsRun> {
  const ask = await clientOf(order.client, order.server);
  let next = 0;
  const run = async (seconds: number): Promise<{ lookups: number; failed: number }> => {
    const end = now() + seconds * 1000;
    let [lookups, failed] = [0, 0];
    const one = async (): Promise<void> => {
      while (now() < end) {
        if (!(await ask(nameOf(next++)))) failed++;
        lookups++;
      }
    };
    await Promise.all(Array.from({ length: order.concurrency }, one));
    return { lookups, failed };
  };
  // The first second is the compiler's.
  await run(order.seconds / 2);
  const [before, since] = [process.cpuUsage(), now()];
  const { lookups, failed } = await run(order.seconds);
  const { user, system } = process.cpuUsage(before);
  return {
    perSecond: (lookups * 1000) / (now() - since),
    cpuUs: (user + system) / lookups,
    failed,
  };
}

/** Answers as a list gives them: one address, or none. */
async function fill({ answers, bounds }: Extract<DnsOrder, { kind: 'fill' }>): Promise<Filled> {
  const say = (name: string): ReturnType<Resolver['a']> =>
    Promise.resolve(
      name.charCodeAt(0) % 2 === 0
        ? { status: 'found', records: ['127.0.0.2'], ttl: 3600 }
        : { status: 'nxdomain', ttl: 3600 },
    );
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- nothing else is asked
  const resolver = new CachingResolver(oneLane({ a: say } as Partial<Resolver> as Resolver), { now, bounds });
  const ask = (n: number): Promise<unknown> =>
    resolver.a(`${n & 255}.${(n >> 8) & 255}.${(n >> 16) & 255}.198.zen.spamhaus.org`, NEVER);
  // What is compiled once is no part of it.
  for (let n = 0; n < 20_000; n++) await ask(n & 15);
  collect();
  const before = process.memoryUsage();
  const since = now();
  for (let n = 0; n < answers; n++) await ask(n);
  const seconds = (now() - since) / 1000;
  collect();
  const after = process.memoryUsage();
  const hits = now();
  const warm = Math.min(answers, 100_000);
  for (let n = answers - warm; n < answers; n++) await ask(n);
  return {
    ...resolver.remembered,
    heapBytes: after.heapUsed - before.heapUsed,
    rssBytes: after.rss - before.rss,
    fillUs: (seconds * 1e6) / answers,
    hitUs: ((now() - hits) * 1000) / warm,
  };
}

/** What waits for a second collection is gone too. */
function collect(): void {
  for (let n = 0; n < 3; n++) globalThis.gc!();
}

const order = JSON.parse(process.argv[2]!) as DnsOrder;
const done = order.kind === 'ask' ? await measure(order) : await fill(order);
process.stdout.write(JSON.stringify(done));
process.exit();
