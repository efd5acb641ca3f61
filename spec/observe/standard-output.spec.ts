/** What a reader of the log is told who has been away for too long: a journal that hangs, a pipe to a stopped program. */

import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect } from 'chai';

const WRITER = join(import.meta.dirname, 'line-writer.ts');
/** Some 30 MB, and so many that the last of them is lost as well: no line after it tells of those before. */
const COUNT = 20_030;

describe('Standard output that nobody reads for a while', function () {
  this.timeout(30_000);
  let writer: ChildProcessWithoutNullStreams;

  afterEach(() => writer.kill('SIGKILL'));

  /** All its lines are written, and none is read. */
  async function written(format: 'text' | 'json'): Promise<void> {
    writer = spawn(process.execPath, [WRITER, format, String(COUNT)]);
    await once(writer.stderr, 'data');
  }

  /** To its end. By 'data': a slower reader keeps it waiting, a tenth of a second each time. */
  async function lines(heard: (latest: string) => void = () => {}): Promise<string[]> {
    const chunks: string[] = [];
    writer.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      // A line may come in two pieces.
      heard((chunks.at(-1) ?? '') + chunk);
      chunks.push(chunk);
    });
    await once(writer.stdout, 'end');
    return chunks.join('').split('\n').slice(0, -1);
  }

  it('has all the lines that are missing in the sum that is told, at once when it is read again', async () => {
    await written('text');
    // Only then: it needs no other event to be told.
    const read = await lines((latest) => {
      if (latest.includes('were lost')) writer.stdin.end();
    });
    const losses = read.filter((line) => !line.includes('bug in line'));
    const counts = losses.map(
      (line) => /^\d{4}-\S+Z error log: (\d+) lines were lost, whoever reads it is too slow$/.exec(line)?.[1],
    );
    expect(losses).not.to.deep.equal([]);
    expect(read.length - losses.length + sum(counts)).to.equal(COUNT);
  });

  it('tells it as JSON in a log of JSON, also if it ends before it is read', async () => {
    await written('json');
    writer.stdin.end();
    const read = (await lines()).map((line) => JSON.parse(line) as Record<string, unknown>);
    const losses = read.filter(({ event }) => event !== 'bug');
    for (const { time, lines: lost, ...loss } of losses) {
      expect(time).to.match(/^\d{4}-\d\d-\d\dT\S+Z$/);
      const msg = `log: ${String(lost)} lines were lost, whoever reads it is too slow`;
      expect(loss).to.deep.equal({ level: 'error', event: 'log-lost', msg });
    }
    expect(losses).not.to.deep.equal([]);
    expect(read.length - losses.length + sum(losses.map((loss) => loss['lines']))).to.equal(COUNT);
  });
});

function sum(counts: readonly unknown[]): number {
  return counts.reduce<number>((before, count) => before + Number(count), 0);
}
