/** Owns what comes of a row of another greylister's database, and what such a database must fit. */

import type { Adoption } from '../greylist/adopt.ts';
import type { Mailbox } from '../mail/mailbox.ts';
import { networkOf, type Address } from '../mail/network.ts';
import type { Origin } from '../greylist/triplet.ts';

/**
 * Why a row is left out. `damaged`: it is none that the program writes · `hashed`: by postgrey's --privacy, which
 * nobody can undo · `tarpit`: of a host that was kept hanging · `past`: past its time there.
 */
export const LEFT_OUT = ['damaged', 'hashed', 'tarpit', 'past'] as const;
export type LeftOut = (typeof LEFT_OUT)[number];

/** One row may stand for several senders, and so be several triplets. */
export type ForeignRow = readonly Adoption[] | LeftOut;

/** How Postern's configuration cuts networks out of addresses. */
export interface Prefixes {
  readonly ipv4Prefix: number;
  readonly ipv6Prefix: number;
}

export function networkOrigin(address: Address, { ipv4Prefix, ipv6Prefix }: Prefixes): Origin {
  return { kind: 'network', value: networkOf(address, address.family === 'ipv4' ? ipv4Prefix : ipv6Prefix) };
}

/** `bob b@example.org`, as it is without quotes; an MTA hands us one with quotes where it needs them. */
export function mailboxOf(text: string): Mailbox {
  const at = text.lastIndexOf('@');
  const local = at < 0 ? text : text.slice(0, at);
  const domain = at < 0 ? null : text.slice(at + 1).toLowerCase();
  const needsQuotes = /[\s()<>,:;\\"[\]@]/.test(local) && !/^".*"$/s.test(local);
  return { local: needsQuotes ? `"${local.replaceAll(/["\\]/g, '\\$&')}"` : local, domain };
}

/** Seconds since the epoch as a text; null: it is none that a clock of this age would write. */
export function secondsOf(text: string): number | null {
  return /^\d{1,11}$/.test(text) ? Number(text) : null;
}
