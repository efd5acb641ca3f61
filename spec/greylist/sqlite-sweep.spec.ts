import { expect } from 'chai';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { openFile } from '../../lib/greylist/sqlite-file.ts';
import { Sweep } from '../../lib/greylist/sqlite-sweep.ts';
import { TripletTable, type Asked } from '../../lib/greylist/sqlite-table.ts';
import type { Origin } from '../../lib/greylist/triplet.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { attempt, DAY, network, NOON, SECOND, TIMINGS } from './attempts.ts';

const LATER = NOON + 3 * DAY;

describe('Expiry beside judgements', () => {
  const folder = temporaryFolder();
  let file: string;
  let db: DatabaseSync;
  let table: TripletTable;
  let sweep: Sweep;
  beforeEach(() => {
    file = join(folder(), 'postern.db');
    db = openFile({ file, busyTimeoutMs: 0, mostBytes: null }, NOON, () => {});
    table = new TripletTable(db);
    sweep = new Sweep(db, table);
  });
  afterEach(() => db.close());

  function fill(count: number, origins: readonly Origin[], nowMs = NOON): void {
    const timings = { ...TIMINGS, capMs: 45 * 60 * SECOND };
    const proof = { subjects: [], ownsSender: false, mayCap: true };
    const asked = Array.from({ length: count }, (_, n): Asked => ({
      ...attempt(n, origins),
      proof,
      nowMs,
      timings,
    }));
    table.judge(asked);
  }

  const rows = (name: 'triplet' | 'key'): number =>
    Number(Object.values(db.prepare(`SELECT count(*) FROM ${name}`).get() ?? {})[0]);

  const THREE = [
    { kind: 'spf', value: 'example.net' },
    { kind: 'ptr', value: 'example.net' },
    network(),
  ] as const;

  it('takes away as many at a time as a judgement can wait for, with all of their keys', () => {
    fill(40, THREE);
    expect(sweep.slice(LATER).removed).to.equal(16);
    expect([rows('triplet'), rows('key')]).to.deep.equal([24, 24 * 4]);
    while (!sweep.slice(LATER).done);
    expect([rows('triplet'), rows('key')]).to.deep.equal([0, 0]);
  });

  it('passes over none on its way, be they alive, expired or just used', () => {
    fill(300, THREE);
    const used = { ...attempt(7, THREE), nowMs: NOON + DAY, timings: { ...TIMINGS, delayMs: 2 * DAY } };
    table.judge([used]);
    table.judge(
      Array.from({ length: 700 }, (_, n) => ({ ...attempt(1000 + n), nowMs: LATER, timings: TIMINGS })),
    );
    let removed = 0;
    for (let done = false; !done;) {
      const slice = sweep.slice(LATER);
      removed += slice.removed;
      done = slice.done;
    }
    expect(removed).to.equal(299);
    expect(rows('triplet')).to.equal(701);
    table.flush(Infinity);
    while (!sweep.slice(LATER).done);
    expect(rows('triplet')).to.equal(700);
  });

  it('does not let the log grow until it takes long to be taken into the file', () => {
    fill(3000, THREE);
    db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    while (!sweep.slice(LATER).done);
    expect(rows('triplet')).to.equal(0);
    expect(statSync(`${file}-wal`).size / 4096).to.be.within(200, 400);
  });
});
