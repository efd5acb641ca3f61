/** Owns the thread where patterns run that may take for ever; whoever started it ends it when it does. */

import { parentPort } from 'node:worker_threads';

/** One match at a time is asked for. */
export interface MatchRequest {
  readonly id: number;
  readonly source: string;
  readonly text: string;
}

export type MatchResponse =
  /** By number, group 0 first; null: no match. */
  | { readonly id: number; readonly groups: readonly (string | null)[] | null }
  | { readonly id: number; readonly failure: string };

const MOST_PROGRAMS = 1000;
const programs = new Map<string, RegExp>();

function programOf(source: string): RegExp {
  let program = programs.get(source);
  if (program === undefined) {
    if (programs.size >= MOST_PROGRAMS) programs.clear();
    programs.set(source, (program = new RegExp(source)));
  }
  return program;
}

function answer({ id, source, text }: MatchRequest): MatchResponse {
  try {
    const match = programOf(source).exec(text);
    if (match === null) return { id, groups: null };
    const groups: (string | null)[] = [match[0]];
    // Only the pattern's own groups have names with g; those of atomic groups are ours.
    for (const [name, group] of Object.entries(match.groups ?? {}))
      if (name.startsWith('g')) groups[Number(name.slice(1))] = group ?? null;
    return { id, groups };
  } catch (error) {
    return { id, failure: error instanceof Error ? error.message : String(error) };
  }
}

const port = parentPort!;
port.on('message', (request: MatchRequest) => port.postMessage(answer(request)));
port.postMessage('ready');
