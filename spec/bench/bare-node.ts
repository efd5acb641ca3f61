/** Owns how the bare filter is started. */

import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from './filter-process.ts';

export interface BareCommand extends Command {
  readonly target: { readonly path: string };
}

/** What Postern agrees on with an MTA of today: only RCPT, DATA and the end of message are answered. */
export const AS_POSTERN = 'c7080';

const SCRIPT = fileURLToPath(new URL('bare-filter.mjs', import.meta.url));

/** Listens on `name`.sock in `folder`. */
export function bareNode(
  folder: string,
  name: string,
  rcpt: 'continue' | 'defer',
  flags: string,
): BareCommand {
  const path = join(folder, `${name}.sock`);
  return { program: process.execPath, args: [SCRIPT, path, rcpt, flags], target: { path } };
}
