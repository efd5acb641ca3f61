import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { attempt, NOON, SECOND, TIMINGS } from './attempts.ts';
import { sqliteStores } from './scratch.ts';

const WRITER = fileURLToPath(new URL('./kill-writer.ts', import.meta.url));

describe('kill -9 in the middle of load', () => {
  const open = sqliteStores();
  const folder = temporaryFolder();

  it('loses not one acknowledged triplet in twenty times', async function () {
    this.timeout(120_000);
    const file = join(folder(), 'postern.db');
    const acknowledged: number[] = [];
    for (let life = 0; life < 20; life++) {
      const before = acknowledged.length;
      // A different moment each time, sometimes soon after the log was played back.
      await oneLife(file, acknowledged, 1 + life * 97);
      expect(acknowledged.length).to.be.above(before);
    }
    const { store, events } = await open(file);
    const retries = await Promise.all(
      acknowledged.map((n) => store.judge(attempt(n), NOON + 60 * SECOND, TIMINGS)),
    );
    expect(retries.filter(({ outcome }) => outcome !== 'passed')).to.deep.equal([]);
    expect(events).to.deep.equal([]);
  });
});

/** Starts a writer, kills it after so many more acknowledgements, and adds all that it has printed. */
async function oneLife(file: string, acknowledged: number[], more: number): Promise<void> {
  const first = (acknowledged.at(-1) ?? 0) + 1000;
  const child = spawn(process.execPath, [WRITER, file, String(first)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const closed = once(child, 'close');
  let count = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    acknowledged.push(Number(line));
    if (++count === more) child.kill('SIGKILL');
  }
  await closed;
}
