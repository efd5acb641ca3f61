/** Owns the keys of DNS lists while they are in memory: nothing but a zone to ask ever comes out with one in it. */

import { keyNameOf, unkeyed } from '../mail/secret-zone.ts';

/** `missing`: why there is none, for the administrator: `there is no file /etc/postern/spamhaus.key`; and what to do. */
export type ListKey = { readonly key: string } | { readonly missing: string; readonly instead: string };

/** What is asked, the key included: it goes to the DNS and nowhere else. `why` names no key. */
export type AskedZone =
  | { readonly ok: true; readonly zone: string }
  | { readonly ok: false; readonly why: string; readonly instead: string };

/** One label of a name: 26 letters and digits of Spamhaus, 32 of Abusix. */
const KEY = /^[a-z0-9](?:[a-z0-9_-]{3,61})[a-z0-9]$/i;

/** What is written in a file or variable, without blanks around it; null: that is no key. */
export function keyIn(text: string): string | null {
  const [line = ''] = text.replace(/^\ufeff/, '').split('\n', 1);
  const key = line.trim();
  return KEY.test(key) ? key.toLowerCase() : null;
}

export class ListKeys {
  /** By name, in lower case. Private in the language's sense too: no dump of a configuration shows it. */
  readonly #keys: ReadonlyMap<string, ListKey>;

  constructor(keys: ReadonlyMap<string, ListKey>) {
    this.#keys = keys;
  }

  /** `${dqs}.zen.dq.spamhaus.net` with the key in its place; a zone without such a name as it is. */
  zoneToAsk(zone: string): AskedZone {
    const name = keyNameOf(zone);
    if (name === null) return { ok: true, zone };
    const found = this.#keys.get(name.toLowerCase());
    if (found === undefined)
      return {
        ok: false,
        why: `lists.key_files has no ${unkeyed(name)}`,
        instead: `write below lists: key_files: where ${unkeyed(name)} is, then: postern reload`,
      };
    if ('missing' in found) return { ok: false, why: found.missing, instead: found.instead };
    return { ok: true, zone: `${found.key}${zone.slice(zone.indexOf('.'))}` };
  }
}

export const NO_KEYS = new ListKeys(new Map());
