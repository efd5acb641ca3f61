/** Owns small disks: file systems of 2 MB in memory, which can be filled or made read-only. */

import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Call inside a `describe`. The function returned mounts one and gives its path; null, with one line that says so, to
 * those who may not mount (under CI that is an error). It is gone when the test ends.
 */
export function smallDisk(folder: () => string): () => string | null {
  let mounted: string | null = null;
  afterEach(() => {
    if (mounted !== null) spawnSync('umount', ['-l', mounted]);
    mounted = null;
  });
  return () => {
    const path = join(folder(), 'disk');
    mkdirSync(path);
    if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', path]).status === 0)
      return (mounted = path);
    if (process.env['CI'] === 'true') throw new Error('no tmpfs could be mounted');
    console.log('a full or read-only disk is not tested: needs root, to mount a small one');
    return null;
  };
}
