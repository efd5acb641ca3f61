/** Owns the names of DNS lists that begin with a customer's key: what may be shown of them. */

/** Behind the key and the list's own label: `KEY.zen.dq.spamhaus.net`, `KEY.combined.mail.abusix.zone`. */
const FAMILIES = ['.dq.spamhaus.net', '.mail.abusix.zone'];

/** What a key looks like where the name behind it is none that we know, or has a slip: 26 or 32 of both kinds. */
const LONG_ENOUGH = /[a-z\d]{20,}/gi;

/**
 * `KEY.zen.dq.spamhaus.net` → `zen.dq.spamhaus.net`; others as they are. A key by its name (`${dqs}`) is left out too. Of
 * a name that would be nothing without it the rest is kept: `KEY.example`.
 */
export function shownZone(zone: string): string {
  const labels = withoutKey(zone).split('.');
  const last = labels.findLastIndex((label, i) => looksLikeKey(label) || (i === 0 && isKeyName(label)));
  if (last < 0) return labels.join('.');
  const rest = labels.slice(last + 1);
  if (rest.filter((label) => label !== '').length > 1) return rest.join('.');
  // Cut off from its zone, by a blank or the end of a line.
  const kept = rest.every((label) => label === '') ? labels.slice(0, last + 1) : labels;
  return kept
    .map((label) => label.replace(LONG_ENOUGH, (run) => (isOfBothKinds(run) ? 'KEY' : run)))
    .join('.');
}

/** True if the text of the zone has a key in it: not `${dqs}`, which stands for one. */
export function holdsKey(zone: string): boolean {
  const [first = ''] = zone.split('.');
  return looksLikeKey(zone) || (shownZone(zone) !== zone && !isKeyName(first));
}

/** The name in `${name}.zen.dq.spamhaus.net`; null: there is none. */
export function keyNameOf(zone: string): string | null {
  const [first = ''] = zone.split('.');
  return isKeyName(first) ? first.slice(2, -1) : null;
}

/** What stands before the list's own name in `asked`, which is written `zone`: `${dqs}.zen.dq.spamhaus.net`; empty: no key. */
export function keyIn(zone: string, asked: string): string {
  const rest = keyNameOf(zone) === null ? `.${shownZone(zone)}` : zone.slice(zone.indexOf('.'));
  return asked.toLowerCase().endsWith(rest.toLowerCase()) ? asked.slice(0, -rest.length) : '';
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

/** Whether it might be a key, or have one in it, where something else should stand: a name for one, for instance. */
export function looksLikeKey(text: string): boolean {
  return text.match(LONG_ENOUGH)?.some(isOfBothKinds) === true;
}

/** Any text with the keys of known lists left out, also one in which strangers' names stand. */
export function withoutKeys(text: string): string {
  return FAMILIES.some((family) => text.toLowerCase().includes(family))
    ? text.replace(/[\w.${}-]+/g, withoutKey)
    : text;
}

/** What an administrator wrote, with whatever may be a key left out, for messages that repeat it. */
export function unkeyed(text: string): string {
  const known = withoutKeys(text);
  return looksLikeKey(known)
    ? known.replace(/[\w.${}-]+/g, (name) => (looksLikeKey(name) ? shownZone(name) : name))
    : known;
}

/** Whether a text may hold a key, known as one or not: it is better not shown at all. */
export function mayHoldKey(text: string): boolean {
  return unkeyed(text) !== text || /dq\.?spam|abusix/i.test(text);
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

function isOfBothKinds(run: string): boolean {
  return /\d/.test(run) && /[a-z]/i.test(run);
}

function isKeyName(label: string): boolean {
  return /^\$\{[a-z_][\w-]*\}$/i.test(label);
}
