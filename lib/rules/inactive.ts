/** Owns the words that are read and checked, and do nothing in this version. */

import { isListWord } from './list-word.ts';
import type { Word } from './policy-words.ts';

/** What to tell whoever writes the word; null: it works. */
export function inactiveWord(word: Word): string | null {
  if (!isListWord(word) && word !== 'check_spf' && word !== 'dnsbl_score') return null;
  const effect = /^(?:permit|skip)_/.test(word) ? 'it spares nobody' : 'it lets everything through';
  return `${word} is not active yet: ${effect} in this version`;
}
