/** Owns a look at where Postern's time goes: a CPU profile of each of its threads under load. */

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { FilterProcess } from './filter-process.ts';
import type { Peer } from './peers.ts';
import { makeKnown } from './peers.ts';
import { postern } from './postern.ts';
import type { Flavour } from './postern.ts';
import { costs } from './profile.ts';
import type { Player } from './sample.ts';
import { loadOf } from './speed.ts';
import { textTable } from './text-table.ts';

const DEAREST = 20;
const SECONDS = 8;
const LOADS = [
  ['new', 16],
  ['new', 128],
  ['known', 16],
] as const;

export async function profiles(flavour: Flavour, folder: string, play: Player): Promise<string> {
  const pages: string[] = [];
  for (const [workload, concurrency] of LOADS) {
    const name = `profile-${workload}-${concurrency}`;
    const profileFolder = join(folder, name);
    const { program, args, target } = postern(flavour, { folder, name, port: null, delay: '1s' });
    // In the environment, not as an argument, so that the store's thread takes it too.
    const options = `NODE_OPTIONS=--cpu-prof --cpu-prof-interval=250 --cpu-prof-dir=${profileFolder}`;
    const filter = await FilterProcess.start({ program: 'env', args: [options, program, ...args], target });
    const at = { filter, target };
    const peer: Peer = { name, at: { new: at, known: at } };
    if (workload === 'known') await makeKnown(peer, play);
    await play(target, loadOf(workload, concurrency, SECONDS));
    await filter.stop();
    for (const file of readdirSync(profileFolder).sort())
      pages.push(`${workload}, c=${concurrency}, ${file}\n${page(join(profileFolder, file))}`);
  }
  return pages.join('\n\n');
}

function page(file: string): string {
  const dearest = costs(file).slice(0, DEAREST);
  const percent = (share: number): string => (share * 100).toFixed(1);
  return textTable(
    ['where (% of the busy time)', 'self', 'with what it calls'],
    dearest.map(({ where, selfShare, totalShare }) => [where, percent(selfShare), percent(totalShare)]),
  );
}
