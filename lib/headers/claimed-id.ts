/** Owns the question whose Authentication-Results a field claims to be: told of whatever strangers write there. */

import { domainToUnicode } from 'node:url';
import { asciiDomain } from '../mail/domain.ts';
import { Cursor, isToken } from './cursor.ts';

/**
 * Whether a reader may take the field for one of ours: its authserv-id is `ownId`, in whatever case and spelling
 * (RFC 8601 §2.2, §5). What can't be read claims to be ours if our name occurs in it at all: readers differ in what
 * they forgive. `value` as the milter protocol gives it, folds included. Never throws; time grows with the length.
 */
export function claimsToBe(ownId: string, value: string): boolean {
  return claims(ownId, value, authservIdOf(new Cursor(value)));
}

/**
 * The same of ARC-Authentication-Results (RFC 8617 §4.1.1), where an instance `i=1;` stands before: SpamAssassin reads
 * both alike.
 */
export function arcClaimsToBe(ownId: string, value: string): boolean {
  const cursor = new Cursor(value);
  const isInstance =
    cursor.skip() &&
    cursor.token()?.toLowerCase() === 'i' &&
    cursor.skip() &&
    cursor.take('=') &&
    cursor.skip() &&
    /^\d+$/.test(cursor.token() ?? '') &&
    cursor.skip() &&
    cursor.take(';');
  return claims(ownId, value, isInstance ? authservIdOf(cursor) : null);
}

/** Null: what stands there is not by the grammar. */
function authservIdOf(cursor: Cursor): string | null {
  if (!cursor.isClean || !cursor.skip()) return null;
  const id = cursor.quoted() ?? cursor.token();
  // Nobody needs quotes for a name but to hide something in it.
  if (id === null || !isToken(id.trim()) || !cursor.skip()) return null;
  // Behind it there may be a version, and must be a semicolon.
  const version = cursor.token();
  if (version !== null && !(/^\d+$/.test(version) && cursor.skip())) return null;
  return cursor.take(';') ? id : null;
}

function claims(ownId: string, value: string, id: string | null): boolean {
  return id === null ? mayName(ownId, value) : spelled(id) === spelled(ownId);
}

/** One spelling for all of the same name: `MX.Bücher.example.` → `mx.xn--bcher-kva.example`. */
function spelled(id: string): string {
  const name = withoutDots(id.trim());
  return asciiDomain(name) ?? loosely(name);
}

function withoutDots(name: string): string {
  let end = name.length;
  while (end > 0 && name[end - 1] === '.') end--;
  return name.slice(0, end);
}

/** Letters that look alike or are written otherwise: `ＭＸ` → `mx`. */
function loosely(text: string): string {
  return text.normalize('NFKC').toLowerCase();
}

/** Nobody writes so much in good faith that can't be read, and it is not searched for names at leisure. */
const LONGEST_UNREAD = 4000;

/** An encoded-word has no place in this field, and might name anybody. */
const ENCODED_WORD = /=\?[^?\s]*\?[bq]\?/i;

function mayName(ownId: string, value: string): boolean {
  if (value.length > LONGEST_UNREAD) return true;
  const own = spelled(ownId);
  if (own === '' || ENCODED_WORD.test(value)) return true;
  const names = [own, loosely(domainToUnicode(own)), loosely(withoutDots(ownId.trim()))];
  const text = loosely(value);
  // What holds a name apart, for some reader or other: blanks, folds, quotes, backslashes, comments, what can't be seen.
  const joined = withoutComments(text).replace(/[\s"\\\p{Cc}\p{Cf}]/gu, '');
  return names.some((name) => name !== '' && (text.includes(name) || joined.includes(name)));
}

/** One that is never closed is none. */
function withoutComments(text: string): string {
  const cursor = new Cursor(text);
  let rest = '';
  while (!cursor.atEnd) rest += cursor.comment() ? '' : cursor.char();
  return rest;
}
