/** Owns RealServer: a name server of Debian's as a process of its own, on this machine or in a private network. */

import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Context } from 'mocha';
import { SERVER_PATH, type PrivateNetwork } from '../mta/private-network.ts';
import { isInstalled } from '../mta/requirements.ts';
import { stopProgram } from '../mta/stop-program.ts';
import { without } from '../without.ts';
import { freePort } from './free-port.ts';

export interface Place {
  /** Where it runs; absent: beside the specs. */
  readonly network?: PrivateNetwork;
  /** Absent: a free one. Only in a private network is one sure to be free. */
  readonly port?: number;
}

interface Start {
  readonly place: Place;
  readonly program: string;
  /** `folder` is the server's own, gone when it is closed. */
  readonly args: (folder: string, port: number) => readonly string[];
  /** What it prints when its sockets are bound and its data is there: whoever asks from then on is answered. */
  readonly ready: RegExp;
}

interface Running {
  readonly program: ChildProcessWithoutNullStreams;
  readonly printed: () => string;
}

/** Call it first in a `before` hook or a test. */
export function requiresServers(context: Context, names: readonly ('rbldnsd' | 'unbound')[]): void {
  const missing = names.filter((name) => !isInstalled(name)).join(' and ');
  if (missing !== '') without(context, `A real ${missing}`, `it (apt-get install ${missing})`);
}

const TRIES = 5;
const TAKEN = /address already in use/i;

export class RealServer {
  readonly port: number;
  readonly #start: Start;
  readonly #folder: string;
  #running: Running;

  private constructor(start: Start, folder: string, port: number, running: Running) {
    this.#start = start;
    this.#folder = folder;
    this.port = port;
    this.#running = running;
    // A run that is broken off goes through no `after` hook.
    process.once('exit', this.#clear);
  }

  /** Throws what it printed if it ends instead. */
  static async start(start: Start): Promise<RealServer> {
    const folder = mkdtempSync(join(tmpdir(), `postern-${start.program}-`));
    // Started by root it becomes a user of its own.
    chmodSync(folder, 0o755);
    for (let tries = 1; ; tries++) {
      const port = start.place.port ?? (await freePort());
      try {
        return new RealServer(start, folder, port, await launch(start, folder, port));
      } catch (error) {
        const another = start.place.port === undefined && tries < TRIES && TAKEN.test(String(error));
        if (another) continue;
        rmSync(folder, { recursive: true, force: true });
        throw error;
      }
    }
  }

  /** For a resolver's `servers`: `127.0.0.1:40053`. */
  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** Everything that it has said since it was started. */
  get printed(): string {
    return this.#running.printed();
  }

  signal(name: NodeJS.Signals): void {
    this.#running.program.kill(name);
  }

  /** At once, whatever it is doing. */
  async kill(): Promise<void> {
    await stopProgram(this.#running.program, 'SIGKILL');
  }

  /** After `kill`: on the same port, with what its files say now. */
  async startAgain(): Promise<void> {
    this.#running = await launch(this.#start, this.#folder, this.port);
  }

  async close(): Promise<void> {
    await this.kill();
    process.off('exit', this.#clear);
    this.#clear();
  }

  readonly #clear = (): void => {
    this.#running.program.kill('SIGKILL');
    rmSync(this.#folder, { recursive: true, force: true });
  };
}

async function launch(
  { place: { network }, program, args, ready }: Start,
  folder: string,
  port: number,
): Promise<Running> {
  const child =
    network?.start(program, args(folder, port)) ??
    spawn(program, args(folder, port), { env: { ...process.env, PATH: SERVER_PATH } });
  let printed = '';
  await new Promise<void>((resolve, reject) => {
    const read = (chunk: Buffer): void => {
      printed += chunk.toString();
      if (ready.test(printed)) resolve();
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('error', reject);
    child.once('close', () => reject(new Error(`${program} ended: ${printed}`)));
  });
  return { program: child, printed: () => printed };
}
