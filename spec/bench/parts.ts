/** Owns the order of a bench run: which parts are measured, how long, and what is printed after each. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AS_POSTERN, bareNode } from './bare-node.ts';
import { compiled } from './c-programs.ts';
import { measureDns, type DnsFigures } from './dns.ts';
import type { GeneratorProcess } from './generator-process.ts';
import { measureLists, type ListsFigures } from './lists.ts';
import { listsPage, listsVerdicts } from './lists-page.ts';
import { measureMemory } from './memory.ts';
import type { Memory } from './memory.ts';
import { playWithMilterload } from './milterload.ts';
import type { Options } from './options.ts';
import {
  dnsPage,
  memoryPage,
  policyPage,
  postfixPage,
  speedPage,
  storedPage,
  tablesPage,
  verdictPage,
} from './pages.ts';
import { makeKnown, startPeers } from './peers.ts';
import { measurePolicy, type PolicyRow } from './policy.ts';
import { built, checkout, postern } from './postern.ts';
import type { Flavour } from './postern.ts';
import { profiles } from './profiling.ts';
import type { Player } from './sample.ts';
import { measureSpf, type SpfRow } from './spf.ts';
import { spfPage, spfVerdicts } from './spf-page.ts';
import { measureSpeed } from './speed.ts';
import type { SpeedRow } from './speed.ts';
import { plot } from './simulation/plot.ts';
import { simulate, type Simulation } from './simulation/simulate.ts';
import { simulationPage, simulationVerdicts } from './simulation/simulation-page.ts';
import { scalePage, scaleVerdicts } from './scale-page.ts';
import { measureScale, type Scale } from './store-scale.ts';
import { measureStored } from './stored.ts';
import type { Stored } from './stored.ts';
import {
  dnsVerdicts,
  memoryVerdicts,
  policyVerdicts,
  postfixVerdicts,
  speedVerdicts,
  storedVerdicts,
  tableVerdicts,
} from './targets.ts';
import type { Verdict } from './targets.ts';
import { measureTables, type TableRow } from './tables.ts';
import { measurePostfix } from './through-postfix.ts';
import type { PostfixRow } from './through-postfix.ts';

export interface Figures {
  speed?: Readonly<Record<string, readonly SpeedRow[]>>;
  memory?: Readonly<Record<string, Memory>>;
  stored?: Stored;
  store?: Scale;
  postfix?: readonly PostfixRow[];
  policy?: readonly PolicyRow[];
  tables?: readonly TableRow[];
  lists?: ListsFigures;
  dns?: DnsFigures;
  spf?: readonly SpfRow[];
  simulation?: Simulation;
  verdicts: readonly Verdict[];
}

const CONCURRENCIES = [1, 16, 128];

interface Run {
  readonly options: Options;
  readonly folder: string;
  readonly generator: GeneratorProcess;
  readonly flavour: Flavour;
  readonly play: Player;
  readonly say: (text: string) => void;
}

/** Prints each part's table as soon as it is measured. Throws BenchError. */
export async function runParts(
  options: Options,
  folder: string,
  generator: GeneratorProcess,
  say: (text: string) => void,
): Promise<Figures> {
  const flavour = options.built
    ? built(join(folder, 'built'), options.nodeFlags)
    : checkout(options.nodeFlags);
  const play: Player = (target, load) => generator.play({ target, load });
  const run: Run = { options, folder, generator, flavour, play, say };
  const figures: Figures = { verdicts: [] };
  const add = (verdicts: readonly Verdict[]): void => {
    figures.verdicts = [...figures.verdicts, ...verdicts];
  };
  for (const part of options.parts) {
    switch (part) {
      case 'speed':
        figures.speed = await speed(run);
        add(speedVerdicts(figures.speed['milterload'] ?? figures.speed['own']!));
        break;
      case 'memory': {
        const { memory, verdicts } = await memoryOf(run);
        figures.memory = memory;
        add(verdicts);
        break;
      }
      case 'stored':
        figures.stored = await stored(run);
        add(storedVerdicts(figures.stored));
        break;
      case 'store':
        figures.store = await scale(run);
        add(scaleVerdicts(figures.store));
        break;
      case 'simulate':
        figures.simulation = await simulated(run);
        add(simulationVerdicts(figures.simulation));
        break;
      case 'postfix': {
        const smtpload = compiled('smtpload', [], folder, say);
        const rows = await measurePostfix(folder, options.full ? 5 : 2, smtpload, say);
        if (rows === null) break;
        figures.postfix = rows;
        say(`\n${postfixPage(rows)}`);
        add(postfixVerdicts(rows));
        break;
      }
      case 'policy':
        figures.policy = await measurePolicy();
        say(`\n${policyPage(figures.policy)}`);
        add(policyVerdicts(figures.policy));
        break;
      case 'tables':
        figures.tables = await measureTables(folder);
        say(`\n${tablesPage(figures.tables)}`);
        add(tableVerdicts(figures.tables));
        break;
      case 'lists':
        figures.lists = await measureLists({ flavour, folder, rounds: options.full ? 7 : 3, play, say });
        say(`\n${listsPage(figures.lists)}`);
        add(listsVerdicts(figures.lists));
        break;
      case 'spf': {
        const rows = await measureSpf({ flavour, folder, rounds: options.full ? 7 : 3, play, say });
        if (rows === null) break;
        figures.spf = rows;
        say(`\n${spfPage(rows)}`);
        add(spfVerdicts(rows));
        break;
      }
      case 'dns':
        figures.dns = await measureDns(folder, options.full ? 5 : 3, options.full ? 3 : 1.5);
        say(`\n${dnsPage(figures.dns)}`);
        add(dnsVerdicts(figures.dns));
        break;
      case 'profile':
        say(`\n${await profiles(flavour, folder, play)}`);
    }
  }
  if (figures.verdicts.length > 0) say(`\n${verdictPage(figures.verdicts)}`);
  return figures;
}

