/** Owns the measurement of access tables: reading a hundred thousand entries, and the whole search for a client or sender. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openTables } from '../../lib/config/open-tables.ts';
import { parseAddress, type Address } from '../../lib/mail/network.ts';
import { accessByClient, accessByMailbox } from '../../lib/tables/access.ts';
import type { Table } from '../../lib/tables/table.ts';
import { parseTableName } from '../../lib/tables/table-name.ts';
import { BenchError } from './bench-error.ts';
import { median } from './median.ts';

export interface TableRow {
  readonly what: string;
  readonly entries: number;
  readonly readMs: number;
  /** Of one search, found or not. */
  readonly foundMicroseconds: number;
  readonly missedMicroseconds: number;
}

interface Sample {
  readonly type: 'hash' | 'cidr' | 'regexp';
  readonly entries: number;
  readonly line: (n: number) => string;
  /** Every table is asked as a policy asks it: with all keys of access(5). */
  readonly search: (table: Table<string>, n: number) => unknown;
}

const octets = (n: number): string => `10.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}`;
const client = (n: number): Address => parseAddress(octets(n))!;
const bySender = (table: Table<string>, n: number): unknown =>
  accessByMailbox(table, { local: 'alice', domain: `host${n}.example.net` });

const SAMPLES: readonly Sample[] = [
  { type: 'hash', entries: 100_000, line: (n) => `host${n}.example.net REJECT`, search: bySender },
  {
    type: 'cidr',
    entries: 100_000,
    line: (n) => `${octets(n)}/32 REJECT`,
    search: (table, n) => accessByClient(table, { name: null, address: client(n) }),
  },
  { type: 'regexp', entries: 100, line: (n) => `/@host${n}\\.example\\.net$/ REJECT`, search: bySender },
];

const SEARCHES = 2000;
const ROUNDS = 5;

/** Writes its tables into `folder`. */
export async function measureTables(folder: string): Promise<TableRow[]> {
  const rows: TableRow[] = [];
  for (const { type, entries, line, search } of SAMPLES) {
    const file = join(folder, `table-${type}`);
    writeFileSync(file, Array.from({ length: entries }, (_, n) => `${line(n)}\n`).join(''));
    const { table, readMs } = await read(`${type}:${file}`);
    const step = Math.max(1, Math.floor(entries / SEARCHES));
    const time = (from: number): number =>
      median(
        Array.from({ length: ROUNDS }, () => {
          const since = performance.now();
          for (let i = 0; i < SEARCHES; i++) search(table, from + ((i * step) % entries));
          return ((performance.now() - since) * 1000) / SEARCHES;
        }),
      );
    const [foundMicroseconds, missedMicroseconds] = [time(0), time(entries)];
    rows.push({ what: `${type}:`, entries, readMs, foundMicroseconds, missedMicroseconds });
  }
  return rows;
}

async function read(name: string): Promise<{ readonly table: Table<string>; readonly readMs: number }> {
  const parsed = parseTableName(name);
  if (!parsed.ok) throw new BenchError(parsed.what);
  const since = performance.now();
  const tables = [parsed.name];
  const opened = await openTables(
    { tables, localDomains: { names: [], tables: [] } },
    { onReread: () => {}, pollMs: 0 },
  );
  const readMs = performance.now() - since;
  if (opened.problems.length > 0) throw new BenchError(opened.problems[0]!.what);
  return { table: opened.tables.get(name)!, readMs };
}
