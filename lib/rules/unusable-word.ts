/** Owns what is said about a word that is no rule here: one of Postfix's, one that is gone, or none at all. */

import { OLD_SPELLINGS } from '../checks/postfix-replies.ts';
import { parseListSite } from '../lists/list-site.ts';
import { GONE_WORDS, OLD_WORDS, STAYS_IN_POSTFIX, WORDS, type ListWord } from './policy-words.ts';
import { shown } from '../yaml/problem.ts';
import { nearest } from '../yaml/spelling.ts';

/** `asking`: the last word before it that named a list, for a list alone is a common slip. */
export function unusableWord(
  text: string,
  asking: ListWord | null,
): readonly [what: string, instead: string] {
  const lower = text.toLowerCase();
  if (Object.hasOwn(GONE_WORDS, lower)) return GONE_WORDS[lower]!;
  if (Object.hasOwn(STAYS_IN_POSTFIX, lower))
    return [`${lower} stays in main.cf: ${STAYS_IN_POSTFIX[lower]}`, 'leave it there, and remove it here'];
  if (asking !== null && text.includes('.') && parseListSite(text).ok)
    return [`"${shown(text)}" is a list without a word`, `write ${asking} ${shown(text)}`];
  if (/spf/.test(lower))
    return [
      `"${shown(text)}" is not a policy word`,
      'write check_spf; what it refuses is below "spf:", or behind it: check_spf mail_from_fail=reject',
    ];
  const near = nearest(text, [...Object.keys(WORDS), ...Object.keys(STAYS_IN_POSTFIX)]);
  const advice =
    near === null
      ? text.includes('_')
        ? 'restriction classes are to be written out; the words are in the README'
        : 'the words are in the README'
      : `did you mean ${near}?`;
  return [`"${shown(text)}" is not a policy word`, advice];
}

/** Any word that Postfix or Postern has or had: it is not the argument of another. */
export function isAnyWord(text: string): boolean {
  return [WORDS, STAYS_IN_POSTFIX, OLD_SPELLINGS, OLD_WORDS, GONE_WORDS].some((words) =>
    Object.hasOwn(words, text.toLowerCase()),
  );
}
