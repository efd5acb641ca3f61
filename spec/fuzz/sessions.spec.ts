/** Random sessions against the running service: no crash, no unanswered command, and memory that stays flat. */

import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import type { RunningPostern } from '../support/program.ts';
import { serviceUnderTest } from '../support/service-under-test.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { inTime } from './in-time.ts';
import { RandomSession, RELAY } from './random-session.ts';
import type { Course } from './random-session.ts';
import { Random } from './random.ts';

const SECONDS = process.env['CI'] === 'true' ? 60 : 5;
const CONNECTIONS = 8;

describe('Random sessions', function () {
  this.timeout((SECONDS + 60) * 1000);
  const start = serviceUnderTest(() => folder());
  const folder = temporaryFolder();

  const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
  it(`leave the service up, answering, and no larger (SEED=${seed})`, async () => {
    // So short that messages of known senders come through, and get their header.
    const settings = `greylist: { delay: 1s }\ntrusted_relays: [${RELAY}]`;
    const { service } = await start({ settings });
    const endAt = Date.now() + SECONDS * 1000;
    let visits = 0;
    let garbage = 0;
    const courses: Course[] = [];
    const rss: number[] = [];
    const client = async (): Promise<void> => {
      while (Date.now() < endAt) {
        const random = new Random(seed, visits++);
        if (random.oneIn(20)) {
          garbage += await sendsGarbage(service, random);
          continue;
        }
        courses.push(await new RandomSession(await service.connect(), random).play());
        rss.push(residentKb(service.pid));
      }
    };
    await Promise.all(Array.from({ length: CONNECTIONS }, client));
    expect(service.exitCode).to.equal(null);
    expect(sum(courses.map(({ answers }) => answers))).to.be.greaterThan(SECONDS * 50);
    expect(garbage).to.be.greaterThan(0);
    // Most go as an MTA's do, and nothing that can happen has been left out.
    expect(sum(courses.map(({ messages }) => messages))).to.be.greaterThan(courses.length / 2);
    expect(courses.filter(({ how }) => how === 'quit').length).to.be.greaterThan(courses.length / 2);
    expect(new Set(courses.map(({ how }) => how))).to.have.keys('quit', 'vanished', 'broken');
    expect(service.log.filter(({ event }) => event === 'bug')).to.deep.equal([]);
    const [early, late] = [highest(rss, 0.3, 0.5), highest(rss, 0.8, 1)];
    expect(late, `resident memory in kB, was ${early}`).to.be.lessThan(early * 1.25 + 10_000);
    expect(await service.stop()).to.equal(0);
  });
});

async function sendsGarbage(service: RunningPostern, random: Random): Promise<number> {
  const socket = await service.connect();
  // Closed in the middle of what we send: as it should be.
  socket.on('error', () => {});
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.end(random.bytes(random.below(70_000)));
  socket.resume();
  await inTime('garbage to be refused', closed);
  return 1;
}

function residentKb(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}

function sum(list: readonly number[]): number {
  return list.reduce((a, b) => a + b, 0);
}

/** Of the part of the list between two shares of its length. */
function highest(list: readonly number[], from: number, to: number): number {
  return list
    .slice(Math.floor(list.length * from), Math.ceil(list.length * to))
    .reduce((a, b) => Math.max(a, b), 0);
}
