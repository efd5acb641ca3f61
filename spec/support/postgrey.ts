/** Owns Postgrey: the real one of Debian, asked over Postfix's policy protocol at whatever time a spec says. */

import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { userInfo } from 'node:os';
import type { Context } from 'mocha';
import { eventually } from './mta/eventually.ts';
import { isInstalled } from './mta/requirements.ts';
import { SERVER_PATH } from './mta/private-network.ts';
import { stopProgram } from './mta/stop-program.ts';
import { without } from './without.ts';

/** Call it first in a `before` hook. */
export function requiresPostgrey(context: Context): void {
  if (!isInstalled('postgrey') || !isInstalled('db5.3_dump'))
    without(context, 'A real postgrey', 'it and db5.3_dump (apt-get install postgrey db5.3-util)');
}

/** An attempt as Postfix tells of it: addresses without quotes. */
export interface Request {
  readonly client: string;
  /** Confirmed; absent: unknown. */
  readonly name?: string;
  readonly sender: string;
  readonly recipient: string;
}

export class Postgrey {
  /** Its --dbdir. */
  readonly folder: string;
  readonly #program: ChildProcess;
  readonly #socket: string;

  private constructor(folder: string, program: ChildProcess, socket: string) {
    this.folder = folder;
    this.#program = program;
    this.#socket = socket;
  }

  /** `lists`: the text of whitelist_clients and of whitelist_recipients; both are empty if absent. */
  static async start(
    folder: string,
    options: readonly string[] = [],
    lists: readonly [clients: string, recipients: string] = ['', ''],
  ): Promise<Postgrey> {
    mkdirSync(folder, { recursive: true });
    const [clients, recipients] = ['whitelist_clients', 'whitelist_recipients'].map((name) =>
      join(folder, name),
    );
    writeFileSync(clients!, lists[0]);
    writeFileSync(recipients!, lists[1]);
    const socket = join(folder, 'socket');
    const group = spawnSync('id', ['-gn'], { encoding: 'utf8' }).stdout.trim();
    const program = spawn(
      'postgrey',
      [
        ...[`--unix=${socket}`, `--dbdir=${folder}`, `--user=${userInfo().username}`, `--group=${group}`],
        ...[`--whitelist-clients=${clients}`, `--whitelist-recipients=${recipients}`, ...options],
      ],
      { stdio: 'ignore', env: { ...process.env, PATH: SERVER_PATH } },
    );
    const postgrey = new Postgrey(folder, program, socket);
    await eventually('postgrey', () =>
      postgrey
        .asks({ client: '192.0.2.1', sender: 'nobody@example.com', recipient: 'nobody@example.com' }, 1)
        .then(
          () => true,
          () => false,
        ),
    );
    return postgrey;
  }

  /** Whether it lets the mail in, at so many seconds since the epoch (postgrey's policy_test_time). */
  async asks({ client, name = 'unknown', sender, recipient }: Request, seconds: number): Promise<boolean> {
    const action = await this.#ask(
      `request=smtpd_access_policy\nclient_address=${client}\nclient_name=${name}\nsender=${sender}\n` +
        `recipient=${recipient}\npolicy_test_time=${seconds}\n\n`,
    );
    return !action.startsWith('action=DEFER_IF_PERMIT');
  }

  /**
   * SIGKILL: as when the power fails. Any other is noticed when its select() returns: Net::Server::Multiplex would
   * sleep on, did the signal come just before that, so it is called until it is gone.
   */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const call = setInterval(() => {
      const socket = connect(this.#socket, () => socket.destroy());
      socket.on('error', () => {});
    }, 100);
    await stopProgram(this.#program, signal);
    clearInterval(call);
  }

  /** What db5.3_dump prints of one of its databases. */
  dump(name: string, ...options: readonly string[]): string {
    const { status, stdout, stderr } = spawnSync('db5.3_dump', [...options, '-h', this.folder, name], {
      encoding: 'utf8',
      env: { ...process.env, PATH: SERVER_PATH },
    });
    if (status !== 0) throw new Error(stderr);
    return stdout;
  }

  #ask(text: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket = connect(this.#socket);
      let answer = '';
      socket.on('error', reject);
      socket.on('close', () => reject(new Error(`postgrey ended after "${answer}"`)));
      socket.on('data', (chunk) => {
        answer += chunk.toString();
        if (!answer.endsWith('\n\n')) return;
        socket.destroy();
        resolve(answer);
      });
      socket.write(text);
    });
  }
}
