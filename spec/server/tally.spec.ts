import { expect } from 'chai';
import { Tally } from '../../lib/server/tally.ts';
import { HandClock } from '../support/hand-clock.ts';

const MINUTE_MS = 60_000;

describe('A tally', () => {
  let clock: HandClock;
  let told: number[];
  let tally: Tally;

  beforeEach(() => {
    clock = new HandClock();
    told = [];
    tally = new Tally(clock, (count) => told.push(count));
  });

  function add(times: number): void {
    for (let i = 0; i < times; i++) tally.add();
  }

  it('is told at powers of two', () => {
    add(20);
    expect(told).to.deep.equal([1, 2, 4, 8, 16]);
  });

  it('is told as a whole when its minute ends, if it has not been', () => {
    add(20);
    clock.advance(MINUTE_MS);
    expect(told).to.deep.equal([1, 2, 4, 8, 16, 20]);
    clock.advance(60 * MINUTE_MS);
    expect(told).to.deep.equal([1, 2, 4, 8, 16, 20]);
  });

  it('goes on while there are more each minute, and is told once in each', () => {
    add(1000);
    for (let minute = 0; minute < 3; minute++) {
      clock.advance(MINUTE_MS);
      add(5);
    }
    clock.advance(MINUTE_MS);
    expect(told.slice(-5)).to.deep.equal([512, 1000, 1005, 1010, 1015]);
  });

  it('begins at one again after a minute without any', () => {
    add(20);
    clock.advance(2 * MINUTE_MS);
    add(3);
    expect(told).to.deep.equal([1, 2, 4, 8, 16, 20, 1, 2]);
    clock.advance(2 * MINUTE_MS);
    add(1);
    expect(told.slice(-2)).to.deep.equal([3, 1]);
  });

  it('leaves nothing untold and no timer when it is closed', () => {
    add(3);
    tally.close();
    expect(told).to.deep.equal([1, 2, 3]);
    expect(clock.timers).to.deep.equal([]);
  });

  it('says nothing of nothing', () => {
    tally.close();
    clock.advance(MINUTE_MS);
    expect(told).to.deep.equal([]);
  });
});
