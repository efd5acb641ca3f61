/** Owns the measurement of SPF: Postern beside Debian's two filters, with one name server in one private network. */

import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NETWORK_PROGRAMS, PrivateNetwork } from '../support/mta/private-network.ts';
import { pyspfCommand, SPF_PEERS, SPF_PEERS_CURE, spfEngineConfig } from '../support/mta/pyspf-milter.ts';
import { isInstalled } from '../support/mta/requirements.ts';
import { FilterProcess, type Command } from './filter-process.ts';
import type { Load } from './job.ts';
import { medians } from './median.ts';
import { unused } from './numbers.ts';
import { PolicydLoad } from './policyd-load.ts';
import { portOf } from './port-of.ts';
import { postern, type Flavour } from './postern.ts';
import { sample, type Player, type Sample } from './sample.ts';

export type SpfPeer = 'Postern' | 'pyspf-milter' | 'policyd-spf';

export type SpfSpeed = Pick<Sample, 'sessionsPerSecond' | 'cpuUs'>;

/** Whole sessions with a message that both identities pass; of policyd-spf only its answers at RCPT. */
export interface SpfRow {
  readonly peer: SpfPeer;
  /** New ones, those that have been asked for, or nobody is asked. */
  readonly names: 'new' | 'known' | 'none';
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
const SETTINGS = { HELO_reject: 'Fail', Mail_From_reject: 'Fail', Lookup_Time: '20' };

/** Null, and a line that says why, where the peers are not, or there is no right to make networks. */
export async function measureSpf(plan: SpfPlan): Promise<SpfRow[] | null> {
  const missing = [...NETWORK_PROGRAMS, ...SPF_PEERS].filter((name) => !isInstalled(name));
  if (missing.length > 0 || process.getuid?.() !== 0) {
    const wants =
      missing.length > 0 ? `there is no ${missing.join(', ')} (${SPF_PEERS_CURE})` : 'it needs root';
    plan.say(`without SPF's peers: ${wants}`);
    return null;
  }
  const network = await PrivateNetwork.open();
  try {
    await portOf(network.start(process.execPath, [SPF_NAMES, '53']));
    return await inNetwork(network, plan);
  } finally {
    await network.close();
  }
}

async function inNetwork(
  network: PrivateNetwork,
  { flavour, folder, rounds, play }: SpfPlan,
): Promise<SpfRow[]> {
  const started: FilterProcess[] = [];
  const filter = async ({ program, args, target }: Command): Promise<Run> => {
    const inside = network.inside(program, args);
    const running = await FilterProcess.start({ program: 'nsenter', args: inside, target });
    started.push(running);
    return (load) => sample(running, target, load, play);
  };
  const ours = (name: string, word: string): Promise<Run> =>
    filter(postern(flavour, { folder, name, port: null, delay: '1s', lines: `policy: [${word}]\n` }));
  const policydFile = join(folder, 'policyd.conf');
  spfEngineConfig(policydFile, SETTINGS);
  try {
    const [plain, checking] = [await ours('no-spf', 'permit'), await ours('spf', 'check_spf')];
    const { args, path } = pyspfCommand(folder, 'pyspf', SETTINGS);
    const pyspf = await filter({ program: 'pyspf-milter', args, target: { path } });
    const policyd = new PolicydLoad(network, policydFile);
    const contestants = [
      ['Postern', 'none', plain],
      ['Postern', 'new', checking],
      ['Postern', 'known', checking],
      ['pyspf-milter', 'new', pyspf],
      ['pyspf-milter', 'known', pyspf],
      ['policyd-spf', 'new', (load) => policyd.run(load)],
      ['policyd-spf', 'known', (load) => policyd.run(load)],
    ] as const satisfies readonly (readonly [SpfPeer, SpfRow['names'], Run])[];

    const rows: SpfRow[] = [];
    for (const concurrency of CONCURRENCIES) {
      const speeds = contestants.map((): SpfSpeed[] => []);
      for (let round = 0; round <= rounds; round++)
        for (const [i, [, names, run]] of contestants.entries()) {
          const speed = await run(loadOf(names, concurrency));
          // The first round is the compiler's, and asks for the names that are known from then on.
          if (round > 0) speeds[i]!.push(speed);
        }
      for (const [i, [peer, names]] of contestants.entries())
        rows.push({ peer, names, concurrency, median: speedOf(speeds[i]!) });
    }
    return rows;
  } finally {
    await Promise.all(started.map((each) => each.stop()));
  }
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
