/** Owns the words and sections that are read and checked, and do nothing in this version. */

import { isMap } from 'yaml';
import { isListWord } from './list-word.ts';
import type { Word } from './policy-words.ts';
import type { whole } from './schema.ts';
import type { Entries } from './section.ts';

/** What to tell whoever writes the word; null: it works. */
export function inactiveWord(word: Word): string | null {
  if (!isListWord(word) && word !== 'check_spf' && word !== 'dnsbl_score') return null;
  const effect = /^(?:permit|skip)_/.test(word) ? 'it spares nobody' : 'it lets everything through';
  return `${word} is not active yet: ${effect} in this version`;
}

/** A section that says nothing (`lists: {}`) asks for nothing. */
export function judgeSections({ spf, lists }: Entries<typeof whole.fields>): void {
  for (const { written, place } of [spf, lists])
    if (written && isMap(place.node) && place.node.items.length > 0)
      place.warning('this section is not active yet: nothing asks it in this version', null);
}
