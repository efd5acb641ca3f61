/** Owns what happens when this machine lacks a server that a spec needs: skipped at home with one line, failed in CI. */

import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Context } from 'mocha';
import { NETWORK_PROGRAMS } from './private-network.ts';

/** Where Debian keeps servers, which a user's PATH may leave out. */
const SERVER_FOLDERS = ['/usr/sbin', '/sbin', '/usr/lib/postfix/sbin'];

/** Call it first in a `before` hook. `programs` are names on the PATH or absolute paths; `cure` says how to get them. */
export function requires(context: Context, subject: string, programs: readonly string[], cure: string): void {
  const missing = [...NETWORK_PROGRAMS, ...programs].filter((name) => !isInstalled(name));
  const wants = missing.length > 0 ? [`${missing.join(', ')} (${cure})`] : [];
  if (process.getuid?.() !== 0) wants.unshift('root');
  if (wants.length === 0) return;
  const sentence = `${subject} is not tested: needs ${wants.join(' and ')}`;
  if (process.env['CI'] === 'true') throw new Error(sentence);
  console.log(sentence);
  context.skip();
}

export function isInstalled(program: string): boolean {
  const folders = program.startsWith('/') ? [''] : [...(process.env['PATH'] ?? '').split(delimiter), ...SERVER_FOLDERS];
  return folders.some((folder) => isExecutable(folder === '' ? program : join(folder, program)));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
