/** Owns how the bench starts milter-greylist, which keeps its triplets in memory and, like this, never on disk. */

import { existsSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import type { Command } from './filter-process.ts';

/** As its own `make install`, FreeBSD's port and Debian's former package have it. */
const PLACES = ['/usr/sbin', '/usr/local/sbin', '/usr/local/bin'].map((folder) =>
  join(folder, 'milter-greylist'),
);

/** Null: it is not installed. */
export function milterGreylist(folder: string): Command | null {
  const program = PLACES.find((path) => existsSync(path));
  if (program === undefined) return null;
  const path = join(folder, 'milter-greylist.sock');
  const config = join(folder, 'milter-greylist.conf');
  writeFileSync(
    config,
    `socket "${path}" 660
pidfile "${join(folder, 'milter-greylist.pid')}"
dumpfile "${join(folder, 'milter-greylist.db')}" 600
dumpfreq -1
user "${userInfo().username}"
subnetmatch /24
racl greylist default delay 1s autowhite 36d
`,
  );
  return { program, args: ['-D', '-f', config], target: { path } };
}
