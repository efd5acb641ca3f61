/** Owns the lines of milter-greylist's text dump (dump.c, dump_yacc.y): what each says of a tuple. */

import type { Adoption } from '../greylist/adopt.ts';
import { exactSubject, networkOrigin, type Prefixes } from '../greylist/address-origin.ts';
import { fromMilterGreylist } from '../greylist/former-spelling.ts';
import { normaliseRecipient } from '../greylist/normalise.ts';
import { parseAddress, type Address } from '../mail/network.ts';
import { toText } from '../milter/bytes.ts';
import { mailboxOf, secondsOf, type ForeignRow } from './foreign-row.ts';
import type { MilterGreylistTimes } from './greylist-times.ts';

export interface DumpReading {
  readonly times: MilterGreylistTimes;
  readonly prefixes: Prefixes;
  /** Of Postern: who is known there must be known here as long. */
  readonly lifetimeSeconds: number;
  readonly nowSeconds: number;
}

/** In the first lines of each dump. */
export function isDump(text: string): boolean {
  return /^# milter-greylist databases\b/m.test(text) || /^[0-9a-f.:]+\t<?\S*\t<?\S+>?\t\d+/im.test(text);
}

const LINE = /^([0-9a-f.:]+(?:%\w+)?)\s+(\S+)\s+(\S+)\s+(\d+)(?:\s+(AUTO)|\s+-?\d+\s+(TARPIT))?\s*(?:#.*)?$/i;

/**
 * `192.0.2.10  <alice@example.net>  <bob@example.org>  1700000000 AUTO # date`: known until then; without AUTO it waits,
 * and would be let in then. Null: a comment, or nothing.
 */
export function dumpRow(line: string, reading: DumpReading): ForeignRow | null {
  const text = toText(line);
  if (/^\s*(?:#|$)/.test(text)) return null;
  const [, written = '', from = '', to = '', time = '', auto, tarpit] = LINE.exec(text) ?? [];
  const address = parseAddress(written);
  const at = secondsOf(time);
  const recipient = bare(to);
  if (address === null || at === null || recipient === '') return 'damaged';
  if (tarpit !== undefined) return 'tarpit';
  const known = auto !== undefined;
  const { times, nowSeconds } = reading;
  if (known ? at < nowSeconds : nowSeconds - at > times.timeoutSeconds) return 'past';
  const triplet = {
    kind: 'triplet',
    origins: [networkOrigin(address, reading.prefixes)],
    recipient: normaliseRecipient(mailboxOf(recipient)),
    passed: known,
    ...timesOf(at, known, reading),
  } as const;
  const senders = bare(from) === '' ? ['<>'] : fromMilterGreylist(mailboxOf(bare(from)));
  const triplets: Adoption[] = senders.map((sender) => ({ ...triplet, sender }));
  return known && times.lazy ? [...triplets, standingOf(address, triplet.lastMs)] : triplets;
}

/**
 * The dump has the end of a time, and not which entry of the access list it is by. So nobody is forgotten sooner than
 * there, and nobody waits longer: who would be let in then has waited the longest delay then.
 */
function timesOf(
  at: number,
  known: boolean,
  { times, lifetimeSeconds }: DumpReading,
): { readonly firstMs: number; readonly lastMs: number } {
  const before = known ? Math.min(times.autowhiteSeconds, lifetimeSeconds) : times.longestDelaySeconds;
  const ms = Math.max(0, at - before) * 1000;
  return { firstMs: ms, lastMs: ms };
}

/** `lazyaw`: whoever has passed once is let in from that address. */
function standingOf(address: Address, lastMs: number): Adoption {
  return { kind: 'standing', subject: exactSubject(address), count: 1, allowed: true, lastMs };
}

function bare(text: string): string {
  return text.replace(/^</, '').replace(/>$/, '');
}