async function speed({ folder, flavour, play, options, say }: Run): Promise<Record<string, SpeedRow[]>> {
  const accept = compiled('accept', ['-lmilter', '-lpthread'], folder, say);
  const milterload = compiled('milterload', [], folder, say);
  const peers = await startPeers(flavour, accept, folder, say);
  const rounds = options.full ? 7 : 3;
  try {
    const rows: Record<string, SpeedRow[]> = {};
    const measure = async (name: string, playing: Player): Promise<void> => {
      const plan = { peers: peers.list, rounds, seconds: 0.7, play: playing };
      for (const peer of peers.remembering) await makeKnown(peer, playing);
      // The first seconds of a process are its compiler's.
      await measureSpeed({ ...plan, concurrencies: [16], rounds: 1 });
      rows[name] = await measureSpeed({ ...plan, concurrencies: CONCURRENCIES });
      say(`\n${speedPage(rows[name], name === 'own' ? "the bench's own generator" : name)}`);
    };
    await measure('own', play);
    if (milterload !== null)
      await measure('milterload', (target, load) => playWithMilterload(milterload, target, load));
    return rows;
  } finally {
    await peers.stop();
  }
}

async function memoryOf(run: Run): Promise<{ memory: Record<string, Memory>; verdicts: Verdict[] }> {
  const { folder, flavour, generator, options, say } = run;
  const triplets = options.full ? 1_000_000 : 200_000;
  const place = { folder, port: null, delay: '1s' };
  const ours = await measureMemory(postern(flavour, { ...place, name: 'memory' }), generator, triplets);
  const memory: Record<string, Memory> = { [options.built ? 'Postern, built' : 'Postern, checkout']: ours };
  if (!options.built) {
    const compiledOnce = built(join(folder, 'built'), options.nodeFlags);
    memory['Postern, built'] = await measureMemory(
      postern(compiledOnce, { ...place, name: 'built' }),
      generator,
      0,
    );
  }
  memory['bare Node'] = await measureMemory(bareNode(folder, 'bare', 'defer', AS_POSTERN), generator, 0);
  say(`\n${memoryPage(new Map(Object.entries(memory)))}`);
  return { memory, verdicts: memoryVerdicts(ours, triplets) };
}

async function stored({ folder, flavour, generator, options, say }: Run): Promise<Stored> {
  const figures = await measureStored({
    flavour,
    folder,
    generator,
    triplets: options.full ? 10_000_000 : 1_000_000,
    rounds: options.full ? 7 : 3,
    seconds: 1,
    steadySeconds: options.full ? 60 : 10,
  });
  say(`\n${storedPage(figures)}`);
  return figures;
}

async function scale({ folder, options, say }: Run): Promise<Scale> {
  const sizes = options.full ? [0, 1_000_000, 10_000_000] : [0, 200_000];
  const plan = { folder, sizes, judgements: 8000, purgeSeconds: options.full ? 60 : 10 };
  const figures = await measureScale(plan, say);
  say(`\n${scalePage(figures)}`);
  return figures;
}

const SEEDS = [1, 2, 3, 4, 5];

async function simulated({ options, say }: Run): Promise<Simulation> {
  const simulation = await simulate(SEEDS, options.full ? SEEDS : SEEDS.slice(0, 1), say);
  say(`\n${simulationPage(simulation)}`);
  if (options.svg !== null) writeFileSync(options.svg, plot(simulation));
  return simulation;
}
