/** Owns the word `greylist` as a rule: whom it never touches, and what the greylist's judgement comes to. */

import { tempfail } from '../mail/reply.ts';
import { is } from '../policy/rule.ts';
import type { CheckId, Finding } from '../policy/finding.ts';
import type { Condition, Rule } from '../policy/rule.ts';
import { GREYLIST_KNOWN, greylistId } from '../checks/greylist.ts';
import type { Ruling } from '../policy/verdict.ts';

export interface GreylistPlace {
  readonly stage: 'rcpt' | 'data';
  /** Callout senders get their 451 at DATA; else never. */
  readonly nullSenderAtData: boolean;
  readonly onStoreFailure: 'accept' | 'tempfail';
  /** Whom no greylist delays, whatever rule applies it. */
  readonly skips: readonly Rule[];
  /** SPF is among the origins, and may have to be waited for. */
  readonly waitsForSpf: boolean;
}

/** Whatever the policy says before it: their mail would be lost or be late for nothing. */
const NEVER: Condition = {
  kind: 'any',
  of: [
    is('submitted', 'yes'),
    is('spared_recipient', 'yes'),
    is('mynetworks', 'yes'),
    is('sasl_authenticated', 'yes'),
    is('unknown_client', 'yes'),
  ],
};

const IS_CALLOUT = is('callout_sender', 'yes');

/**
 * The greylist remembers that it was asked, so it is asked last: only rules that are applied once all else is known
 * name its check.
 */
export function greylistRule(word: string, place: GreylistPlace, delayMs: number | null = null): Rule {
  // At DATA other rules may have to be asked, though callout senders are not greylisted there either.
  if (place.stage === 'data' && !place.nullSenderAtData) return NOT_HERE;
  const spares = place.stage === 'rcpt' ? [calloutRule(place)] : [];
  const effect = {
    action: 'apply',
    rules: [
      ...spares,
      ...place.skips,
      ...(place.waitsForSpf ? [knownRule(word, place)] : []),
      judgingRule(word, place, greylistId(delayMs)),
    ],
  } as const;
  return {
    word,
    when: { kind: 'not', of: NEVER },
    may: ['tempfail'],
    greylists: true,
    outcome: () => ({ effect, reason: 'greylisting' }),
  };
}

/** Said as a rule that goes on: what comes after greylisting in the policy holds for these senders too. */
function calloutRule({ nullSenderAtData }: GreylistPlace): Rule {
  const ruling: Ruling = nullSenderAtData
    ? { effect: { action: 'continue' }, reason: 'greylisting waits for DATA', postponed: true }
    : { effect: { action: 'continue' }, reason: 'skipped' };
  return { word: 'null_sender', when: IS_CALLOUT, may: [], outcome: () => ruling };
}

const NOT_HERE: Rule = {
  word: 'greylist',
  when: { kind: 'any', of: [] },
  may: [],
  outcome: () => ({ effect: { action: 'continue' }, reason: 'skipped' }),
};

function judgingRule(word: string, { stage, onStoreFailure }: GreylistPlace, check: CheckId): Rule {
  const judged = is(
    check,
    ...['new', 'early', 'passed', 'released', 'known', 'allowed', 'answered', 'provider'],
    'temperror',
  );
  return {
    word,
    // The rule before this one has found out about callouts: of one, the greylist is not asked.
    when: stage === 'data' ? judged : { kind: 'all', of: [{ kind: 'not', of: IS_CALLOUT }, judged] },
    may: ['tempfail'],
    greylists: true,
    outcome: (findings) => judgement(findings.get(check)!, onStoreFailure),
  };
}

/** Once SPF is known there is nothing to be gained, and the check says `unknown` at once. */
function knownRule(word: string, { stage }: GreylistPlace): Rule {
  const known = is(GREYLIST_KNOWN, 'known');
  return {
    word: GREYLIST_KNOWN,
    partOf: word,
    when: stage === 'data' ? known : { kind: 'all', of: [{ kind: 'not', of: IS_CALLOUT }, known] },
    may: [],
    greylists: true,
    outcome: () => ({ effect: { action: 'skip_greylist' }, reason: 'known' }),
  };
}

function judgement({ result, facts }: Finding, onStoreFailure: 'accept' | 'tempfail'): Ruling {
  switch (result) {
    case 'new':
    case 'early': {
      const waitSeconds = Number(facts['wait']);
      const reply = tempfail(451, '4.7.1', `Greylisted, please try again in ${waitSeconds} seconds`);
      return { effect: { action: 'tempfail', reply }, reason: result, waitSeconds };
    }
    case 'passed':
      return {
        effect: { action: 'continue' },
        reason: `passed after ${facts['delayed']} s${facts['capped'] === 'yes' ? ' of tries from everywhere' : ''}`,
        delayedSeconds: Number(facts['delayed']),
      };
    case 'released':
      return {
        effect: { action: 'continue' },
        reason: `released after ${facts['delayed']} s`,
        delayedSeconds: Number(facts['delayed']),
      };
    case 'known':
      return { effect: { action: 'continue' }, reason: 'known' };
    case 'allowed':
      return { effect: { action: 'continue' }, reason: `not delayed any more: ${facts['by']}` };
    case 'provider':
      return { effect: { action: 'continue' }, reason: `not delayed: provider ${facts['provider']}` };
    case 'answered':
      return { effect: { action: 'continue' }, reason: 'answers mail of ours' };
    default: {
      const reason = `greylist not available: ${facts['why']}`;
      if (onStoreFailure === 'accept') return { effect: { action: 'continue' }, reason };
      const reply = tempfail(451, '4.3.0', 'Greylisting is not available, please try again later');
      return { effect: { action: 'tempfail', reply }, reason };
    }
  }
}
