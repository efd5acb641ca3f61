import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import type { Judgement } from '../../lib/greylist/judge.ts';
import type { TripletState } from '../../lib/greylist/listing.ts';
import { migrate, MIGRATIONS } from '../../lib/greylist/sqlite-schema.ts';
import { formatOrigins, MOST_ORIGINS, type Attempt, type Origin } from '../../lib/greylist/triplet.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { attempt, DAY, network, NOON, SECOND, TIMINGS } from './attempts.ts';
import { collected, sqliteStores } from './scratch.ts';

const KILLED = fileURLToPath(new URL('./kill-migration.ts', import.meta.url));

const PTR: Origin = { kind: 'ptr', value: 'example.net' };
const SPF: Origin = { kind: 'spf', value: 'example.net' };
const NETWORKS = Array.from({ length: MOST_ORIGINS }, (_, n) => network(`198.51.${n}.0/24`));

/** As the first version wrote it: `first` in ms, `last` and `expires` in seconds, `state` twice the tries plus passed. */
interface OldRow {
  readonly what: string;
  readonly attempt: Attempt;
  readonly first: number;
  readonly last: number;
  readonly expires: number;
  readonly state: number;
  /** At NOON. */
  readonly listed: TripletState;
  /** Of another try at NOON. */
  readonly judged: Judgement;
}

const s = (ms: number): number => Math.floor(ms / 1000);
const AGO = NOON - 305 * SECOND;

const WAITING = {
  first: AGO,
  last: s(AGO),
  expires: s(AGO + 2 * DAY),
  state: 2,
  listed: 'waiting',
  judged: { outcome: 'passed', delayedSeconds: 305, tries: 2 },
} as const;

const EXPIRED = {
  expires: s(NOON - DAY),
  listed: 'expired',
  judged: { outcome: 'new', waitSeconds: 60, tries: 1 },
} as const;

const ROWS: readonly OldRow[] = [
  {
    what: 'one that waits',
    attempt: attempt(1),
    ...WAITING,
  },
  {
    what: 'one that has come a moment ago, for the third time',
    attempt: attempt(2),
    first: NOON - 20 * SECOND,
    last: s(NOON - 10 * SECOND),
    expires: s(NOON + 2 * DAY),
    state: 6,
    listed: 'waiting',
    judged: { outcome: 'early', waitSeconds: 40, tries: 4 },
  },
  {
    what: 'one that has passed',
    attempt: attempt(3),
    first: NOON - 30 * DAY,
    last: s(NOON - 7 * DAY),
    expires: s(NOON + 29 * DAY),
    state: 2 * 17 + 1,
    listed: 'passed',
    judged: { outcome: 'known' },
  },
  {
    what: 'one that did not return in time',
    attempt: attempt(4),
    first: NOON - 3 * DAY,
    last: s(NOON - 3 * DAY),
    state: 2,
    ...EXPIRED,
  },
  {
    what: 'one that has passed and was not used for a lifetime',
    attempt: attempt(5),
    first: NOON - 50 * DAY,
    last: s(NOON - 37 * DAY),
    state: 2 * 2 + 1,
    ...EXPIRED,
  },
  {
    what: 'one of a provider, with every kind of origin',
    attempt: attempt(6, [SPF, PTR, network()]),
    ...WAITING,
  },
  {
    what: 'one with as many origins as there may be',
    attempt: attempt(7, NETWORKS),
    first: NOON - 30 * DAY,
    last: s(NOON),
    expires: s(NOON + 36 * DAY),
    state: 2 * 40 + 1,
    listed: 'passed',
    judged: { outcome: 'known' },
  },
  {
    what: 'one with odd texts',
    attempt: { origins: [{ kind: 'ptr', value: 'a\\b\nc' }], sender: "\u{1f4ee}'\n", recipient: '' },
    ...WAITING,
  },
];

const TOLD = ['migrating', 'migrated'].map((kind) => ({ kind, from: 1, to: MIGRATIONS.length }));

