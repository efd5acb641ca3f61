/** Owns the word `greylist` as a rule: whom it never touches, and what the greylist's judgement comes to. */

import { tempfail } from '../mail/reply.ts';
import { is } from '../policy/rule.ts';
import type { Condition, Findings, Rule } from '../policy/rule.ts';
import type { Ruling } from '../policy/verdict.ts';
import type { Config } from './config.ts';

export interface GreylistPlace {
  readonly stage: 'rcpt' | 'data';
  /** Callout senders get their 451 at DATA; else never. */
  readonly nullSenderAtData: boolean;
  readonly onStoreFailure: Config['onStoreFailure'];
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
export function greylistRule(word: string, place: GreylistPlace): Rule {
  const spares = place.stage === 'rcpt' ? [calloutRule(place)] : [];
  const effect = { action: 'apply', rules: [...spares, judgingRule(word, place)] } as const;
  return {
    word,
    when: { kind: 'not', of: NEVER },
    may: ['tempfail'],
    outcome: () => ({ effect, reason: 'greylisting' }),
  };
}

/** Said as a rule that goes on: what comes after greylisting in the policy holds for these senders too. */
function calloutRule({ nullSenderAtData }: GreylistPlace): Rule {
  const ruling: Ruling = nullSenderAtData
    ? { effect: { action: 'continue' }, reason: 'greylisted at DATA', postponed: true }
    : { effect: { action: 'continue' }, reason: 'skipped' };
  return { word: 'null_sender', when: IS_CALLOUT, may: [], outcome: () => ruling };
}

function judgingRule(word: string, { stage, onStoreFailure }: GreylistPlace): Rule {
  const judged = is('greylist', 'new', 'early', 'passed', 'known', 'temperror');
  return {
    word,
    // The rule before this one has found out about callouts: of one, the greylist is not asked.
    when: stage === 'data' ? judged : { kind: 'all', of: [{ kind: 'not', of: IS_CALLOUT }, judged] },
    may: ['tempfail'],
    outcome: (findings) => judgement(findings, onStoreFailure),
  };
}

function judgement(findings: Findings, onStoreFailure: Config['onStoreFailure']): Ruling {
  const { result, facts } = findings.get('greylist')!;
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
        reason: `passed after ${facts['delayed']} s`,
        delayedSeconds: Number(facts['delayed']),
      };
    case 'known':
      return { effect: { action: 'continue' }, reason: 'known' };
    default: {
      const reason = `greylist not available: ${facts['why']}`;
      if (onStoreFailure === 'accept') return { effect: { action: 'continue' }, reason };
      const reply = tempfail(451, '4.3.0', 'Greylisting is not available, please try again later');
      return { effect: { action: 'tempfail', reply }, reason };
    }
  }
}
