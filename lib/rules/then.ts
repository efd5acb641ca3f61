/** Owns Then: what a `when:` rule does where it holds. */

import { parseReplyPattern, type ReplyPattern } from './reply-pattern.ts';
import { shown } from '../yaml/problem.ts';
import { durationAdvice, parseDuration } from '../yaml/duration.ts';
import type { Place } from '../yaml/place.ts';
import { LISTS_THAT_WE_KNOW } from '../lists/known-lists.ts';
import { readRestrictions, type Restriction } from './restrictions.ts';
import { tellRemarks } from './tell-remarks.ts';
import { nearest } from '../yaml/spelling.ts';
import { single } from '../yaml/value.ts';

export type Then =
  | { readonly kind: 'accept' | 'discard' | 'continue' | 'skip_greylist' }
  /** `reply`: what was written behind it, as in an access table; null: Postfix's text. */
  | { readonly kind: 'reject' | 'tempfail'; readonly reply: ReplyPattern | null }
  | { readonly kind: 'quarantine'; readonly text: string | null }
  | { readonly kind: 'tag'; readonly name: string }
  /** With its options. */
  | { readonly kind: 'greylist'; readonly restriction: Restriction };

const KINDS = [
  'accept',
  'reject',
  'tempfail',
  'greylist',
  'skip_greylist',
  'discard',
  'quarantine',
  'tag',
  'continue',
] as const;

/** Words of Postfix and of access tables for the same. */
const SYNONYMS: Readonly<Record<string, Then['kind']>> = {
  permit: 'accept',
  ok: 'accept',
  defer: 'tempfail',
  hold: 'quarantine',
  dunno: 'continue',
};

/** Null after an error, or if there is nothing. */
export function readThen(place: Place): Then | null {
  const text = place.empty
    ? place.error('there is no value', 'write accept, reject, greylist …')
    : single(place, 'reject');
  if (text === null) return null;
  const [, word = '', behind = ''] = /^(\S*)\s*(.*)$/s.exec(text.trim()) ?? [];
  // `reject "go away"`: the quotes are not part of it.
  const rest = /^"([^"]*)"$/.exec(behind)?.[1] ?? behind;
  const lower = word.toLowerCase();
  const kind =
    KINDS.find((each) => each === lower) ?? (Object.hasOwn(SYNONYMS, lower) ? SYNONYMS[lower] : undefined);
  switch (kind) {
    case 'accept':
    case 'discard':
    case 'continue':
    case 'skip_greylist':
      if (rest !== '')
        return place.error(`${kind} is followed by nothing`, `write ${kind} alone`, word.length + 1);
      return { kind };
    case 'reject':
    case 'tempfail':
      return refusal(kind, rest, place);
    case 'quarantine':
      return { kind, text: rest === '' ? null : rest };
    case 'tag':
      if (!/^[A-Za-z0-9_.-]{1,64}$/.test(rest))
        return place.error(
          `"${shown(rest)}" can't be a tag`,
          'write tag and a name of letters, digits, _ . and -',
        );
      return { kind, name: rest };
    case 'greylist':
      // `greylist 10m`: only here there is nothing else that a duration could be.
      if (/^\d/.test(rest) && parseDuration(rest) === null) {
        const { what, instead } = durationAdvice(shown(rest));
        return place.error(`greylist: ${what}`, instead, word.length + 1);
      }
      return greylisting(parseDuration(rest) === null ? text : `greylist delay=${rest}`, place);
    case undefined: {
      const near = nearest(word, KINDS);
      const cure = near === null ? `write one of ${KINDS.join(', ')}` : `did you mean ${near}?`;
      return place.error(`"${shown(word)}" is nothing that a rule can do`, cure);
    }
  }
}

/** `reject see #42`: to YAML, and to nobody else. */
export function warnOfComment(place: Place): void {
  if (place.comment !== null)
    place.warning(
      'what stands behind # is a comment, which no client is told',
      'write the value in quotes if it is meant',
    );
}

function refusal(kind: 'reject' | 'tempfail', rest: string, place: Place): Then | null {
  if (rest !== '') warnOfComment(place);
  if (rest === '') return { kind, reply: null };
  const parsed = parseReplyPattern(rest);
  if (!('code' in parsed)) return place.error(...parsed);
  const wanted = kind === 'reject' ? 5 : 4;
  if (parsed.code !== null && Math.trunc(parsed.code / 100) !== wanted)
    return place.error(
      `${parsed.code} is no code for ${kind}`,
      `write ${kind === 'reject' ? 'tempfail' : 'reject'} ${shown(rest)}`,
    );
  return { kind, reply: parsed };
}

function greylisting(text: string, place: Place): Then | null {
  const { restrictions, remarks } = readRestrictions(text, place.source.premise(LISTS_THAT_WE_KNOW));
  tellRemarks(remarks, place);
  const [restriction, more] = restrictions;
  if (more !== undefined)
    return place.error('there is one thing that a rule does', 'write the other in a rule of its own');
  return restriction === undefined ? null : { kind: 'greylist', restriction };
}
