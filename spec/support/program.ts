/** Owns Program: `postern` as a process of its own, as an administrator starts it. */

import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

export const MAIN = fileURLToPath(new URL('../../lib/cli/main.ts', import.meta.url));

type Env = Readonly<Record<string, string>>;

export interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command to its end; `input` is what it reads from standard input. */
export function postern(args: readonly string[], env: Env = {}, input = ''): Ran {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...args], {
    encoding: 'utf8',
    input,
    env: { ...process.env, ...env },
  });
  return { status, stdout, stderr };
}

/** sd_listen_fds(3): the descriptors are for the process of this id only. */
const ACTIVATE = 'LISTEN_PID=$$ exec "$0" "$@"';

type LogLine = Readonly<Record<string, unknown>>;

/** `postern run` with a JSON log. */
export class RunningPostern {
  readonly #child: ChildProcess;
  readonly #exit: Promise<unknown>;
  readonly log: LogLine[] = [];
  stderr = '';
  #rest = '';
  #watchers: (() => void)[] = [];

  private constructor(args: readonly string[], stateDirectory: string, descriptors: readonly number[]) {
    const command = [process.execPath, MAIN, 'run', ...args];
    const env = { ...process.env, STATE_DIRECTORY: stateDirectory };
    const child =
      descriptors.length === 0
        ? spawn(command[0]!, command.slice(1), { stdio: ['ignore', 'pipe', 'pipe'], env })
        : spawn('sh', ['-c', ACTIVATE, ...command], {
            stdio: ['ignore', 'pipe', 'pipe', ...descriptors],
            env: { ...env, LISTEN_FDS: String(descriptors.length) },
          });
    this.#child = child;
    this.#exit = once(child, 'exit');
    child.stdout!.on('data', (chunk: Buffer) => this.#read(chunk.toString()));
    child.stderr!.on('data', (chunk: Buffer) => (this.stderr += chunk.toString()));
    void this.#exit.then(() => this.#wake());
  }

  /** Starts it and waits until it listens on all addresses of its config. Its state is beside the config. */
  static async start(configFile: string, listeners = 1): Promise<RunningPostern> {
    const running = RunningPostern.#spawned(configFile, []);
    await running.until(() => running.addresses.length === listeners);
    return running;
  }

  /** Starts it as systemd does for a socket unit: the descriptors are bound sockets of ours. */
  static async activate(configFile: string, descriptors: readonly number[]): Promise<RunningPostern> {
    const running = RunningPostern.#spawned(configFile, descriptors);
    await running.logged(({ event }) => event === 'started');
    return running;
  }

  static #spawned(configFile: string, descriptors: readonly number[]): RunningPostern {
    return new RunningPostern(['--config', configFile], dirname(configFile), descriptors);
  }

  get pid(): number {
    return this.#child.pid!;
  }

  get exitCode(): number | null {
    return this.#child.exitCode;
  }

  get addresses(): string[] {
    return this.log.filter(({ event }) => event === 'listening').map(({ address }) => String(address));
  }

  /** Waits for a line that fits. */
  async logged(fits: (line: LogLine) => boolean): Promise<LogLine> {
    await this.until(() => this.log.some(fits));
    return this.log.find(fits)!;
  }

  async until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      if (this.#child.exitCode !== null || this.#child.signalCode !== null) {
        throw new Error(
          `postern has ended with ${this.#child.exitCode ?? this.#child.signalCode}: ${this.stderr}`,
        );
      }
      await new Promise<void>((resolve) => this.#watchers.push(resolve));
    }
  }

  /** Connects to one of its addresses: `unix:/path` or `inet:PORT@HOST`. */
  async connect(address = this.addresses[0]!): Promise<Socket> {
    const [, port, host] = /^inet6?:(\d+)@(.*)$/.exec(address) ?? [];
    const socket = port === undefined ? connect(address.replace(/^unix:/, '')) : connect(Number(port), host);
    await once(socket, 'connect');
    return socket;
  }

  /** Waits for its end; the exit code. */
  async ended(): Promise<number | null> {
    await this.#exit;
    return this.#child.exitCode;
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Sends the signal and waits for the end; returns the exit code, null if a signal ended it. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      this.#child.kill(signal);
      await this.#exit;
    }
    return this.#child.exitCode;
  }

  #read(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop()!;
    for (const line of lines) if (line.startsWith('{')) this.log.push(JSON.parse(line) as LogLine);
    this.#wake();
  }

  #wake(): void {
    for (const watcher of this.#watchers.splice(0)) watcher();
  }
}
