/** Owns how a database comes to hold millions of triplets in a minute: by the store's own tables, without its thread. */

import { closeSync, fsyncSync, openSync } from 'node:fs';
import { openFile } from '../../lib/greylist/sqlite-file.ts';
import { TripletTable } from '../../lib/greylist/sqlite-table.ts';
import type { Asked } from '../../lib/greylist/sqlite-table.ts';
import { normaliseRecipient, normaliseSender } from '../../lib/greylist/normalise.ts';
import type { Timings } from '../../lib/greylist/judge.ts';
import type { Origin, Subject } from '../../lib/greylist/triplet.ts';
import { parseMailbox } from '../../lib/mail/mailbox.ts';
import { networkOf, parseAddress } from '../../lib/mail/network.ts';
import { BenchError } from './bench-error.ts';
import { identity } from './identity.ts';

const DAY_MS = 86_400_000;
/** The defaults. */
export const TIMINGS: Timings = {
  delayMs: 60_000,
  windowMs: 2 * DAY_MS,
  lifetimeMs: 36 * DAY_MS,
  allowAfter: 5,
  capMs: 2_700_000,
};

/** What is known of the clients: under so many keys each of their triplets is to be found. */
export interface Shape {
  readonly origins: readonly Origin['kind'][];
  /** By its sender and recipient, too: what the cap needs. */
  readonly pair: boolean;
}

/** As the service has it of the generator's clients: their names are confirmed, their domains have no SPF. */
export const AS_SERVED: Shape = { origins: ['ptr', 'network'], pair: true };
/** Of what is filled in, the first part: they came longer ago than a retry may take, and are what expiry removes. */
export const EXPIRED_SHARE = 0.2;
export const EXPIRED_AGE_MS = 3 * DAY_MS;
/** Many: their keys lie all over the file, and each transaction writes every page that it touches. */
const PER_TRANSACTION = 200_000;
/** A large one spares most of the reading, where the keys of each transaction lie all over the file. */
const CACHE_KIB = 4 << 20;

export interface Filled {
  readonly perSecond: number;
  /** Once what was written is in the file. */
  readonly bytesPerTriplet: number;
  /** Of these, what an administrator reads: origins, sender and recipient. */
  readonly readableBytes: number;
}

/**
 * The identities from `first` on, each judged once at `nowMs`. The service must not be running on that database.
 */
export function fill(
  database: string,
  first: number,
  count: number,
  nowMs: number,
  shape: Shape = AS_SERVED,
): Filled {
  const db = openFile({ file: database, busyTimeoutMs: 1000, mostBytes: null }, nowMs, (event) => {
    throw new BenchError(`${database}: ${event.kind}`);
  });
  // A crash while filling costs nobody a triplet. The next to open it has a log again.
  db.exec('PRAGMA journal_mode = DELETE; PRAGMA journal_mode = OFF');
  db.exec(`PRAGMA synchronous = OFF; PRAGMA cache_size = -${CACHE_KIB}`);
  const table = new TripletTable(db);
  const beganMs = performance.now();
  const expired = Math.ceil(count * EXPIRED_SHARE);
  for (let [n, end] = [0, 0]; n < count; n = end) {
    end = Math.min(n + PER_TRANSACTION, n < expired ? expired : count);
    const atMs = n < expired ? nowMs - EXPIRED_AGE_MS : nowMs;
    const asked = Array.from({ length: end - n }, (_, i) => askedOf(first + n + i, shape, atMs));
    for (const answer of table.judge(asked).answers)
      if (!('outcome' in answer) || answer.outcome !== 'new') throw new BenchError(JSON.stringify(answer));
  }
  const perSecond = (count * 1000) / (performance.now() - beganMs);
  const [readableBytes] = numbersOf(
    db
      .prepare(`SELECT avg(octet_length(origins) + octet_length(sender)
    + octet_length(recipient)) FROM triplet WHERE id % 100 = 0`)
      .get(),
  );
  const [pages] = numbersOf(db.prepare('PRAGMA page_count').get());
  const [pageBytes] = numbersOf(db.prepare('PRAGMA page_size').get());
  db.close();
  toDisk(database);
  return { perSecond, bytesPerTriplet: (pages! * pageBytes!) / count, readableBytes: readableBytes! };
}

/** What the system still has to write would be waited for by whoever is measured first. */
export function toDisk(database: string): void {
  const descriptor = openSync(database, 'r+');
  fsyncSync(descriptor);
  closeSync(descriptor);
}

function numbersOf(row: object | undefined): number[] {
  return Object.values(row ?? {}).map(Number);
}

/** As the greylist check sees that identity. */
export function askedOf(n: number, { origins, pair }: Shape, nowMs: number): Asked {
  const { address, sender, recipients } = identity(n);
  const mailbox = parseMailbox(sender);
  const domain = mailbox!.domain!;
  const values = { spf: domain, ptr: domain, network: networkOf(parseAddress(address)!, 24) };
  return {
    origins: origins.map((kind) => ({ kind, value: values[kind] })),
    sender: normaliseSender(mailbox),
    recipient: normaliseRecipient(parseMailbox(recipients[0]!)!),
    proof: { subjects: subjectsOf(address, origins, values), ownsSender: false, mayCap: pair },
    nowMs,
    timings: TIMINGS,
  };
}

function subjectsOf(
  address: string,
  origins: Shape['origins'],
  values: Readonly<Record<Origin['kind'], string>>,
): Subject[] {
  return [{ kind: 'address', value: address }, ...origins.map((kind) => ({ kind, value: values[kind] }))];
}
