/** Owns what is written among names and addresses, and is no mistake, but can't be what anybody is called. */

import { shown } from '../yaml/problem.ts';
import { nearest } from '../yaml/spelling.ts';
import type { Named, Wrong } from './fact-values.ts';

/** `words`: what the fact knows besides; `shortest`: a name without a dot that has fewer letters is one, such as `com`. */
export function oddName(fact: Named, text: string, words: readonly string[], shortest: number): Wrong | null {
  const isAddress = fact === 'sender' || fact === 'recipient';
  if (text.includes('*')) return wildcard(text, isAddress);
  if (isAddress && /^[\d.]+(?:\/\d+)?$/.test(text))
    return [
      `"${shown(text)}" is no ${fact}`,
      'write an address such as bob@example.org; networks are values of client',
    ];
  if (!isAddress && text.includes('@'))
    return [
      `"${shown(text)}" is compared as a name, and no host is called so`,
      'write it as a sender or recipient',
    ];
  if (!/^[a-z_]+$/i.test(text) || text.length < shortest) return null;
  const near = nearest(text, words);
  if (near !== null) return [`"${shown(text)}" is compared as a name`, `did you mean ${near}?`];
  return isAddress
    ? [`"${shown(text)}" is compared as a domain`, `write ${shown(text)}@, if that is the part before the @`]
    : [
        `"${shown(text)}" is compared as a name`,
        `the words here are ${words.join(', ')}; else write a whole name`,
      ];
}

/** As a shell has them: here a `*` is a letter that no name has. */
function wildcard(text: string, isAddress: boolean): Wrong {
  const what = `"${shown(text)}": a * stands for nothing here, so that it never matches`;
  const [, domain] = /^(?:\*@)?(?:\*\.)?([^*]+)$/.exec(text) ?? [];
  if (domain !== undefined && !domain.includes('@'))
    return [what, `write ${shown(domain)}: all below it is meant as well`];
  const [, local] = /^([^*@]+@)\*$/.exec(text) ?? [];
  if (isAddress && local !== undefined) return [what, `write ${shown(local)}`];
  const [, octets] = /^(\d+(?:\.\d+){0,2})(?:\.\*)+$/.exec(text) ?? [];
  if (octets !== undefined && !isAddress) return [what, `write ${octets}`];
  return [what, `write a pattern: ${isAddress ? '/^news.*@example\\.org$/' : '/^mx.*\\.example\\.org$/'}`];
}
