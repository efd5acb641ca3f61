/** Owns which rules this version reads and does not yet ask: until it does, their lines must stay in main.cf. */

import { inactiveWord } from '../rules/inactive.ts';
import { WORDS, type Word } from '../rules/policy-words.ts';
import type { Rule } from './fate.ts';

/** The rule, or something in its table. */
export function isNotYetActive({ text, inactiveTable }: Rule): boolean {
  if (inactiveTable === true) return true;
  const [word = ''] = text.replace(/^warn_if_reject /, '').split(' ');
  return isWord(word) && inactiveWord(word) !== null;
}

function isWord(word: string): word is Word {
  return Object.hasOwn(WORDS, word);
}
