/** Owns the measurement of SPF: Postern beside Debian's two filters, all asking one name server. */

import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  pyspfConfig,
  socketOf,
  SPF_PEERS,
  SPF_PEERS_CURE,
  spfEngineConfig,
} from '../support/mta/pyspf-milter.ts';
import { isInstalled } from '../support/mta/requirements.ts';
import { FilterProcess, type Command } from './filter-process.ts';
import type { Load } from './job.ts';
import { medians } from './median.ts';
import { unused } from './numbers.ts';
import { PolicydLoad } from './policyd-load.ts';
import { portOf } from './port-of.ts';
import { postern, type Flavour } from './postern.ts';
import { sample, type Player, type Sample } from './sample.ts';

export const SPF_CONTESTANTS = ['Postern without SPF', 'Postern', 'pyspf-milter', 'policyd-spf'] as const;
export type SpfContestant = (typeof SPF_CONTESTANTS)[number];

export type SpfSpeed = Pick<Sample, 'sessionsPerSecond' | 'cpuUs'>;

/** Whole sessions with a message that both identities pass; of policyd-spf only its answers at RCPT. */
export interface SpfRow {
  readonly contestant: SpfContestant;
  /** New ones, or those that have been asked for. */
  readonly names: 'new' | 'known';
  readonly concurrency: number;
  readonly median: SpfSpeed;
}

export interface SpfPlan {
  readonly flavour: Flavour;
  readonly folder: string;
  readonly rounds: number;
  readonly play: Player;
  readonly say: (line: string) => void;
}

type Run = (load: Load) => Promise<SpfSpeed>;

const SPF_NAMES = fileURLToPath(new URL('spf-names.ts', import.meta.url));
const CONCURRENCIES = [1, 16];
const WARM_UP = 3;
const SETTINGS = { HELO_reject: 'Fail', Mail_From_reject: 'Fail', Lookup_Time: '20' };

/** Null, and a line that says why, where the peers are not, or there is no right to have them ask our name server. */
export async function measureSpf(plan: SpfPlan): Promise<SpfRow[] | null> {
  const missing = ['unshare', 'mount', ...SPF_PEERS].filter((name) => !isInstalled(name));
  if (missing.length > 0 || process.getuid?.() !== 0) {
    const wants =
      missing.length > 0 ? `there is no ${missing.join(', ')} (${SPF_PEERS_CURE})` : 'it needs root';
    plan.say(`without SPF's peers: ${wants}`);
    return null;
  }
  // The peers ask port 53 and no other; of the loopback addresses one is free.
  const address = `127.${[65, 0, 1].map((from) => from + Math.floor(Math.random() * 190)).join('.')}`;
  const names = spawn(process.execPath, [SPF_NAMES, address, '53']);
  try {
    await portOf(names);
    return await measured(address, plan);
  } finally {
    names.stdin.end();
  }
}

/** The command line that runs a program with a resolv.conf of its own. */
function asking(resolvConf: string, program: string, file: string): string[] {
  return [
    '--mount',
    'sh',
    '-c',
    'mount --bind "$0" /etc/resolv.conf && exec "$@"',
    resolvConf,
    program,
    file,
  ];
}

async function measured(address: string, plan: SpfPlan): Promise<SpfRow[]> {
  const { flavour, folder, rounds, play } = plan;
  const resolvConf = join(folder, 'resolv.conf');
  writeFileSync(resolvConf, `nameserver ${address}\n`);
  const policydFile = join(folder, 'policyd.conf');
  spfEngineConfig(policydFile, SETTINGS);
  const policyd = new PolicydLoad(() => spawn('unshare', asking(resolvConf, 'policyd-spf', policydFile)));
  const started: { stop(): Promise<void> }[] = [policyd];
  const filter = async (command: Command): Promise<Run> => {
    const running = await FilterProcess.start(command);
    started.push(running);
    return (load) => sample(running, running.target, load, play);
  };
  const ours = (name: string, word: string): Promise<Run> => {
    const lines = `dns: { servers: ["${address}:53"] }\npolicy: [${word}]\n`;
    return filter(postern(flavour, { folder, name, port: null, delay: '1s', lines }));
  };
  const pyspf = (): Promise<Run> => {
    const args = asking(resolvConf, 'pyspf-milter', pyspfConfig(folder, 'pyspf', SETTINGS));
    return filter({ program: 'unshare', args, target: { path: socketOf(folder, 'pyspf') } });
  };
  try {
    const runs: Readonly<Record<SpfContestant, Run>> = {
      'Postern without SPF': await ours('no-spf', 'permit'),
      Postern: await ours('spf', 'check_spf'),
      'pyspf-milter': await pyspf(),
      'policyd-spf': (load) => policyd.run(load),
    };
    // The first seconds of a process are its compiler's.
    await inTurns(runs, 16, WARM_UP);
    const rows: SpfRow[] = [];
    for (const concurrency of CONCURRENCIES) rows.push(...(await inTurns(runs, concurrency, rounds)));
    return rows;
  } finally {
    await Promise.all(started.map((each) => each.stop()));
  }
}

async function inTurns(
  runs: Readonly<Record<SpfContestant, Run>>,
  concurrency: number,
  rounds: number,
): Promise<SpfRow[]> {
  const turns = SPF_CONTESTANTS.flatMap((contestant) =>
    (['new', 'known'] as const).map((names) => ({ contestant, names, speeds: [] as SpfSpeed[] })),
  );
  for (let round = 0; round <= rounds; round++)
    for (const { contestant, names, speeds } of turns) {
      const speed = await runs[contestant](loadOf(names, concurrency));
      // The first round asks for the names that are known from then on.
      if (round > 0) speeds.push(speed);
    }
  return turns.map(({ contestant, names, speeds }) => ({
    contestant,
    names,
    concurrency,
    median: speedOf(speeds),
  }));
}

function speedOf(speeds: readonly SpfSpeed[]): SpfSpeed {
  return medians(speeds.map(({ sessionsPerSecond, cpuUs }) => ({ sessionsPerSecond, cpuUs })));
}

const KNOWN_NAMES = 100;
const knownFirst = unused(KNOWN_NAMES);
/** More than can be new in a second. */
const MOST_NEW = 20_000;

function loadOf(names: SpfRow['names'], concurrency: number): Load {
  return {
    concurrency,
    rate: null,
    until: { seconds: 1 },
    recipients: 1,
    first: names === 'new' ? unused(MOST_NEW) : knownFirst,
    pool: names === 'new' ? null : KNOWN_NAMES,
    expect: 'accepted',
  };
}
