/**
 * Owns PrivateNetwork: Linux namespaces with client addresses, names and a system log of their own, in which a spec
 * runs real mail servers. All its ports are free; whatever runs in it ends with the process that opened it.
 */

import { execFile, spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Route } from './door.ts';
import { stopProgram } from './stop-program.ts';
import { SystemLog } from './system-log.ts';

/** Where the mail server of the network is reached. */
export const SERVER = { ipv4: '203.0.113.25', ipv6: '2001:db8:25::25' } as const;

/** Clients that may be anybody's: one with a name, one in the same /24, one without a name, one with IPv6. */
export const CLIENT = {
  named: '192.0.2.10',
  neighbour: '192.0.2.99',
  unnamed: '198.51.100.7',
  ipv6: '2001:db8::10',
} as const;

/** A machine of our own, inside `OWN_NETWORK`. */
export const OWN_CLIENT = '203.0.113.77';
export const OWN_NETWORK = '203.0.113.0/24';

const HOSTS = `127.0.0.1 localhost
::1 localhost
${SERVER.ipv4} mx.example.org
${SERVER.ipv6} mx.example.org
${CLIENT.named} mx.example.net
${CLIENT.ipv6} mx6.example.net
`;

/** Debian keeps servers in folders that a user's PATH leaves out. */
export const SERVER_PATH = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`;

/** What every private network needs of this machine. */
export const NETWORK_PROGRAMS = ['unshare', 'nsenter', 'ip', 'mount'];

export class PrivateNetwork {
  /** A folder that every user may read, gone after `close`. */
  readonly folder: string;
  readonly log: SystemLog;
  readonly #door: ChildProcessWithoutNullStreams;
  readonly #programs: ChildProcessWithoutNullStreams[] = [];

  private constructor(folder: string, log: SystemLog, door: ChildProcessWithoutNullStreams) {
    this.folder = folder;
    this.log = log;
    this.#door = door;
    // A run that is broken off goes through no `after` hook.
    process.once('exit', this.#clear);
  }

  /** `more`: addresses of further clients. */
  static async open(more: readonly string[] = []): Promise<PrivateNetwork> {
    // Sendmail takes no socket or key below a folder that others may write to, as they may to /tmp.
    const folder = mkdtempSync('/run/postern-mta-');
    chmodSync(folder, 0o755);
    writeFileSync(join(folder, 'hosts'), HOSTS);
    // Nothing answers there, so a lookup fails at once instead of waiting for a resolver.
    writeFileSync(join(folder, 'resolv.conf'), 'nameserver 127.0.0.1\n');
    const log = await SystemLog.listen(join(folder, 'log.sock'));
    const addresses = [...Object.values(SERVER), ...Object.values(CLIENT), OWN_CLIENT, ...more].join(' ');
    const door = spawn('unshare', [
      ...['--net', '--mount', '--uts'],
      ...[beside('private-network.sh'), folder, addresses, process.execPath, beside('door.ts')],
    ]);
    await readiness(door, 'open');
    return new PrivateNetwork(folder, log, door);
  }

  /** Starts a program inside, with absolute paths: its working folder is `/`. */
  start(
    program: string,
    args: readonly string[],
    env: NodeJS.ProcessEnv = {},
  ): ChildProcessWithoutNullStreams {
    // Detached: Postfix's master must lead a process group, which it ends with itself.
    const options = { env: { ...process.env, PATH: SERVER_PATH, ...env }, detached: true };
    const child = spawn('nsenter', [...this.#inside, program, ...args], options);
    this.#programs.push(child);
    return child;
  }

  /** Runs a program inside to its end and gives what it printed; throws if it exits with anything but 0. */
  async run(program: string, args: readonly string[], input = ''): Promise<string> {
    const env = { ...process.env, PATH: SERVER_PATH };
    return new Promise((resolve, reject) => {
      const child = execFile(
        'nsenter',
        [...this.#inside, program, ...args],
        { env },
        (error, stdout, stderr) =>
          error ? reject(new Error(`${program} failed: ${stderr || error.message}`)) : resolve(stdout),
      );
      // A program that reads nothing may have ended by now.
      child.stdin?.on('error', () => {});
      child.stdin?.end(input);
    });
  }

  get #inside(): string[] {
    return [`--target=${this.#door.pid}`, '--net', '--mount', '--uts', '--'];
  }

  /** A TCP connection made inside the network; it just closes if nobody listens there. */
  dial(route: Route): Socket {
    const socket = connect(join(this.folder, 'door.sock'));
    socket.write(`${JSON.stringify(route)}\n`);
    return socket;
  }

  /** Ends what was started and is still there. */
  async close(): Promise<void> {
    await Promise.all(this.#programs.map((program) => stopProgram(program)));
    const gone = once(this.#door, 'exit');
    this.#door.stdin.end();
    await gone;
    this.log.close();
    process.off('exit', this.#clear);
    this.#clear();
  }

  readonly #clear = (): void => rmSync(this.folder, { recursive: true, force: true });
}

function beside(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}

/** Resolves when a program prints `word`; rejects with what it printed instead if it ends before. */
async function readiness(program: ChildProcessWithoutNullStreams, word: string): Promise<void> {
  let printed = '';
  await new Promise<void>((resolve, reject) => {
    const read = (chunk: Buffer): void => {
      printed += chunk.toString();
      if (printed.includes(word)) resolve();
    };
    program.stdout.on('data', read);
    program.stderr.on('data', read);
    program.once('error', reject);
    program.once('exit', (code) => reject(new Error(`the private network ended with ${code}: ${printed}`)));
  });
}
