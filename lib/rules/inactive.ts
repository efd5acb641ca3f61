/** Owns the words that are read and checked, and do nothing in this version. */

import type { Word } from './policy-words.ts';

/** What to tell whoever writes the word; null: it works. */
export function inactiveWord(word: Word): string | null {
  return word === 'check_spf'
    ? `${word} is not active yet: it lets everything through in this version`
    : null;
}
