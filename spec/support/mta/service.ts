/** Owns PosternService: the service as an administrator runs it, `postern run --config FILE`, in a private network. */

import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually } from './eventually.ts';
import { OWN_NETWORK } from './private-network.ts';
import type { PrivateNetwork } from './private-network.ts';
import { stopProgram } from './stop-program.ts';

const MAIN = fileURLToPath(new URL('../../../lib/cli/main.ts', import.meta.url));

/** One line of the JSON log. */
export type LogLine = Readonly<Record<string, unknown>>;

export class PosternService {
  readonly #network: PrivateNetwork;
  readonly #lines: string;
  #program: ChildProcessWithoutNullStreams | undefined;
  #printed = '';
  /** How many log lines `faults` has seen. */
  #judged = 0;

  /** `lines`: of its config, besides those below. */
  constructor(network: PrivateNetwork, lines = '') {
    this.#network = network;
    this.#lines = lines;
  }

  /** For Postfix's `smtpd_milters`. */
  get unixSocket(): string {
    return join(this.#network.folder, 'postern.sock');
  }

  /** Free, as every port of a private network is. */
  readonly tcpPort = 8891;

  /** Starts it, or starts it again with what its store holds, and waits until it listens. */
  async start(): Promise<void> {
    const configFile = join(this.#network.folder, 'postern.yaml');
    writeFileSync(configFile, this.#config());
    const env = { STATE_DIRECTORY: this.#network.folder };
    const program = this.#network.start(process.execPath, [MAIN, 'run', '--config', configFile], env);
    this.#program = program;
    const from = this.#printed.length;
    const read = (chunk: Buffer): void => void (this.#printed += chunk.toString());
    program.stdout.on('data', read);
    program.stderr.on('data', read);
    await eventually('Postern to listen', () => {
      if (program.exitCode !== null) throw new Error(`Postern did not start:\n${this.#printed}`);
      const listening = linesOf(this.#printed.slice(from)).filter((line) => line['event'] === 'listening');
      return listening.length === 2;
    });
  }

  /** Not 127.0.0.0/8: mail that a program here submits must pass because it did not come over SMTP, not for its address. */
  #config(): string {
    return `listen: ["unix:${this.unixSocket}", "inet:${this.tcpPort}@127.0.0.1"]
socket_mode: "0666"
mynetworks: ["${OWN_NETWORK}"]
store: sqlite:${join(this.#network.folder, 'postern.db')}
greylist: { delay: 1s, origin: [ptr, network] }
log: { format: json }
${this.#lines}`;
  }

  /** Every line of its log so far, across restarts. */
  log(): readonly LogLine[] {
    return linesOf(this.#printed);
  }

  /** The line about a recipient, once there is one that `fits`. */
  async logs(what: string, fits: (line: LogLine) => boolean): Promise<LogLine> {
    return eventually(`a log line of ${what}`, () => this.log().find(fits));
  }

  /** Warnings and worse since the last call. */
  faults(): readonly LogLine[] {
    const unread = this.log().slice(this.#judged);
    this.#judged += unread.length;
    return unread.filter((line) => !['info', 'debug', undefined].includes(line['level'] as string));
  }

  /** As systemd stops it. */
  async stop(): Promise<void> {
    if (this.#program !== undefined) await stopProgram(this.#program);
  }

  /** As the kernel stops it when memory is short. */
  async kill9(): Promise<void> {
    if (this.#program !== undefined) await stopProgram(this.#program, 'SIGKILL');
  }
}

/** Lines that are no JSON, such as Node's own warnings, are left out. */
function linesOf(text: string): LogLine[] {
  return text.split('\n').flatMap((line) => {
    try {
      return line.startsWith('{') ? [JSON.parse(line) as LogLine] : [];
    } catch {
      return [];
    }
  });
}
