/** Owns how the bare filter is started: as JavaScript, so that Node's own compiler of TypeScript is not in its memory. */

import { readFileSync, writeFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';
import type { Command } from './filter-process.ts';

export interface BareCommand extends Command {
  readonly target: { readonly path: string };
}

/** What Postern agrees on with an MTA of today: only RCPT, DATA and the end of message are answered. */
export const AS_POSTERN = 'c7080';

/** Listens on `name`.sock in `folder`. */
export function bareNode(
  folder: string,
  name: string,
  rcpt: 'continue' | 'defer',
  flags: string,
): BareCommand {
  const script = join(folder, 'bare-filter.mjs');
  writeFileSync(
    script,
    stripTypeScriptTypes(readFileSync(new URL('bare-filter.ts', import.meta.url), 'utf8')),
  );
  const path = join(folder, `${name}.sock`);
  return { program: process.execPath, args: [script, path, rcpt, flags], target: { path } };
}
