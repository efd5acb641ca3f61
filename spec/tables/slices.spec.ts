import { setImmediate } from 'node:timers/promises';
import { expect } from 'chai';
import { MatchThread } from '../../lib/tables/match-thread.ts';
import { readContent, type Pause } from '../../lib/tables/read-content.ts';
import { slices } from '../../lib/tables/slices.ts';
import { anyResult, nameOf } from './tables.ts';

async function* oneChunk(lines: number): AsyncGenerator<string, void> {
  yield Array.from({ length: lines }, (_, i) => `host${i}.example.net REJECT\n`).join('');
}

async function read(lines: number, pause: Pause): Promise<number> {
  const { content } = await readContent(
    nameOf('hash:f'),
    'f',
    oneChunk(lines),
    anyResult,
    new MatchThread(),
    pause,
  );
  return content.entries;
}

describe('A table that comes in one chunk', () => {
  it('is read line by line, with a pause wherever one is wanted', async () => {
    let asked = 0;
    expect(await read(1000, () => (++asked % 100 === 0 ? setImmediate() : null))).to.equal(1000);
    expect(asked).to.equal(1000);
  });

  it('lets others have their turn before it is done', async () => {
    const state = { turns: 0, done: false };
    const reading = read(200_000, slices()).finally(() => (state.done = true));
    for (; !state.done; await setImmediate()) state.turns++;
    expect(await reading).to.equal(200_000);
    expect(state.turns).to.be.greaterThan(4);
  });
});
