/** Owns the words of structured header fields: token, quoted-string, dot-atom, comment. None of them can end the line. */

/**
 * `utf-8`: the client declared SMTPUTF8, so that the header may hold it (RFC 6532). Else a header is ASCII, and what is
 * not becomes `?`: an encoded-word (RFC 2047) may stand in none of these words.
 */
export type Charset = 'ascii' | 'utf-8';

/** RFC 2045 §5.1. */
const TOKEN = /^[!#$%&'*+\-.0-9A-Z^_`a-z{|}~]+$/;

/** RFC 5322 §3.2.3. */
const ATEXT = "[!#$%&'*+\\-/0-9=?A-Z^_`a-z{|}~]+";
const DOT_ATOM = new RegExp(`^${ATEXT}(?:\\.${ATEXT})*$`);

/** Octets: each may be doubled by its backslash, and a line has 998 at most (RFC 5322 §2.1.1). */
const LONGEST = 450;

/** What no text of the network may do: control or hide something, as JSON and terminals know it; or mean nothing. */
const UNFIT = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/u;

/** `example.org` as it is, `a b` as `"a b"` (RFC 2045 §5.1: value). */
export function tokenOrQuoted(text: string, charset: Charset = 'ascii'): string {
  return text.length <= LONGEST && TOKEN.test(text) ? text : quotedString(text, charset);
}

/** `mx.example.org` as it is, `alice@example.net` as `"alice@example.net"`. */
export function dotAtomOrQuoted(text: string, charset: Charset = 'ascii'): string {
  return text.length <= LONGEST && DOT_ATOM.test(text) ? text : quotedString(text, charset);
}

/** `say "hi"` → `"say \"hi\""`. */
export function quotedString(text: string, charset: Charset = 'ascii'): string {
  return `"${plain(text, charset).replace(/["\\]/g, '\\$&')}"`;
}

/**
 * The words of a comment, so that it can be folded between them; none for an empty text. There are programs that know no
 * backslash in a comment (SpamAssassin's skip_cfws): what would need one becomes `?`.
 */
export function comment(text: string): readonly string[] {
  // A host name, mostly.
  if (text.length <= LONGEST && /^[\w.-]+$/.test(text)) return [`(${text})`];
  const words = plain(text, 'ascii')
    .replace(/[()\\]/g, '?')
    .split(' ')
    .filter((word) => word !== '');
  return words.map((word, i) => `${i === 0 ? '(' : ''}${word}${i === words.length - 1 ? ')' : ''}`);
}

/** What may stand in a header, cut to what a line can hold: `a\r\nb` → `a??b`. */
export function plain(text: string, charset: Charset = 'ascii'): string {
  // Most texts are short and plain.
  if (text.length <= LONGEST && /^[ -~]*$/.test(text)) return text;
  let fit = '';
  let octets = 0;
  for (const char of text) {
    const kept = fitChar(char, charset);
    octets += Buffer.byteLength(kept);
    if (octets > LONGEST) break;
    fit += kept;
  }
  return fit;
}

function fitChar(char: string, charset: Charset): string {
  if (char === '\t') return ' ';
  if (char >= ' ' && char <= '~') return char;
  return charset === 'ascii' || char < '\x80' || UNFIT.test(char) ? '?' : char;
}
