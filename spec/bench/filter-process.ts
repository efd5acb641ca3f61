/** Owns a filter under test: its process, where it listens, and what it has used. */

import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { BenchError } from './bench-error.ts';
import type { Target } from './job.ts';
import { usageOf } from './usage.ts';
import type { Usage } from './usage.ts';

export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly target: Target;
}

const START_WITHIN_MS = 60_000;
const LOOK_EVERY_MS = 2;

export class FilterProcess {
  readonly target: Target;
  /** From the start of the process until it took a connection. */
  readonly readyMs: number;
  readonly #child: ChildProcess;
  #stopping = false;

  private constructor(target: Target, readyMs: number, child: ChildProcess) {
    this.target = target;
    this.readyMs = readyMs;
    this.#child = child;
    child.on('exit', (code, signal) => {
      if (!this.#stopping) process.stderr.write(`${child.spawnargs.join(' ')} ended: ${signal ?? code}\n`);
    });
  }

  /** Resolved when it takes connections; throws BenchError with what it wrote to standard error if it ends instead. */
  static async start({ program, args, target }: Command): Promise<FilterProcess> {
    const beganMs = performance.now();
    // The log goes where it costs a write and no disk: a log file would compete with the store for the disk.
    const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    // A bench that fails leaves nothing running.
    const kill = (): unknown => child.kill('SIGKILL');
    process.once('exit', kill);
    child.once('exit', () => process.off('exit', kill));
    let complaint = '';
    child.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
    while (!(await answers(target))) {
      if (child.exitCode !== null)
        throw new BenchError(`${[program, ...args].join(' ')} ended: ${complaint}`);
      if (performance.now() - beganMs > START_WITHIN_MS)
        throw new BenchError(`${program} ${args[0]} does not listen`);
      await sleep(LOOK_EVERY_MS);
    }
    return new FilterProcess(target, performance.now() - beganMs, child);
  }

  get pid(): number {
    return this.#child.pid!;
  }

  usage(): Usage {
    return usageOf(this.pid);
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exit = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    const forced = setTimeout(() => this.#child.kill('SIGKILL'), 15_000);
    await exit;
    clearTimeout(forced);
  }
}

function answers(target: Target): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(target);
    const done = (there: boolean): void => {
      probe.destroy();
      resolve(there);
    };
    probe.on('connect', () => done(true));
    probe.on('error', () => done(false));
  });
}

/** One that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
