/** Owns the names of DNS lists that begin with a customer's key: what may be shown of them. */

/** Behind the key and the list's own label: `KEY.zen.dq.spamhaus.net`, `KEY.combined.mail.abusix.zone`. */
const FAMILIES = ['.dq.spamhaus.net', '.mail.abusix.zone'];

/** What a key looks like where the name behind it is none that we know, or has a slip: 26 or 32 of both kinds. */
const LIKE_A_KEY = /^(?=[a-z]*\d)(?=\d*[a-z])[a-z\d]{20,63}$/i;

/** `KEY.zen.dq.spamhaus.net` → `zen.dq.spamhaus.net`; others as they are. A key by its name (`${dqs}`) is left out too. */
export function shownZone(zone: string): string {
  const bare = withoutKey(zone);
  const [first = '', ...rest] = bare.split('.');
  // Cut off from its zone, by a blank or the end of a line.
  if (LIKE_A_KEY.test(first) && rest.every((label) => label === '')) return 'KEY';
  return rest.length > 1 && (LIKE_A_KEY.test(first) || isKeyName(first)) ? rest.join('.') : bare;
}

/** True if the text of the zone has a key in it: not `${dqs}`, which stands for one. */
export function holdsKey(zone: string): boolean {
  return shownZone(zone) !== zone && !isKeyName(zone.split('.')[0]!);
}

/** The name in `${name}.zen.dq.spamhaus.net`; null: there is none. */
export function keyNameOf(zone: string): string | null {
  const [first = ''] = zone.split('.');
  return isKeyName(first) ? first.slice(2, -1) : null;
}

/** Of a list that we know to be below a key: true for `zen.dq.spamhaus.net` without one. */
export function lacksKey(zone: string): boolean {
  const lower = zone.toLowerCase();
  // A longer label may be the key itself.
  return FAMILIES.some(
    (family) => lower.endsWith(family) && /^[a-z-]{1,15}$/.test(lower.slice(0, -family.length)),
  );
}

/** What its key is best called in `lists.key_files`: `spamhaus`. */
export function usualKeyName(zone: string): 'spamhaus' | 'abusix' | 'list' {
  if (/\bspamhaus\.net\.?$/i.test(zone)) return 'spamhaus';
  return /\babusix\.zone\.?$/i.test(zone) ? 'abusix' : 'list';
}

/** Any text with the keys in it left out, for messages that repeat what was written. */
export function withoutKeys(text: string): string {
  return FAMILIES.some((family) => text.toLowerCase().includes(family))
    ? text.replace(/[\w.${}-]+/g, withoutKey)
    : text;
}

/** Whether a text may hold a key, known as one or not: it is better not shown at all. */
export function mayHoldKey(text: string): boolean {
  const words = text.split(/[^a-z\d]+/i);
  return (
    withoutKeys(text) !== text ||
    words.some((word) => LIKE_A_KEY.test(word)) ||
    /dq\.?spam|abusix/i.test(text)
  );
}

function withoutKey(name: string): string {
  const lower = name.toLowerCase();
  for (const family of FAMILIES) {
    const at = lower.lastIndexOf(family);
    if (at < 0) continue;
    return name.slice(name.lastIndexOf('.', at - 1) + 1);
  }
  return name;
}

function isKeyName(label: string): boolean {
  return /^\$\{[a-z_][\w-]*\}$/i.test(label);
}
