/** Owns what happens when this machine lacks a server that a spec needs: skipped at home with one line, failed in CI. */

import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Context } from 'mocha';
import { NETWORK_PROGRAMS, SERVER_PATH } from './private-network.ts';

/** Call it first in a `before` hook or a test. `programs` are names on the PATH or absolute paths; `cure` says how to get them. */
export function requires(context: Context, subject: string, programs: readonly string[], cure: string): void {
  const missing = [...NETWORK_PROGRAMS, ...programs].filter((name) => !isInstalled(name));
  const wants = missing.length > 0 ? [`${missing.join(', ')} (${cure})`] : [];
  if (process.getuid?.() !== 0) wants.unshift('root');
  else if (missing.length === 0 && !mayUnshare()) wants.push('the right to make network namespaces');
  if (wants.length === 0) return;
  const sentence = `${subject} is not tested: needs ${wants.join(' and ')}`;
  if (process.env['CI'] === 'true') throw new Error(sentence);
  console.log(sentence);
  context.skip();
}

/** `program` is a name on the PATH or an absolute path. */
export function isInstalled(program: string): boolean {
  if (program.startsWith('/')) return isExecutable(program);
  return SERVER_PATH.split(delimiter).some((folder) => isExecutable(join(folder, program)));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Root in a container often may not. */
function mayUnshare(): boolean {
  return (
    spawnSync('unshare', ['--net', '--mount', '--uts', 'true'], { env: { PATH: SERVER_PATH } }).status === 0
  );
}
