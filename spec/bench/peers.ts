/** Owns who is measured side by side: Postern by its two kinds of sockets, and what it is compared with. */

import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { AS_POSTERN, bareNode } from './bare-node.ts';
import { FilterProcess, freePort } from './filter-process.ts';
import type { Command } from './filter-process.ts';
import type { Target } from './job.ts';
import { milterGreylist } from './milter-greylist.ts';
import { KNOWN, KNOWN_COUNT } from './numbers.ts';
import { postern } from './postern.ts';
import type { Flavour } from './postern.ts';
import type { Player } from './sample.ts';

/** A new triplet is deferred; a known one's message is accepted. */
export type Workload = 'new' | 'known';

export interface Peer {
  readonly name: string;
  /** A filter without a memory is one process that defers all and another that accepts all. */
  readonly at: Readonly<Record<Workload, { readonly filter: FilterProcess; readonly target: Target }>>;
}

export interface Peers {
  readonly list: readonly Peer[];
  /** One peer of each filter that has to be taught whom it knows. */
  readonly remembering: readonly Peer[];
  stop(): Promise<void>;
}

export const LIBMILTER = 'libmilter accept-all';
export const MILTER_GREYLIST = 'milter-greylist';

/** `accept`: the libmilter peer's program, null without. */
export async function startPeers(
  flavour: Flavour,
  accept: string | null,
  folder: string,
  say: (line: string) => void,
): Promise<Peers> {
  const started: FilterProcess[] = [];
  const start = async (command: Command): Promise<FilterProcess> => {
    const filter = await FilterProcess.start(command);
    started.push(filter);
    return filter;
  };
  const pair = async (name: string, command: (workload: Workload) => Command): Promise<Peer> => {
    const one = async (workload: Workload): Promise<Peer['at'][Workload]> => {
      const filter = await start(command(workload));
      return { filter, target: filter.target };
    };
    return { name, at: { new: await one('new'), known: await one('known') } };
  };
  const bare = (name: string, flags: string): Promise<Peer> =>
    pair(name, (workload) =>
      bareNode(folder, `bare-${flags}-${workload}`, workload === 'new' ? 'defer' : 'continue', flags),
    );
  const libmilter = (program: string): Promise<Peer> =>
    pair(LIBMILTER, (workload) => {
      const path = join(folder, `libmilter-${workload}.sock`);
      return { program, args: [`unix:${path}`, ...(workload === 'new' ? ['defer'] : [])], target: { path } };
    });

  const port = await freePort();
  const command = postern(flavour, { folder, name: 'postern', port, delay: '1s' });
  const filter = await start(command);
  const unix = { filter, target: command.target };
  const tcp = { filter, target: { port } };
  const list: Peer[] = [
    { name: 'Postern, unix', at: { new: unix, known: unix } },
    { name: 'Postern, tcp', at: { new: tcp, known: tcp } },
    await bare('bare Node, all answered', '0'),
    await bare(`bare Node, ${AS_POSTERN}`, AS_POSTERN),
  ];
  if (accept !== null) list.push(await libmilter(accept));
  const remembering = [list[0]!];
  const greylister = milterGreylist(folder);
  if (greylister === null)
    say(
      'without milter-greylist: not installed; libmilter accept-all stands in for it, by the ratio of the two measured once',
    );
  else {
    const one = { filter: await start(greylister), target: greylister.target };
    const peer = { name: MILTER_GREYLIST, at: { new: one, known: one } };
    list.push(peer);
    remembering.push(peer);
  }
  return {
    list,
    remembering,
    stop: async () => {
      await Promise.all(started.map((one) => one.stop()));
    },
  };
}

/** Makes the identities of the workload `known` pass, those of the generator that plays. */
export async function makeKnown({ at }: Peer, play: Player): Promise<void> {
  const load = {
    concurrency: 16,
    rate: null,
    until: { sessions: KNOWN_COUNT },
    recipients: 1,
    first: KNOWN,
    pool: KNOWN_COUNT,
  };
  await play(at.known.target, { ...load, expect: 'deferred' });
  await sleep(1100);
  await play(at.known.target, { ...load, expect: 'accepted' });
}
