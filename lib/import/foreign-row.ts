/** Owns what comes of a row of another greylister's database. */

import type { Adoption } from '../greylist/adopt.ts';
import type { Mailbox } from '../mail/mailbox.ts';

/**
 * Why a row is left out. `damaged`: it is none that the program writes · `hashed`: by postgrey's --privacy, which
 * nobody can undo · `tarpit`: of a host that was kept hanging · `past`: past its time there.
 */
export const LEFT_OUT = ['damaged', 'hashed', 'tarpit', 'past'] as const;
export type LeftOut = (typeof LEFT_OUT)[number];

/** One row may stand for several senders, and so be several triplets. */
export type ForeignRow = readonly Adoption[] | LeftOut;

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
