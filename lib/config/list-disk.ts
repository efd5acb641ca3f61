/** Owns ListFiles over the disk and an environment. */

import { readRegularFile } from '../regular-file.ts';
import type { ListFiles } from './list-files.ts';

export function listDisk(env: Readonly<Record<string, string | undefined>>): ListFiles {
  return { read: readRegularFile, variable: (name) => env[name] };
}
