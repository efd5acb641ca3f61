/** Owns the row of one rule: its number, its word, what it came to, why, and how long that took. */

import { NOT_KNOWN } from '../checks/client-name.ts';
import { isOfList, listFacts } from './list-facts.ts';
import type { AskedCheck, RuleTrace } from './trace.ts';

/** The last cell is the parts of what there is to say, the decisive first. */
export function ruleRow(rule: RuleTrace): [...string[], string[]] {
  const { number, depth, word, checks } = rule;
  const asked = checks.filter(({ ms }) => ms !== null);
  // They are on their way at the same time.
  const ms = Math.max(0, ...asked.map((check) => check.ms ?? 0));
  return [
    (number === null ? '' : String(number)).padStart(2),
    shortened(`${'  '.repeat(depth)}${word}`),
    result(rule),
    asked.length === 0 ? '' : `${ms.toFixed(1).padStart(6)} ms`,
    why(rule),
  ];
}

/** So that the columns behind it stay columns; the config file has all of it, in the line that is named. */
function shortened(word: string): string {
  return word.length <= LONGEST_WORD ? word : `${word.slice(0, LONGEST_WORD - 3)}...`;
}

const LONGEST_WORD = 64;

function result({ outcome, effect, warnOnly }: RuleTrace): string {
  switch (outcome) {
    case 'did not hold':
      return 'no';
    case 'could not tell':
      return 'unknown';
    case 'not reached':
      return '-';
    case 'held':
      break;
  }
  switch (effect) {
    case 'continue':
      return 'goes on';
    case 'apply':
      return 'applies';
    case 'reject':
    case 'tempfail':
    case 'discard':
    case 'quarantine':
    case 'defer_if_permit':
      return warnOnly ? `would ${effect}` : effect;
    case 'permit':
    case 'skip_greylist':
    case 'defer_if_reject':
    case 'defer_if_listed':
    case 'note':
    case 'tag':
    case null:
      return effect ?? 'goes on';
  }
}

/** What was asked for this rule in full, what was known before in short; of DNS lists only what they say. */
function why({ word, outcome, reason, says, checks, effect, warnOnly, compared }: RuleTrace): string[] {
  const own = checks.filter((check) => !isOfList(check));
  const asked = own.filter(({ ms }) => ms !== null);
  const before = own.filter(({ ms }) => ms === null);
  // What is asked as soon as it can be is what the rule went by all the same.
  const told = outcome === 'held' ? before.filter(isOfSpf) : [];
  const known = before
    .filter((check) => !told.includes(check))
    .map((check) => (check.id === word ? resultOf(check) : `${check.id} ${resultOf(check)}`));
  const parts = [
    ...[...asked, ...told].toSorted(firstWhatFailed).map((check) => checkText(check, word)),
    ...(known.length === 0 ? [] : [`known: ${known.join(', ')}`]),
  ];
  const asksLists = own.length < checks.length;
  // Else it only says in words what the check has found.
  const reasons = reason !== null && (asksLists || outcome !== 'held' || parts.length === 0) ? [reason] : [];
  if (compared !== null) reasons.unshift(compared);
  // What refuses has its reply below.
  if (says !== null && (warnOnly || !(effect === 'reject' || effect === 'tempfail'))) reasons.unshift(says);
  return [...reasons, ...listFacts(checks.filter(isOfList), reasons.join()), ...parts];
}

function isOfSpf({ id }: AskedCheck): boolean {
  return id.startsWith('spf ');
}

function resultOf({ result: found, facts }: AskedCheck): string {
  return facts['name'] === NOT_KNOWN ? NOT_KNOWN : found;
}

function firstWhatFailed(a: AskedCheck, b: AskedCheck): number {
  return Number(b.result === 'temperror') - Number(a.result === 'temperror');
}

/** `greylist: new, wait 60 s`; without the name where the rule is called the same. */
function checkText(check: AskedCheck, word: string): string {
  const { id, facts } = check;
  const found = resultOf(check);
  const { why: cause, ...others } = Object.fromEntries(
    Object.entries(facts).filter(([, value]) => value !== NOT_KNOWN),
  );
  const told = Object.entries(others).map(
    ([name, value]) => `${name} ${value}${SECONDS.has(name) ? ' s' : ''}`,
  );
  const failed = found === 'temperror' ? `could not tell: ${cause ?? ''}` : `${found}, ${cause ?? ''}`;
  const said = [cause === undefined ? found : failed, ...told].join(', ');
  return id === word ? said : `${id}: ${said}`;
}

/** Facts that are a time. */
const SECONDS = new Set(['wait', 'delayed']);
