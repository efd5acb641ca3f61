/** Owns the options behind a policy word: `greylist delay=5m`, `check_spf mail_from_fail=defer`. */

import { durationAdvice, parseDuration } from '../yaml/duration.ts';
import { shown } from '../yaml/problem.ts';
import { spf, SPF_ANSWERS, SPF_CASES, isSpfAnswer, type SpfAnswer, type SpfCase } from './spf.ts';
import { nearest } from '../yaml/spelling.ts';
import type { Token } from './tokens.ts';

/** What was written behind the word; what is not there is as in the word's section. */
export type WordOptions =
  | { readonly kind: 'greylist'; readonly delayMs: number }
  | { readonly kind: 'spf'; readonly answers: Readonly<Partial<Record<SpfCase, SpfAnswer>>> };

export type OptionedWord = 'greylist' | 'check_spf';

type Wrong = (what: string, instead: string, within: number) => void;

/** Of the section of that name, and for everybody. */
const GREYLIST_KEYS = ['retry_window', 'lifetime', 'ipv4_prefix', 'ipv6_prefix', 'null_sender'];

/** `name=value`, or a number alone, which is meant as the delay: no word is like that, and no table. */
export function isOption(word: OptionedWord, { text }: Token): boolean {
  return /^[\w-]+=/.test(text) || (word === 'greylist' && /^\d/.test(text));
}

/** Null: none was written, or none is right; `wrong` hears of each that is not. */
export function readOptions(word: OptionedWord, tokens: readonly Token[], wrong: Wrong): WordOptions | null {
  const seen = new Set<string>();
  const pairs = tokens.flatMap(({ text, within }) => {
    const equals = text.indexOf('=');
    const name = text.slice(0, Math.max(0, equals)).toLowerCase();
    if (equals < 0 && parseDuration(text) === null) {
      const { what, instead } = durationAdvice(shown(text));
      wrong(`delay: ${what}`, instead, within);
    } else if (equals < 0)
      wrong(`${shown(text)} stands without its option`, `write delay=${shown(text)}`, within);
    else if (seen.has(name)) wrong(`${shown(name)} is written twice`, 'keep one of the two', within);
    else return [{ name: seen.add(name) && name, value: text.slice(equals + 1), within }];
    return [];
  });
  return word === 'greylist' ? greylistOptions(pairs, wrong) : spfOptions(pairs, wrong);
}

interface Pair {
  readonly name: string;
  readonly value: string;
  readonly within: number;
}

function greylistOptions(pairs: readonly Pair[], wrong: Wrong): WordOptions | null {
  let options: WordOptions | null = null;
  for (const { name, value, within } of pairs) {
    if (name !== 'delay') {
      const near = nearest(name, ['delay', ...GREYLIST_KEYS]);
      if (near !== null && near !== 'delay')
        wrong(`${near} is the same for every greylist`, `write it below "greylist:"`, within);
      else wrong(`greylist has no option ${shown(name)}`, 'write delay=5m, or nothing', within);
      continue;
    }
    const delayMs = parseDuration(value);
    if (delayMs !== null) options = { kind: 'greylist', delayMs };
    else {
      const { what, instead } = durationAdvice(shown(value));
      wrong(`delay: ${what}`, instead, within);
    }
  }
  return options;
}

function spfOptions(pairs: readonly Pair[], wrong: Wrong): WordOptions | null {
  const answers: Partial<Record<SpfCase, SpfAnswer>> = {};
  for (const { name, value, within } of pairs) {
    const which = SPF_CASES.find((each) => each === name);
    const answer = value.toLowerCase();
    if (which === undefined && Object.hasOwn(spf.fields, name))
      wrong(`${name} is the same for every check_spf`, 'write it below "spf:"', within);
    else if (which === undefined) {
      const near = nearest(name, SPF_CASES);
      const advice = near === null ? `the options are ${SPF_CASES.join(', ')}` : `did you mean ${near}?`;
      wrong(`check_spf has no option ${shown(name)}`, advice, within);
    } else if (isSpfAnswer(answer)) answers[which] = answer;
    else
      wrong(
        `${which}: "${shown(value)}" is not one of ${SPF_ANSWERS.join(', ')}`,
        `write ${which}=${nearest(value, SPF_ANSWERS) ?? 'defer'}`,
        within,
      );
  }
  return Object.keys(answers).length === 0 ? null : { kind: 'spf', answers };
}
