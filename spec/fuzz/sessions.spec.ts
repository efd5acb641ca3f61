/** Random sessions against the running service: no crash, no unanswered command, and memory that stays flat. */

import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { MtaSession } from '../../lib/milter/index.ts';
import type { EventCommand } from '../../lib/milter/index.ts';
import type { RunningPostern } from '../support/program.ts';
import { serviceUnderTest } from '../support/service-under-test.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const SECONDS = process.env['CI'] === 'true' ? 60 : 5;
const CONNECTIONS = 8;
/** No answer may take this long, so a command that is still unanswered then never will be. */
const UNANSWERED_MS = 20_000;

/** Numerical Recipes' generator: the seed is in the title of a failure, so that it can be played again. */
class Random {
  #state: number;
  constructor(seed: number) {
    this.#state = seed >>> 0;
  }
  below(limit: number): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((this.#state / 2 ** 32) * limit);
  }
  of<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }
  bytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.below(256)));
  }
  /** Any octets but NUL, as a byte string. */
  text(longest: number): string {
    return this.bytes(this.below(longest)).toString('latin1').replaceAll('\0', '0');
  }
}

function command(random: Random): EventCommand {
  const address = (): string =>
    random.of([
      '<>',
      '<alice@example.net>',
      '<postmaster>',
      `<${random.text(40)}@${random.text(20)}>`,
      random.text(300),
    ]);
  switch (random.below(9)) {
    case 0:
      return { kind: 'helo', name: random.text(60) };
    case 1:
    case 2:
      return { kind: 'mail', sender: address(), args: [random.text(20)] };
    case 3:
    case 4:
    case 5:
      return { kind: 'rcpt', recipient: address(), args: [] };
    case 6:
      return { kind: 'data' };
    case 7:
      return { kind: 'unknown', line: random.text(60) };
    default:
      return { kind: 'endOfMessage', chunk: Buffer.alloc(0) };
  }
}

describe('Random sessions', function () {
  this.timeout((SECONDS + 60) * 1000);
  const start = serviceUnderTest(() => folder());
  const folder = temporaryFolder();

  const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
  it(`leave the service up, answering, and no larger (SEED=${seed})`, async () => {
    const { service } = await start();
    const random = new Random(seed);
    const endAt = Date.now() + SECONDS * 1000;
    let answered = 0;
    let garbage = 0;
    const rss: number[] = [];
    const client = async (): Promise<void> => {
      while (Date.now() < endAt) {
        if (random.below(20) === 0) {
          garbage += await sendsGarbage(service, random);
          continue;
        }
        answered += await session(service, random);
        rss.push(residentKb(service.pid));
      }
    };
    await Promise.all(Array.from({ length: CONNECTIONS }, client));
    expect(service.exitCode).to.equal(null);
    expect(answered).to.be.greaterThan(SECONDS * 50);
    expect(garbage).to.be.greaterThan(0);
    expect(service.log.filter(({ event }) => event === 'bug')).to.deep.equal([]);
    const [early, late] = [highest(rss, 0.3, 0.5), highest(rss, 0.8, 1)];
    expect(late, `resident memory in kB, was ${early}`).to.be.lessThan(early * 1.25 + 10_000);
    expect(await service.stop()).to.equal(0);
  });
});

/** Plays some commands, in any order that the protocol allows or not; returns how many answers were due and came. */
async function session(service: RunningPostern, random: Random): Promise<number> {
  const socket = await service.connect();
  const mta = new MtaSession(socket);
  let answers = 0;
  try {
    await inTime(mta.negotiate({ version: random.of([2, 3, 4, 6]) }));
    await mta.send({
      kind: 'connect',
      host: random.text(60),
      family: 'ipv4',
      port: 1,
      address: random.of(['192.0.2.10', '127.0.0.1', random.text(20)]),
    });
    for (let n = random.below(30); n > 0; n--) {
      if (random.below(8) === 0) mta.tell({ kind: random.of(['abort', 'quitNewConnection'] as const) });
      const answer = await inTime(
        mta.send(command(random), random.below(3) === 0 ? { i: random.text(20) } : undefined),
      );
      if (answer !== null) answers += 1;
    }
    mta.quit();
  } catch (error) {
    // Out of order: Postern has said so and closed. A command that hangs is the failure we look for.
    if (!/closed|EPIPE|ECONNRESET/.test(String(error))) throw error;
  }
  socket.destroy();
  return answers;
}

async function sendsGarbage(service: RunningPostern, random: Random): Promise<number> {
  const socket = await service.connect();
  // Closed in the middle of what we send: as it should be.
  socket.on('error', () => {});
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.end(random.bytes(random.below(70_000)));
  socket.resume();
  await inTime(closed);
  return 1;
}

async function inTime<T>(answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const unanswered = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('a command was not answered')), UNANSWERED_MS);
  });
  try {
    return await Promise.race([answer, unanswered]);
  } finally {
    clearTimeout(timer);
  }
}

function residentKb(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}

/** Of the part of the list between two shares of its length. */
function highest(list: readonly number[], from: number, to: number): number {
  return list
    .slice(Math.floor(list.length * from), Math.ceil(list.length * to))
    .reduce((a, b) => Math.max(a, b), 0);
}
