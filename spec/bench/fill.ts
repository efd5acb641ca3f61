/** Owns how a database comes to hold millions of triplets in a minute: by the store's own tables, without its thread. */

import { openFile } from '../../lib/greylist/sqlite-file.ts';
import { TripletTable } from '../../lib/greylist/sqlite-table.ts';
import type { Asked } from '../../lib/greylist/sqlite-table.ts';
import { normaliseRecipient, normaliseSender } from '../../lib/greylist/normalise.ts';
import type { Timings } from '../../lib/greylist/judge.ts';
import { parseMailbox } from '../../lib/mail/mailbox.ts';
import { networkOf, parseAddress } from '../../lib/mail/network.ts';
import { BenchError } from './bench-error.ts';
import { identity } from './identity.ts';

const DAY_MS = 86_400_000;
const TIMINGS: Timings = { delayMs: 60_000, windowMs: 2 * DAY_MS, lifetimeMs: 36 * DAY_MS };
/** Of what is filled in, the first part: they came longer ago than a retry may take, and are what expiry removes. */
export const EXPIRED_SHARE = 0.2;
const PER_TRANSACTION = 20_000;
/** A large one spares most of the reading, where the keys of each transaction lie all over the file. */
const CACHE_KIB = 1 << 20;

export interface Filled {
  readonly perSecond: number;
  /** Once what was written is in the file. */
  readonly bytesPerTriplet: number;
  /** Of these, what an administrator reads: network, sender and recipient. */
  readonly readableBytes: number;
}

/**
 * The identities from `first` on, each judged once at `nowMs`. The service must not be running on that database.
 */
export function fill(database: string, first: number, count: number, nowMs: number): Filled {
  const db = openFile({ file: database, busyTimeoutMs: 1000, mostBytes: null }, nowMs, (event) => {
    throw new BenchError(`${database}: ${event.kind}`);
  });
  // A crash while filling costs nobody a triplet.
  db.exec(`PRAGMA synchronous = OFF; PRAGMA cache_size = -${CACHE_KIB}`);
  const table = new TripletTable(db);
  const beganMs = performance.now();
  for (let n = 0; n < count; n += PER_TRANSACTION) {
    const atMs = n < count * EXPIRED_SHARE ? nowMs - 3 * DAY_MS : nowMs;
    const asked = Array.from({ length: Math.min(PER_TRANSACTION, count - n) }, (_, i) =>
      askedOf(first + n + i, atMs),
    );
    for (const answer of table.judge(asked).answers)
      if (!('outcome' in answer) || answer.outcome !== 'new') throw new BenchError(JSON.stringify(answer));
  }
  const perSecond = (count * 1000) / (performance.now() - beganMs);
  db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  const [readableBytes] = numbersOf(
    db
      .prepare(`SELECT avg(octet_length(origins) + octet_length(sender)
    + octet_length(recipient)) FROM triplet WHERE id % 100 = 0`)
      .get(),
  );
  const [pages] = numbersOf(db.prepare('PRAGMA page_count').get());
  const [pageBytes] = numbersOf(db.prepare('PRAGMA page_size').get());
  db.close();
  return { perSecond, bytesPerTriplet: (pages! * pageBytes!) / count, readableBytes: readableBytes! };
}

function numbersOf(row: object | undefined): number[] {
  return Object.values(row ?? {}).map(Number);
}

/** As the greylist check of a filter with the default configuration sees that identity. */
function askedOf(n: number, nowMs: number): Asked {
  const { address, sender, recipients } = identity(n);
  return {
    origins: [{ kind: 'network', value: networkOf(parseAddress(address)!, 24) }],
    sender: normaliseSender(parseMailbox(sender)),
    recipient: normaliseRecipient(parseMailbox(recipients[0]!)!),
    nowMs,
    timings: TIMINGS,
  };
}
