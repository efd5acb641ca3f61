/**
 * Owns the load on policyd-spf: as many processes of it as sessions at a time, as Postfix's spawn(8) has them, each of
 * them asked again as soon as it has answered.
 */

import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { PolicydSpf } from '../support/mta/policyd-spf.ts';
import { stopProgram } from '../support/mta/stop-program.ts';
import { BenchError } from './bench-error.ts';
import { identity } from './identity.ts';
import type { Load } from './job.ts';
import type { Sample } from './sample.ts';
import { usageOf } from './usage.ts';

export class PolicydLoad {
  readonly #start: () => ChildProcessWithoutNullStreams;
  readonly #programs: ChildProcessWithoutNullStreams[] = [];
  readonly #services: PolicydSpf[] = [];

  constructor(start: () => ChildProcessWithoutNullStreams) {
    this.#start = start;
  }

  #started(): ChildProcessWithoutNullStreams {
    const program = this.#start();
    this.#programs.push(program);
    return program;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#programs.map((program) => stopProgram(program)));
  }

  /** For so many seconds. Throws BenchError if it lets a client in whom SPF does not pass, or does not let one in. */
  async run({ concurrency, until, first, pool }: Load): Promise<Pick<Sample, 'sessionsPerSecond' | 'cpuUs'>> {
    if (!('seconds' in until)) throw new RangeError('policyd-spf is asked for so many seconds');
    while (this.#services.length < concurrency)
      this.#services.push(PolicydSpf.startedBy(() => this.#started()));
    const services = this.#services.slice(0, concurrency);
    let asked = 0;
    const ask = (service: PolicydSpf): Promise<void> => {
      const n = asked++;
      return passes(service, first + (pool === null ? n : n % pool));
    };
    // It takes a moment to start.
    await Promise.all(services.map(ask));
    const before = cpuMs(services);
    const [beganMs, from] = [performance.now(), asked];
    await Promise.all(
      services.map(async (service) => {
        while (performance.now() - beganMs < until.seconds * 1000) await ask(service);
      }),
    );
    const sessions = asked - from;
    return {
      sessionsPerSecond: (sessions * 1000) / (performance.now() - beganMs),
      cpuUs: ((cpuMs(services) - before) * 1000) / sessions,
    };
  }
}

async function passes(service: PolicydSpf, n: number): Promise<void> {
  const { host, address, sender } = identity(n);
  const { reply, fields } = await service.hears({ client: address, helo: host, sender: sender.slice(1, -1) });
  if (reply !== null || fields[0]?.startsWith('Received-SPF: Pass ') !== true)
    throw new BenchError(`policyd-spf: ${reply ?? fields.join(', ')}`);
}

function cpuMs(services: readonly PolicydSpf[]): number {
  return services.reduce((sum, { pid }) => sum + (pid === null ? 0 : usageOf(pid).cpuMs), 0);
}
