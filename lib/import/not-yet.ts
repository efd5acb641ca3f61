/** Owns which rules this version reads and does not yet ask (SPF): until it does, their lines must stay in main.cf. */

import { inactiveWord } from '../rules/inactive.ts';
import { WORDS, type Word } from '../rules/policy-words.ts';
import type { Placed } from './apportion.ts';

export function isNotYetActive({ rule }: Placed): boolean {
  const [word = ''] = rule?.text.replace(/^warn_if_reject /, '').split(' ') ?? [];
  return isWord(word) && inactiveWord(word) !== null;
}

function isWord(word: string): word is Word {
  return Object.hasOwn(WORDS, word);
}
