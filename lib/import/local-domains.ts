/** Owns the move of the domains that main.cf receives mail for to `local_domains`. */

import { asciiDomain } from '../mail/domain.ts';
import { parseTableName } from '../tables/table-name.ts';
import type { TableContext } from './access-table.ts';
import { hasOpenName, openNames } from './open-name.ts';
import type { Parameters } from './parameters.ts';
import { refusalOf } from './refusal.ts';
import type { Section } from './section.ts';
import { readKeys } from './table-lines.ts';
import { flowItem } from './yaml-text.ts';

/** `keysOf`: by default the domains are those that stand in that table of addresses, as keys of their own. */
const SOURCES: readonly { readonly name: string; readonly keysOf: string | null }[] = [
  { name: 'mydestination', keysOf: null },
  { name: 'virtual_alias_domains', keysOf: 'virtual_alias_maps' },
  { name: 'virtual_mailbox_domains', keysOf: 'virtual_mailbox_maps' },
  { name: 'relay_domains', keysOf: null },
];

/** Without entries: main.cf does not say. A table is named only if it can be read, as nothing works without it. */
export function importLocalDomains(parameters: Parameters, context: TableContext): Section {
  const notes: string[] = [];
  const domains = new Set<string>();
  for (const { name, keysOf } of SOURCES) {
    // By default it is mydestination, or nothing.
    if (name === 'relay_domains' && parameters.setting(name) === null) continue;
    const shown = keysOf !== null && parameters.setting(name) === null ? keysOf : name;
    const reading = new Reading(shown, shown === keysOf, context, (word, why) =>
      notes.push(`${shown} = ${word} is not among them: ${why}`),
    );
    const words = parameters
      .get(name)
      .words()
      .map(({ text }) => text);
    for (const domain of reading.domainsOf(words)) domains.add(domain);
  }
  domains.delete('localhost');
  if (domains.size === 0) return { entries: [], notes };
  return { entries: [['local_domains', `[${[...domains].map(flowItem).join(', ')}]`]], notes };
}

class Reading {
  readonly #name: string;
  /** Tables of addresses, in which a domain of ours is a key without a result of interest. */
  readonly #addresses: boolean;
  readonly #context: TableContext;
  readonly #missing: (word: string, why: string) => void;

  constructor(
    name: string,
    addresses: boolean,
    context: TableContext,
    missing: (word: string, why: string) => void,
  ) {
    this.#name = name;
    this.#addresses = addresses;
    this.#context = context;
    this.#missing = missing;
  }

  domainsOf(words: readonly string[]): string[] {
    const open = words.filter(hasOpenName);
    if (open.length > 0) {
      const names = openNames(open.join(' '));
      this.#missing(
        open.join(', '),
        `main.cf does not set ${names.join(', ')}, which this import can't know then: add what "postconf -xh ${this.#name}" prints`,
      );
    }
    return words.filter((word) => !hasOpenName(word)).flatMap((word) => this.#domainsOf(word));
  }

  #domainsOf(word: string): string[] {
    if (/^[a-z0-9_]+:/i.test(word)) return this.#table(word.replace(/^proxy:/i, ''), word);
    const text = word.startsWith('/') ? this.#context.readFile(word) : null;
    if (text !== null) {
      const inFile = text.split('\n').flatMap((line) => line.replace(/#.*/, '').split(/[\s,]+/));
      return this.domainsOf(inFile.filter((each) => each !== '' && !each.startsWith('/')));
    }
    const unread = word.startsWith('/') ? this.#context.whyUnread(word) : null;
    if (unread !== null) return this.#none(word, unread);
    const domain = asciiDomain(word.replace(/^\./, ''));
    if (domain !== null) return [word.startsWith('.') ? `.${domain}` : domain];
    // What is left of localhost.$name where the name is empty.
    if (!/^\.|\.$/.test(word)) this.#missing(word, 'it is no domain');
    return [];
  }

  #table(table: string, word: string): string[] {
    const parsed = parseTableName(table);
    if (!parsed.ok) return this.#none(word, parsed.what);
    const { kind, source } = parsed.name;
    const path = source.kind === 'file' ? source.path : null;
    const text = path === null ? null : this.#context.readFile(path);
    if (path !== null && text === null)
      return this.#none(word, this.#context.whyUnread(path) ?? this.#context.unknown);
    if (this.#addresses) return this.#keys(kind === 'keys' ? text : null, word);
    const { refused } = this.#context.contents.of(parsed.name, text);
    const why = refused ?? refusalOf(`local_domains: [${flowItem(table)}]`);
    return why === null ? [table] : this.#none(word, why);
  }

  /** `example.com anything` beside `user@example.com …`: postfix-virtual(5). */
  #keys(text: string | null, word: string): string[] {
    if (text === null) return this.#none(word, 'domains that stand in it are not looked for in such a table');
    return [...readKeys(text).keys()].filter(
      (key) => /^[^@/]+\.[^@/]+$/.test(key) && asciiDomain(key) === key,
    );
  }

  #none(word: string, why: string): [] {
    this.#missing(word, why);
    return [];
  }
}
