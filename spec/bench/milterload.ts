/** Owns runs of the C load generator `milterload`, told and read as our own is. */

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { BenchError } from './bench-error.ts';
import type { Load, Outcome, Target } from './job.ts';

const run = promisify(execFile);

/** The fields that are read of what `--json` prints. */
interface Printed {
  readonly sessions: number;
  readonly seconds: number;
  readonly errors: Readonly<Record<string, number>>;
  readonly unexpected: number;
  readonly stages: Readonly<Record<string, Readonly<Record<'n' | 'p50_us' | 'p99_us' | 'max_us', number>>>>;
  readonly texts: readonly { readonly text: string }[];
}

/** Its identities are others than ours; a pool is drawn from in order. Throws BenchError as our own generator does. */
export async function playWithMilterload(program: string, target: Target, load: Load): Promise<Outcome> {
  const { concurrency, expect, first, pool, until } = load;
  const { stdout } = await run(program, [
    ...['--json', '-t', 'path' in target ? `unix:${target.path}` : `inet:${target.port}@127.0.0.1`],
    ...['-c', String(concurrency), '--expect', expect === 'deferred' ? 'defer' : 'pass'],
    ...('seconds' in until ? ['-d', String(until.seconds)] : ['-n', String(until.sessions)]),
    ...(pool === null ? ['-m', 'new', '--offset', String(first)] : ['-m', 'known', '--pool', String(pool)]),
  ]);
  const printed = JSON.parse(stdout) as Printed;
  const failed = Object.values(printed.errors).reduce((sum, count) => sum + count, printed.unexpected);
  if (failed > 0)
    throw new BenchError(
      `milterload: ${failed} sessions not ${expect}: ${JSON.stringify([printed.errors, printed.texts])}`,
    );
  const { n, p50_us: p50, p99_us: p99, max_us: max } = printed.stages['rcpt']!;
  return {
    sessions: printed.sessions,
    seconds: printed.seconds,
    rcpts: n,
    p50,
    p99,
    max,
    failed: 0,
    reasons: [],
  };
}
