/** Owns the spelling of a sender or recipient that greylisting remembers, so that a retry finds its triplet again. */

import { hash } from 'node:crypto';
import { formatMailbox, type Mailbox } from '../mail/mailbox.ts';

/** Longer than any legal one (RFC 5321 §4.5.3.1: 64 and 255 octets), and a bound on what a stranger can make us store. */
const LONGEST_LOCAL = 255;
const LONGEST_DOMAIN = 255;

/**
 * A sender without what changes from one message or retry to the next:
 * - letter case, of the domain and of the local part (no host has two users that differ in case);
 * - BATV: `prvs=4711abcdef=bob` → `bob`; also the older `prvs=bob/4711abcdef`, `prvs=bob=4711abcdef`, and the
 *   look-alikes `msprvs1=…=bob` and `btv1==…==bob`;
 * - SRS hash and timestamp: `SRS0=HHH=TT=example.org=bob` → `srs0=#=#=example.org=bob`, SRS1 likewise;
 * - `bob+ext` → `bob`;
 * - VERP numbers: `list-bounce-12345-bob=example.org` → `list-bounce-#-bob=example.org` (see `withoutNumbers`).
 *
 * Idempotent; never throws; no control character, blank or angle bracket comes out, and at most one `@`.
 * `<>` stands for the null sender.
 */
export function normaliseSender(sender: Mailbox | null): string {
  return sender === null ? '<>' : spelled(sender, stableSender);
}

/**
 * A recipient in lower case. Its `+ext` and numbers stay: a sender writes his correspondent's address the same way
 * in every retry, and bob+shop and bob+bank are two correspondents.
 */
export function normaliseRecipient(recipient: Mailbox): string {
  return spelled(recipient, (local) => local);
}

function spelled({ local, domain }: Mailbox, stable: (local: string) => string): string {
  const plainLocal = shortened(plain(local), LONGEST_LOCAL).replaceAll('@', '?') || '?';
  const plainDomain = domain === null ? '' : withoutTrailingDots(shortened(plain(domain), LONGEST_DOMAIN));
  return formatMailbox({ local: stable(plainLocal), domain: plainDomain.replaceAll('@', '?') || null });
}

function withoutTrailingDots(domain: string): string {
  let end = domain.length;
  while (domain[end - 1] === '.') end--;
  return domain.slice(0, end);
}

/** ASCII without white space and `<>`: nearly every address, told sooner than the general way finds nothing. */
const PLAIN = /^[!-;=?-~]*$/;

/** Lower case, and harmless in a terminal and in a log line. */
function plain(text: string): string {
  if (PLAIN.test(text)) return text.toLowerCase();
  return text
    .toWellFormed()
    .replaceAll(/[\p{Cc}\s<>]/gu, '?')
    .toLowerCase();
}

/** Cut to `longest` characters, the last 16 of them a digest of the whole, in letters: digits would read as VERP. */
function shortened(text: string, longest: number): string {
  if (text.length <= longest) return text;
  const digest = hash('sha256', text)
    .slice(0, 16)
    .replaceAll(/\d/g, (digit) => 'ghijklmnop'[Number(digit)]!);
  return text.slice(0, longest - 17).toWellFormed() + '~' + digest;
}

/**
 * The first step that finds something to do, then again from the first: a tag within a tag must not lose its digits
 * to a later step. Each only shortens or settles, so this ends; the length bound keeps hostile nesting cheap.
 */
function stableSender(local: string): string {
  // Nothing that any step looks for, as in most names.
  if (/^[a-z._]*$/.test(local)) return local;
  for (const step of [withoutBatv, withoutSrsStamp, withoutExtension, withoutNumbers]) {
    const next = step(local);
    if (next !== local) return stableSender(next);
  }
  return local;
}

/** A BATV tag: key number, day modulo 1000, six hex digits (draft-levine-smtp-batv §4). */
const TAG = '\\d{4}[0-9a-f]{6}';
const BATV = [
  new RegExp(`^prvs=${TAG}=(.+)$`),
  new RegExp(`^prvs=(.+)[=/]${TAG}$`),
  // Not by the draft, but some signers' tags are longer or shorter.
  /^prvs=[0-9a-z]{6,16}=(.+)$/,
  /^msprvs1=[^=]+=(.+)$/,
  /^btv1==[^=]+==(.+)$/,
];

function withoutBatv(local: string): string {
  for (const pattern of BATV) {
    const bare = pattern.exec(local)?.[1];
    if (bare !== undefined) return bare;
  }
  return local;
}

/** SRS0=hash=time=domain=user; SRS1=hash=host=(a foreign SRS0's rest, its separator first) (openspf.org/SRS). */
function withoutSrsStamp(local: string): string {
  return local
    .replace(/^srs0[=+-][^=]+=[^=]+=([^=]+=.+)$/, 'srs0=#=#=$1')
    .replace(/^srs1[=+-][^=]+=([^=]+)=[=+-][^=]+=[^=]+=([^=]+=.+)$/, 'srs1=#=$1==#=#=$2');
}

function withoutExtension(local: string): string {
  return local.replace(/^([^+]+)\+.*$/, '$1');
}

const UUID = /(?<![0-9a-z])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![0-9a-z])/g;
const NUMBER = /(?<![0-9a-z])(?:\d+|(?=[a-f]*\d)[0-9a-f]{8,})(?![0-9a-z])/g;

/**
 * Numbers that stand alone between separators become `#`, as postgrey and SQLgrey do, and so do UUIDs and hex words
 * of 8 digits and more. What people are called stays: digits at the end of a name (user1, user2), an address
 * that is one single number (telephone numbers, QQ), and a year or count after a name (john.1985, mary_2).
 * To miss a VERP number costs one more delay; to merge two people would let one in on the other's account.
 */
function withoutNumbers(local: string): string {
  if (/^[0-9a-z]+$/.test(local) || /^[a-z]+[._]\d{1,4}$/.test(local)) return local;
  return local.replaceAll(UUID, '#').replaceAll(NUMBER, '#');
}
