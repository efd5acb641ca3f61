/** Owns PythonOracle: a program beside this file that answers by a library of Debian's Python, by other authors than ours. */

import { spawn, spawnSync, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** Debian's own: another python3 may come first on the PATH. */
const PYTHON = '/usr/bin/python3';

/** Each question is a line of JSON, and each answer. */
export class PythonOracle<Question, Answer> {
  readonly #program: ChildProcessWithoutNullStreams;
  readonly #answers: AsyncIterator<string>;
  readonly #lines: Interface;
  readonly #gone: Promise<unknown>;

  constructor(file: string) {
    this.#program = spawn(PYTHON, [fileURLToPath(new URL(file, import.meta.url))]);
    this.#gone = once(this.#program, 'exit');
    this.#program.stderr.pipe(process.stderr);
    this.#lines = createInterface(this.#program.stdout);
    this.#answers = this.#lines[Symbol.asyncIterator]();
  }

  static has(module: string): boolean {
    return spawnSync(PYTHON, ['-c', `import ${module}`]).status === 0;
  }

  /** One at a time. */
  async ask(question: Question): Promise<Answer> {
    this.#program.stdin.write(`${JSON.stringify(question)}\n`);
    const { value, done } = await this.#answers.next();
    if (done === true) throw new Error('the oracle has ended');
    return JSON.parse(value) as Answer;
  }

  async stop(): Promise<void> {
    this.#program.stdin.end();
    await this.#gone;
    this.#lines.close();
  }
}
