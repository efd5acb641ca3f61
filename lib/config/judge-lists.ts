/** Owns what is wrong between the lists that the policy asks and the section `lists:`. */

import { keyNameOf, looksLikeKey } from '../mail/secret-zone.ts';
import type { listSettings } from './list-settings.ts';
import { shown } from '../yaml/problem.ts';
import { sitesOf, type RuleList } from '../rules/rule-lists.ts';
import type { Entries } from '../yaml/section.ts';

/** Nor is it shown where it stands in the place of its name. */
export const KEY_IS_NO_NAME =
  'write a name there, such as spamhaus, and the key into the file that lists.key_files names';

/** `rules`: those of the policy in which nothing is wrong; `isWhole`: they are all of it. */
export function judgeLists(
  rules: readonly RuleList[],
  isWhole: boolean,
  { key_files }: Entries<typeof listSettings.fields>,
): void {
  const { source } = key_files.place;
  const used = new Set<string>();
  for (const rule of rules.flatMap((list) => list.rules))
    for (const { zone } of sitesOf([{ name: null, rules: [rule] }])) {
      const name = keyNameOf(zone);
      if (name === null) continue;
      used.add(name);
      const error = (what: string, instead: string): void =>
        source.report(rule.offset ?? 0, 'error', `policy: ${what}`, instead);
      if (looksLikeKey(name)) error('what stands in ${…} looks like the key itself', KEY_IS_NO_NAME);
      else if (key_files.place.sound && !key_files.value.has(name))
        error(
          `\${${shown(name)}} is no key that we know`,
          `write below lists: key_files: { ${shown(name)}: /etc/postern/${shown(name)}.key }`,
        );
    }
  for (const name of key_files.value.keys())
    if (isWhole && !used.has(name))
      key_files.place.warning(
        `no list of the policy uses the key ${shown(name)}`,
        `write \${${shown(name)}}. before its zone`,
      );
}
