/** Owns the keys in the zones of main.cf's DNS lists: what stands for each in a postern.yaml, and the file that it goes into. */

import { holdsKey, shownZone, usualKeyName } from '../mail/secret-zone.ts';
import type { Section } from './section.ts';
import { flowItem } from './yaml-text.ts';

export const KEY_ASTRAY =
  'there seems to be a key in it, but not as its first label, right before the zone of its list';

interface Key {
  /** As `lists.key_files` has it. */
  readonly name: string;
  /** The first zone that has it, without it. */
  readonly behind: string;
  readonly line: number;
}

export class ZoneKeys {
  /** By the key, in lower case. */
  readonly #keys = new Map<string, Key>();

  /**
   * `KEY.zen.dq.spamhaus.net` → `${spamhaus}.zen.dq.spamhaus.net`; others as they are. Null: there is a key in it, but not
   * where one belongs, and so no name can stand for it. `line`: of main.cf.
   */
  named(zone: string, line: number): string | null {
    if (!holdsKey(zone)) return zone;
    const behind = shownZone(zone);
    const key = zone.slice(0, -behind.length - 1).toLowerCase();
    if (key === '' || key.includes('.') || !zone.endsWith(`.${behind}`)) return null;
    const known = this.#keys.get(key) ?? { name: this.#nameFor(behind), behind, line };
    this.#keys.set(key, known);
    return `\${${known.name}}.${behind}`;
  }

  /** `lists:`, with the keys that `rules` name; null: they name none. */
  section(rules: readonly string[]): Section | null {
    const used = [...this.#keys.values()].filter(({ name }) =>
      rules.some((rule) => rule.includes(`\${${name}}.`)),
    );
    if (used.length === 0) return null;
    const files = used.map(({ name }) => `${name}: ${flowItem(fileOf(name))}`).join(', ');
    const notes = used.map(
      ({ name, behind, line }) =>
        `line ${line}: the key of ${behind} is not in this file. Write it, which stands before ${behind} in main.cf, into ${fileOf(name)}, and nothing else; then: chgrp postern ${fileOf(name)} && chmod 0640 ${fileOf(name)}. Until then that list decides nothing`,
    );
    return { entries: [['lists', `{ key_files: { ${files} } }`]], notes };
  }

  #nameFor(behind: string): string {
    const family = usualKeyName(behind);
    const taken = [...this.#keys.values()].map(({ name }) => name);
    for (let i = 1; ; i++) {
      const name = i === 1 ? family : `${family}_${i}`;
      if (!taken.includes(name)) return name;
    }
  }
}

function fileOf(name: string): string {
  return `/etc/postern/${name}.key`;
}
