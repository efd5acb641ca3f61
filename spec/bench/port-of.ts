/** Owns the wait for a name server of the bench, which prints `ready PORT`. */

import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { BenchError } from './bench-error.ts';

export async function portOf(server: ChildProcessWithoutNullStreams): Promise<number> {
  let printed = '';
  return new Promise((resolve, reject) => {
    const read = (chunk: Buffer): void => {
      printed += chunk.toString();
      const port = /ready (\d+)/.exec(printed)?.[1];
      if (port !== undefined) resolve(Number(port));
    };
    server.stdout.on('data', read);
    server.stderr.on('data', read);
    server.once('close', () => reject(new BenchError(`the name server ended: ${printed}`)));
  });
}
