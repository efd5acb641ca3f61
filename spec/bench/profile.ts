/** Owns the reading of a CPU profile: which functions the time was spent in, and where they stand. */

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ROOT } from './postern.ts';

/** The part of V8's .cpuprofile that is read. */
interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
    readonly children?: readonly number[];
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

export interface Cost {
  /** `take lib/milter/dialogue.ts:71` */
  readonly where: string;
  /** Of the time that was not idle: in the function itself, and in what it called too. */
  readonly selfShare: number;
  readonly totalShare: number;
}

/** The dearest first, by their own time. */
export function costs(file: string): Cost[] {
  const { nodes, samples, timeDeltas } = JSON.parse(readFileSync(file, 'utf8')) as CpuProfile;
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const parent = new Map(
    nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)),
  );
  const self = new Map<string, number>();
  const total = new Map<string, number>();
  let busy = 0;
  for (const [i, id] of samples.entries()) {
    const us = timeDeltas[i]!;
    const name = nameOf(byId.get(id)!.callFrame);
    if (name === '(idle)' || name === '(program)') continue;
    busy += us;
    self.set(name, (self.get(name) ?? 0) + us);
    const seen = new Set<string>();
    for (let at: number | undefined = id; at !== undefined; at = parent.get(at))
      seen.add(nameOf(byId.get(at)!.callFrame));
    for (const one of seen) total.set(one, (total.get(one) ?? 0) + us);
  }
  return [...total]
    .map(([where, us]) => ({ where, selfShare: (self.get(where) ?? 0) / busy, totalShare: us / busy }))
    .sort((a, b) => b.selfShare - a.selfShare);
}

function nameOf({ functionName, url, lineNumber }: CpuProfile['nodes'][number]['callFrame']): string {
  const name = functionName === '' ? '(anonymous)' : functionName;
  if (url === '') return name;
  const path = url.startsWith('file:') ? fileURLToPath(url).replace(ROOT, '') : url;
  return `${name} ${path}:${lineNumber + 1}`;
}
