/** Owns the move of the domains that main.cf receives mail for to `local_domains`. */

import { asciiDomain } from '../mail/domain.ts';
import { parseTableName } from '../tables/table-name.ts';
import type { Parameters } from './parameters.ts';
import type { Section } from './section.ts';
import { flowItem } from './yaml-text.ts';

const SOURCES = ['mydestination', 'virtual_alias_domains', 'virtual_mailbox_domains', 'relay_domains'];

/** Without entries: main.cf does not say. A table is named only if it can be read, as nothing works without it. */
export function importLocalDomains(
  parameters: Parameters,
  readFile: (path: string) => string | null,
): Section {
  const notes: string[] = [];
  const found = SOURCES.filter((name) => parameters.setting(name) !== null).flatMap((name) => {
    const words = parameters
      .get(name)
      .words()
      .map(({ text }) => text);
    return domainsOf(words, readFile, (word, why) =>
      notes.push(`${name} = ${word} is not among them: ${why}`),
    );
  });
  const domains = [...new Set(found)].filter((domain) => domain !== 'localhost');
  if (domains.length === 0) return { entries: [], notes };
  return { entries: [['local_domains', `[${domains.map(flowItem).join(', ')}]`]], notes };
}

function domainsOf(
  words: readonly string[],
  readFile: (path: string) => string | null,
  missing: (word: string, why: string) => void,
): string[] {
  return words.flatMap((word): string[] => {
    if (/^[a-z0-9]+:/i.test(word)) {
      const parsed = parseTableName(word);
      if (!parsed.ok) missing(word, parsed.what);
      else if (parsed.name.source.kind === 'file' && readFile(parsed.name.source.path) === null)
        missing(word, 'the file could not be read here');
      else return [word];
      return [];
    }
    const text = word.startsWith('/') ? readFile(word) : null;
    if (text !== null) {
      const inFile = text.split('\n').flatMap((line) => line.replace(/#.*/, '').split(/[\s,]+/));
      return domainsOf(
        inFile.filter((each) => each !== '' && !each.startsWith('/')),
        readFile,
        missing,
      );
    }
    const domain = asciiDomain(word.replace(/^\./, ''));
    // What is left of localhost.$mydomain when nobody said $mydomain.
    if (domain === null) {
      if (!/^\.|\.$/.test(word)) missing(word, 'it is no domain');
      return [];
    }
    return [word.startsWith('.') ? `.${domain}` : domain];
  });
}
