/** Owns what is said where no service runs: how to start it, and that a command has done without it. */

import { quotedPath } from '../shell-path.ts';
import { IF_ABSENT, type Asked } from '../control/ask.ts';
import { harmless } from './wrapped.ts';

type Unasked = Exclude<Asked<unknown>, { kind: 'answered' }>;

/** Why the service could not be asked; where there is none, what becomes of mail, and what to type. */
export function whyUnasked({ kind, why }: Unasked, configFile: string): string {
  if (kind !== 'absent') return why;
  return `${why}: ${IF_ABSENT}; type: ${toStart(configFile)}`;
}

/** `done`: what was done without it, and where. To standard error, for people; programs that read JSON know their files. */
export function noteUnserved(
  unserved: { readonly kind: Unasked['kind'] | 'other' } | null,
  configFile: string,
  done: string,
): void {
  if (unserved?.kind !== 'absent') return;
  process.stderr.write(`${harmless(`no service runs: ${done}; to start it: ${toStart(configFile)}`)}\n`);
}

function toStart(configFile: string): string {
  return `systemctl start postern (or: postern run --config ${quotedPath(configFile)})`;
}
