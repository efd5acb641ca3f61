/** Owns what a Received field says of where a message came from (RFC 5321 §4.4), in the spellings of the MTAs that write it. */

import { parseAddress, type Address } from '../mail/network.ts';

/** Whoever gave the message to the host that wrote the field. */
export interface Hop {
  readonly address: Address;
  /** As given; null: the field does not tell. */
  readonly helo: string | null;
  /** It had logged in (`with ESMTPSA`, RFC 3848). */
  readonly authenticated: boolean;
}

/**
 * Null: it names no address, as where the message began, or is no Received field that anybody writes. To be asked only
 * about fields of hosts that are trusted. What stands in `from` is the client's to choose, and may look like an address:
 * what the host itself saw stands in the comment behind it.
 * - Postfix, Sendmail: `from helo (ptr [192.0.2.1])`, Sendmail's with `(may be forged)` in it
 * - Exim: `from ptr ([192.0.2.1] helo=name)`, `from [192.0.2.1] (helo=name)`, with ports and ident in between, and
 *   `from [192.0.2.1]` alone where the HELO says the same (host_build_sender_fullhost in host.c)
 * - qmail: `from ptr (HELO name) (192.0.2.1)`, with `user@` before the address, below what its queue writes: `isOfQueue`
 * - Exchange: `from name (192.0.2.1)`
 */
export function hopIn(received: string): Hop | null {
  const parts = partsOf(received.slice(0, LONGEST));
  const [first, named, ...rest] = parts;
  if (!isWord(first, 'from') || named?.kind !== 'word') return null;
  const behind = rest.findIndex(({ kind }) => kind === 'word');
  const comments = (behind === -1 ? rest : rest.slice(0, behind)).map(({ text }) => text);
  const by = behind === -1 ? [] : rest.slice(behind);
  if (!isWord(by[0], 'by')) return null;
  const address = comments.length === 0 ? ofExim(named.text, by) : addressIn(named.text, comments);
  if (address === null) return null;
  return { address, helo: heloIn(named.text, comments), authenticated: loggedIn(by) };
}

/**
 * A second field, that qmail's queue puts above the one of the program that gave it the message: its SMTP server, or a
 * forwarding that took it from the queue (received.c). The host before is named by the next.
 */
export function isOfQueue(received: string): boolean {
  return /^\s*\(qmail \d+ invoked (?:from network|by alias)\)/.test(received);
}

/**
 * Whether a field that names no hop tells that the message began at the host which wrote it: without `from` (Postfix: `by …
 * (Postfix, from userid 33)`, Sendmail: `(from user@localhost) by …`), or in a way that no other host comes by (Exim:
 * `from user by … with local`, Exchange: `with mapi`, qmail: `invoked by uid 1000`).
 */
export function beganHere(received: string): boolean {
  if (/^\s*\(qmail \d+ invoked by uid \d+\)/.test(received)) return true;
  const words = partsOf(received.slice(0, LONGEST)).filter(({ kind }) => kind === 'word');
  const place = words.findIndex((part) => isWord(part, 'with'));
  const protocol = place === -1 ? '' : (words[place + 1]?.text.toLowerCase() ?? '');
  return isWord(words[0], 'by') || protocol === 'local' || protocol === 'mapi';
}

/** Postfix folds no word of it; a longer one is nobody's. */
const LONGEST = 4000;

interface Part {
  readonly kind: 'word' | 'comment';
  /** Of a comment without its parentheses, and without comments in it. */
  readonly text: string;
}

function isWord(part: Part | undefined, word: string): boolean {
  return part?.kind === 'word' && part.text.toLowerCase() === word;
}

/** Up to a comment that is not closed. */
function partsOf(text: string): Part[] {
  const parts: Part[] = [];
  let at = 0;
  while (at < text.length) {
    if (/\s/.test(text[at]!)) at += 1;
    else if (text[at] === '(') {
      const comment = commentAt(text, at);
      if (comment === null) break;
      parts.push({ kind: 'comment', text: comment.text });
      at = comment.end;
    } else {
      const word = /^[^\s(]+/.exec(text.slice(at))![0];
      parts.push({ kind: 'word', text: word });
      at += word.length;
    }
  }
  return parts;
}

function commentAt(text: string, start: number): { readonly text: string; readonly end: number } | null {
  let depth = 0;
  let outermost = '';
  for (let at = start; at < text.length; at++) {
    const char = text[at]!;
    if (char === '(') depth += 1;
    else if (char === ')') depth -= 1;
    else if (depth === 1) outermost += char;
    if (char === '\\') at += 1;
    if (depth === 0) return { text: outermost.trim(), end: at + 1 };
  }
  return null;
}

function addressIn(named: string, comments: readonly string[]): Address | null {
  for (const comment of comments.slice(0, 2)) {
    if (isQmailHelo(comment)) continue;
    const seen = withoutEximWords(comment);
    const literal = [...seen.matchAll(/\[([^[\]]*)\]/g)].at(-1)?.[1];
    const address = parseAddress(literal ?? seen.slice(seen.lastIndexOf('@') + 1));
    if (address !== null) return address;
    // Exim's, for a client without a name.
    return seen === '' && named.startsWith('[') ? parseAddress(named.replace(/:\d+$/, '')) : null;
  }
  return null;
}

/** Where others write nothing but what the client said, this one writes what it has seen. */
function ofExim(named: string, by: readonly Part[]): Address | null {
  const isExim = by.some(({ kind, text }) => kind === 'comment' && /^Exim \d/.test(text));
  return isExim && named.startsWith('[') ? parseAddress(named) : null;
}

/** What the client said comes last, and may look like an address. */
function withoutEximWords(comment: string): string {
  return comment.replace(/(?:^|\s)(?:port|helo|ident)=.*$/is, '').trim();
}

function isQmailHelo(comment: string): boolean {
  return /^(?:HELO|EHLO)\s/i.test(comment);
}

function heloIn(named: string, comments: readonly string[]): string | null {
  for (const comment of comments.slice(0, 2)) {
    const said = /(?:^|\s)helo=(\S+)/i.exec(comment)?.[1] ?? /^(?:HELO|EHLO)\s+(\S+)/i.exec(comment)?.[1];
    if (said !== undefined) return said;
  }
  return named === '' ? null : named;
}

/** The words of RFC 3848 and RFC 6531 §4.3 that end in A, and Exim's of old. */
function loggedIn(by: readonly Part[]): boolean {
  const place = by.findIndex((part) => isWord(part, 'with'));
  const protocol = place === -1 ? undefined : by[place + 1];
  return protocol?.kind === 'word' && /^(?:(?:UTF8)?(?:E?SMTP|LMTP)S?A|ASMTP);?$/i.test(protocol.text);
}
