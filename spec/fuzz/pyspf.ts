/** Owns Pyspf: Debian's python3-spf, an SPF of other authors, as a process that is asked by lines. */

import { spawn, spawnSync, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** Debian's own: another python3 may come first on the PATH. */
const PYTHON = '/usr/bin/python3';
const PROGRAM = fileURLToPath(new URL('pyspf.py', import.meta.url));

export interface PyspfQuestion {
  /** Records by name and type, `10 mx.example.net` for MX; `temperror`: no answer. */
  readonly zone: Readonly<Record<string, Readonly<Record<string, readonly string[] | 'temperror'>>>>;
  readonly ip: string;
  readonly sender: string;
  readonly helo: string;
}

export interface PyspfFound {
  /** `fault`: it has thrown. */
  readonly result: string;
  /** Of a fail; empty: none. */
  readonly explanation: string;
}

export class Pyspf {
  readonly #program: ChildProcessWithoutNullStreams;
  readonly #answers: AsyncIterator<string>;
  readonly #lines: Interface;

  constructor() {
    this.#program = spawn(PYTHON, [PROGRAM]);
    this.#program.stderr.pipe(process.stderr);
    this.#lines = createInterface(this.#program.stdout);
    this.#answers = this.#lines[Symbol.asyncIterator]();
  }

  static get isInstalled(): boolean {
    return spawnSync(PYTHON, ['-c', 'import spf']).status === 0;
  }

  /** One at a time. */
  async ask(question: PyspfQuestion): Promise<PyspfFound> {
    this.#program.stdin.write(`${JSON.stringify(question)}\n`);
    const { value, done } = await this.#answers.next();
    if (done === true) throw new Error('pyspf has ended');
    return JSON.parse(value) as PyspfFound;
  }

  async stop(): Promise<void> {
    const gone = once(this.#program, 'exit');
    this.#program.stdin.end();
    await gone;
    this.#lines.close();
  }
}
