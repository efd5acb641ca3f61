/** Owns the load generator's process, as the bench sees it. */

import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { BenchError } from './bench-error.ts';
import type { Job, Order, Outcome, Report, Target } from './job.ts';

const GENERATOR = fileURLToPath(new URL('generator.ts', import.meta.url));

export class GeneratorProcess {
  readonly #child: ChildProcess;

  #answer: Pick<PromiseWithResolvers<Report>, 'resolve' | 'reject'> | null = null;

  constructor() {
    this.#child = fork(GENERATOR, { execArgv: [], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    this.#child.on('message', (report: Report) => this.#answer?.resolve(report));
    this.#child.on('exit', () => this.#answer?.reject(new BenchError('the load generator has died')));
  }

  /** Throws BenchError if a single session went otherwise than expected. */
  async play(job: Job): Promise<Outcome> {
    const report = await this.#tell({ kind: 'play', job });
    if (report.kind !== 'played') throw new BenchError(`the generator ${report.kind} instead of playing`);
    const { failed, reasons, sessions } = report.outcome;
    if (failed > 0)
      throw new BenchError(
        `${failed} of ${failed + sessions} sessions not ${job.load.expect}: ${reasons.join(' · ')}`,
      );
    return report.outcome;
  }

  /** Opens connections that have said HELO; they stay until `release`. */
  async hold(target: Target, connections: number): Promise<void> {
    await this.#tell({ kind: 'hold', target, connections });
  }

  async release(): Promise<void> {
    await this.#tell({ kind: 'release' });
  }

  stop(): void {
    if (this.#child.connected) this.#child.disconnect();
  }

  async #tell(order: Order): Promise<Report> {
    const { promise, resolve, reject } = Promise.withResolvers<Report>();
    this.#answer = { resolve, reject };
    this.#child.send(order);
    const report = await promise;
    if (report.kind === 'failed') throw new BenchError(report.why);
    return report;
  }
}
