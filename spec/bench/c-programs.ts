/** Owns the C programs that Postern is compared with and driven by, where their sources and a compiler are there. */

import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './postern.ts';

const SOURCES = join(ROOT, '../shared/tools');

/** Compiles one into `folder`; null, and a line that says why, if it can't be had. */
export function compiled(
  name: 'accept' | 'milterload' | 'smtpload',
  libraries: readonly string[],
  folder: string,
  say: (line: string) => void,
): string | null {
  const source = join(SOURCES, `${name}.c`);
  if (!existsSync(source)) {
    say(`without ${name}: ../shared/tools is not there`);
    return null;
  }
  const program = join(folder, name);
  try {
    execFileSync('cc', ['-O2', '-o', program, source, ...libraries], { stdio: 'pipe' });
    return program;
  } catch {
    say(`without ${name}: it does not compile; apt-get install gcc libc6-dev libmilter-dev`);
    return null;
  }
}