describe('A greylist file of the first version', () => {
  const open = sqliteStores();
  const folder = temporaryFolder();
  let file: string;
  beforeEach(() => {
    file = join(folder(), 'postern.db');
    write(file);
  });

  it('is brought to the newest when the service starts, with every row', async () => {
    const { store, events } = await open(file);
    expect(events).to.deep.equal(TOLD);
    const rows = await collected(store.list({}, NOON));
    expect(rows).to.deep.equal(
      ROWS.map(({ attempt: { origins, sender, recipient }, first, last, expires, state, listed }) => ({
        origins,
        sender,
        recipient,
        state: listed,
        firstMs: first,
        lastMs: Math.max(first, last * 1000),
        tries: state >> 1,
        passed: state % 2 === 1,
        delayedSeconds: 0,
        expiresMs: expires * 1000,
      })),
    );
    expect(await collected(store.standings(NOON))).to.deep.equal([]);
  });

  it('is then as a new one is, and sound', async () => {
    await (await open(file)).store.close();
    const other = join(folder(), 'new.db');
    await (await open(other)).store.close();
    const described = (path: string): unknown[] => {
      const db = new DatabaseSync(path, { readOnly: true });
      const columns = db.prepare("SELECT * FROM pragma_table_xinfo('triplet')").all();
      const names = db.prepare('SELECT name, type FROM sqlite_schema ORDER BY name').all();
      const check = db.prepare('PRAGMA integrity_check').all();
      db.close();
      return [columns, names, check];
    };
    expect(described(file)).to.deep.equal(described(other));
    expect(JSON.stringify(described(file)))
      .to.include('{"integrity_check":"ok"}')
      .and.include('"delayed"');
  });

  for (const { what, attempt, judged } of ROWS)
    it(`judges as before ${what}`, async () => {
      const { store } = await open(file);
      const again = { ...attempt, origins: attempt.origins.slice(-1) };
      expect(await store.judge(again, NOON, TIMINGS)).to.deep.equal(judged);
    });

  it('is as it was, and migrated again, if the service is killed in the middle', async () => {
    const { signal, stderr } = spawnSync(process.execPath, [KILLED, file], { encoding: 'utf8' });
    expect([signal, stderr]).to.deep.equal(['SIGKILL', '']);
    // It had begun: else nothing would be shown here.
    expect(statSync(`${file}-wal`).size).to.be.above(4096);
    expect(contents(file)).to.deep.equal(contents(written(join(folder(), 'unharmed.db'))));
    const { store, events } = await open(file);
    expect(events).to.deep.equal(TOLD);
    for (const { attempt, judged, what } of ROWS)
      expect(await store.judge(attempt, NOON, TIMINGS), what).to.deep.equal(judged);
  });
});

function written(file: string): string {
  write(file);
  return file;
}

/** By the statements of that time, in the journal mode of that time. */
function write(file: string): void {
  const db = new DatabaseSync(file);
  migrate(db, file, { migrations: MIGRATIONS.slice(0, 1) });
  db.exec('PRAGMA journal_mode = WAL');
  const triplet = db.prepare(
    'INSERT INTO triplet (first, last, expires, state, origins, sender, recipient) VALUES (?, ?, ?, ?, ?, ?, ?)',
  );
  const key = db.prepare('INSERT INTO key VALUES (?, ?)');
  for (const { attempt, first, last, expires, state } of ROWS) {
    const values: SQLInputValue[] = [first, last, expires, state, formatOrigins(attempt.origins)];
    const { lastInsertRowid } = triplet.run(...values, attempt.sender, attempt.recipient);
    for (const origin of attempt.origins) key.run(formerKey(origin, attempt), lastInsertRowid);
  }
  db.close();
}

/** Until the second version. */
function formerKey({ kind, value }: Origin, { sender, recipient }: Attempt): Buffer {
  const text = `${kind}:${value.length}:${sender.length}:${value}${sender}${recipient}`;
  return createHash('sha256').update(text).digest().subarray(0, 16);
}

/** Of each table its definition and its rows, and the version. */
function contents(file: string): unknown[] {
  const db = new DatabaseSync(file, { readOnly: true });
  const tables = db.prepare('SELECT name, sql FROM sqlite_schema ORDER BY name').all();
  const rows = ['triplet', 'key'].map((name) => db.prepare(`SELECT * FROM ${name}`).all());
  const version = db.prepare('PRAGMA user_version').get();
  db.close();
  return [tables, rows, version];
}
