/** Owns how the user part of an address is looked up: quoted and not, with its extension and without. */

/**
 * An address the two ways that Postfix asks for it: with the quotes that RFC 5321 wants, then without
 * (MA_FORM_EXTERNAL_FIRST). `domain` null: the user alone; ``: `user@`.
 */
export function fullKeys(local: string, domain: string | null): readonly string[] {
  const bare = unquoted(local);
  const after = domain === null ? '' : `@${domain}`;
  const keys = [`${quoted(bare)}${after}`, `${bare}${after}`];
  return keys[0] === keys[1] ? [keys[0]!] : keys;
}

/** `"a b"` → `a b` (unquote_822_local()). */
function unquoted(local: string): string {
  return /["\\]/.test(local)
    ? local.replace(/"|\\(.)/gs, (_, escaped: string | undefined) => escaped ?? '')
    : local;
}

/** `a b` → `"a b"` if it needs that (quote_822_local.c). */
function quoted(local: string): string {
  const plain = /^[^\0-\x20\x7f()<>@,;:\\"[\]]+$/.test(local) && !/^\.|\.\.|\.$/.test(local);
  return plain ? local : `"${local.replace(/["\\\r]/g, '\\$&')}"`;
}

/** Never split, whatever the delimiter (split_addr.c). */
const WHOLE = ['postmaster', 'mailer-daemon', 'double-bounce'];

/** `user+ext` → `user`; null if there is no extension. `owner-list` and `list-request` are whole names. */
export function withoutExtension(local: string, delimiters: string): string | null {
  if (delimiters === '') return null;
  const name = unquoted(local);
  const lower = name.toLowerCase();
  if (WHOLE.includes(lower)) return null;
  if (delimiters.includes('-') && (lower.startsWith('owner-') || /.-request$/s.test(lower))) return null;
  const end = Array.from(name).findIndex((char) => delimiters.includes(char));
  return end <= 0 ? null : Array.from(name).slice(0, end).join('');
}
