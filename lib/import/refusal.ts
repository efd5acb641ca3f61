/** Owns the last word on what is written into a postern.yaml: that of its reader. What it would refuse becomes a comment. */

import { readConfig } from '../config/read-config.ts';
import { TableContents } from './table-content.ts';
import type { TableName } from '../tables/table-name.ts';
import { scalar } from './yaml-text.ts';
import type { Rule } from './fate.ts';

/** `yaml`: a postern.yaml in little. Why `postern check` would refuse it; null: it would not. Never throws. */
export function refusalOf(yaml: string): string | null {
  const loaded = readConfig(`${yaml}${keyFiles(yaml)}`, 'postern.yaml', { stateDirectory: '/nonexistent' });
  if (loaded.ok) return refusalOfTables(loaded.config.tables);
  const what = loaded.problems.find(({ severity }) => severity === 'error')?.what ?? 'it is no configuration';
  // Where in the file it stood: `policy.dnsbl_score.sites: …`.
  return what.replace(/^[a-z_]+(?:\.[a-z_]+)*: /, '');
}

/** Of those that are written in the rule itself; files are another matter. */
function refusalOfTables(tables: readonly TableName[]): string | null {
  const contents = new TableContents();
  for (const name of tables) {
    const refused = name.source.kind === 'parts' ? contents.of(name, null).refused : null;
    if (refused !== null) return refused;
  }
  return null;
}

/** The names of keys that stand in zones would else be unknown. */
function keyFiles(yaml: string): string {
  const names = new Set([...yaml.matchAll(/\$\{([a-z]\w*)\}\./g)].map(([, name]) => name!));
  const files = [...names].map((name) => `${name}: /etc/postern/${name}.key`);
  return files.length === 0 ? '' : `lists: { key_files: { ${files.join(', ')} } }\n`;
}

export function refusalOfRule({ text, reply }: Rule): string | null {
  const behind = reply === null ? '' : `\n    reply: ${scalar(reply)}`;
  return refusalOf(`policy:\n  - rule: ${scalar(text)}${behind}\n`);
}

/** `refusalOf` of many that are alike: each text is read once. */
export class Refusals {
  readonly #known = new Map<string, string | null>();

  of(rule: Rule): string | null {
    const key = `${rule.text}\n${rule.reply ?? ''}`;
    if (!this.#known.has(key)) this.#known.set(key, refusalOfRule(rule));
    return this.#known.get(key)!;
  }
}
