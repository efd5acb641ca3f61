/** Owns which rules this version reads and does not yet ask: until it does, their lines must stay in main.cf. */

import { inactiveWord } from '../rules/inactive.ts';
import { WORDS, type Word } from '../rules/policy-words.ts';

/** `rule`: as postern.yaml has it. */
export function isNotYetActive(rule: string): boolean {
  const [word = ''] = rule.replace(/^warn_if_reject /, '').split(' ');
  return isWord(word) && inactiveWord(word) !== null;
}

function isWord(word: string): word is Word {
  return Object.hasOwn(WORDS, word);
}
