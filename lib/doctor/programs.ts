/** Owns the running of other programs that know more: bounded in time and in what they print. */

import { execFile } from 'node:child_process';

/** `missing`: there is no such program here. */
export type Ran =
  | { readonly kind: 'ended'; readonly status: number; readonly stdout: string; readonly stderr: string }
  | { readonly kind: 'missing' }
  | { readonly kind: 'failed'; readonly why: string };

export interface Programs {
  /** Always fulfils; the program is ended when `signal` aborts. */
  run(program: string, args: readonly string[], signal: AbortSignal): Promise<Ran>;
}

const LIMIT_MS = 8000;
const MOST_BYTES = 4 << 20;

/** Where administrators' programs are, whatever the PATH of a user says. */
const ALSO = '/usr/local/sbin:/usr/sbin:/sbin';

/** `path`: as in the environment. */
export function programsOn(path: string, limitMs = LIMIT_MS): Programs {
  const PATH = path === '' ? ALSO : `${path}:${ALSO}`;
  return {
    run: (program, args, signal) =>
      new Promise((resolve) => {
        const options = {
          ...{ env: { PATH, LC_ALL: 'C' }, timeout: limitMs, maxBuffer: MOST_BYTES, signal },
          ...{ killSignal: 'SIGKILL' as const, encoding: 'utf8' as const },
        };
        execFile(program, args, options, (error, stdout, stderr) => {
          if (error === null) resolve({ kind: 'ended', status: 0, stdout, stderr });
          else if (error.code === 'ENOENT') resolve({ kind: 'missing' });
          else if (typeof error.code === 'number')
            resolve({ kind: 'ended', status: error.code, stdout, stderr });
          else resolve({ kind: 'failed', why: `${program} did not end in time, or could not be run` });
        });
      }),
  };
}
