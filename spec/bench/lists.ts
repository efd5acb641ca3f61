/** Owns the measurement of a policy with twelve DNS lists that are 20 ms away and list nobody. */

import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Postfix } from '../support/mta/postfix.ts';
import { SERVER, type PrivateNetwork } from '../support/mta/private-network.ts';
import { Scene } from '../support/mta/scene.ts';
import { SmtpDialogue } from '../support/mta/smtp.ts';
import { FilterProcess } from './filter-process.ts';
import type { Load } from './job.ts';
import { median, medians } from './median.ts';
import { unused } from './numbers.ts';
import { portOf } from './port-of.ts';
import { postern, type Flavour } from './postern.ts';
import { sample, type Player, type Sample } from './sample.ts';
import { postfixIsThere } from './through-postfix.ts';

export const LISTS = 12;
export const AWAY_MS = 20;

const ZONES = Array.from({ length: LISTS }, (_, n) => `l${n}.lists.example=127.0.0.[2..11]`);
const RULES = ZONES.map((zone) => `reject_rbl_client ${zone}`);

/** By the milter socket, every client a new one or one of a thousand; `none`: the same policy without lists. */
export interface ListsRow {
  readonly caches: 'cold' | 'warm' | 'none';
  readonly concurrency: number;
  readonly median: Sample;
}

/** Through Postfix, one session after the other, every client a new one: from the connection to the answer to RCPT. */
export interface ListsWay {
  readonly way: 'no lists' | "Postfix's own lists" | 'Postern';
  readonly ms: number;
  /** What is more than without lists, in times of the way to the lists and back. */
  readonly roundTrips: number;
}

export interface ListsFigures {
  readonly rows: readonly ListsRow[];
  /** At the milter socket, one session at a time: CONNECT and RCPT in one write, in times of the way to the lists. */
  readonly roundTripsAtSocket: number;
  /** Null: there is no Postfix. */
  readonly ways: readonly ListsWay[] | null;
}

export interface ListsPlan {
  readonly flavour: Flavour;
  readonly folder: string;
  readonly rounds: number;
  readonly play: Player;
  readonly say: (line: string) => void;
}

const FAR_LISTS = fileURLToPath(new URL('far-lists.ts', import.meta.url));

export async function measureLists(plan: ListsPlan): Promise<ListsFigures> {
  const rows = await atSocket(plan);
  const alone = (caches: ListsRow['caches']): number =>
    rows.find((row) => row.caches === caches && row.concurrency === 1)!.median.p50;
  return {
    rows,
    roundTripsAtSocket: (alone('cold') - alone('none')) / 1000 / AWAY_MS,
    ways: await throughPostfix(plan),
  };
}

function lines(server: string): string {
  return `local_domains: [dest.example, example.org]
dns: { servers: ["${server}"] }
policy: ${JSON.stringify(RULES)}
`;
}

async function atSocket({ flavour, folder, rounds, play }: ListsPlan): Promise<ListsRow[]> {
  const server = spawn(process.execPath, [FAR_LISTS, '0', String(AWAY_MS)]);
  const port = await portOf(server);
  const place = { folder, port: null, delay: '1s' };
  const listed = await FilterProcess.start(
    postern(flavour, { ...place, name: 'lists', lines: lines(`127.0.0.1:${port}`) }),
  );
  const plain = await FilterProcess.start(
    postern(flavour, { ...place, name: 'no-lists', lines: 'policy: [permit]\n' }),
  );
  try {
    const rows: ListsRow[] = [];
    for (const concurrency of [1, 16, 128]) {
      const samples = { cold: [], warm: [], none: [] } as Record<ListsRow['caches'], Sample[]>;
      for (let round = 0; round <= rounds; round++)
        for (const caches of ['none', 'cold', 'warm'] as const) {
          const filter = caches === 'none' ? plain : listed;
          // Those of `warm` are asked for once before they are measured.
          if (caches === 'warm' && round === 0) await play(filter.target, loadOf('warm', 16, WARM));
          const seen = await sample(filter, filter.target, loadOf(caches, concurrency), play);
          // The first round is the compiler's, and the lists' that prove themselves.
          if (round > 0) samples[caches].push(seen);
        }
      for (const caches of ['none', 'cold', 'warm'] as const)
        rows.push({ caches, concurrency, median: medians(samples[caches]) });
    }
    return rows;
  } finally {
    await Promise.all([listed.stop(), plain.stop()]);
    server.stdin.end();
  }
}

const WARM = 200;
const warmFirst = unused(WARM);
/** More than can be new in a second. */
const MOST_NEW = 10_000;

function loadOf(caches: ListsRow['caches'], concurrency: number, sessions?: number): Load {
  return {
    concurrency,
    rate: null,
    until: sessions === undefined ? { seconds: 1 } : { sessions },
    recipients: 1,
    first: caches === 'warm' ? warmFirst : unused(MOST_NEW),
    pool: caches === 'warm' ? WARM : null,
    expect: 'accepted',
  };
}

const PORTS: Readonly<Record<ListsWay['way'], number>> = {
  'no lists': 9,
  "Postfix's own lists": 10,
  Postern: 25,
};
const SESSIONS = 15;
/** 198.51.100.1 to .254, each once. */
const CLIENTS = 254;

async function throughPostfix({ rounds, say }: ListsPlan): Promise<ListsWay[] | null> {
  if (!postfixIsThere(say)) return null;
  const scene = await Scene.set(async (network, service) => {
    await network.run('ip', ['route', 'add', 'local', '198.51.100.0/24', 'dev', 'lo']);
    await portOf(network.start(process.execPath, [FAR_LISTS, '53', String(AWAY_MS)]));
    return Postfix.start(network, {
      milters: `unix:${service.unixSocket}`,
      services: {
        [PORTS['no lists']]: ['smtpd_milters='],
        [PORTS["Postfix's own lists"]]: [
          'smtpd_milters=',
          `smtpd_recipient_restrictions=${RULES.join(', ')}`,
        ],
      },
    });
  }, lines('127.0.0.1'));
  try {
    const ways = Object.keys(PORTS) as ListsWay['way'][];
    const times = Object.fromEntries(ways.map((way) => [way, [] as number[]])) as Record<
      ListsWay['way'],
      number[]
    >;
    const asMany = Math.min(rounds, Math.floor(CLIENTS / SESSIONS) - 1);
    for (let round = 0; round <= asMany; round++)
      for (const way of ways)
        for (let n = 0; n < SESSIONS; n++) {
          const ms = await session(scene.network, PORTS[way], `198.51.100.${1 + round * SESSIONS + n}`);
          if (round > 0) times[way].push(ms);
        }
    const without = median(times['no lists']);
    return ways.map((way) => {
      const ms = median(times[way]);
      return { way, ms, roundTrips: (ms - without) / AWAY_MS };
    });
  } finally {
    await scene.strike();
  }
}

/** Milliseconds from the connection to the answer to RCPT. */
async function session(network: PrivateNetwork, port: number, from: string): Promise<number> {
  const beganMs = performance.now();
  const smtp = await SmtpDialogue.begin(network.dial({ from, to: SERVER.ipv4, port }));
  await smtp.pipelines(['EHLO mx.example.net', '250']);
  await smtp.pipelines(['MAIL FROM:<alice@example.net>', '250'], ['RCPT TO:<bob@example.org>', '250']);
  const ms = performance.now() - beganMs;
  await smtp.quits();
  return ms;
}
