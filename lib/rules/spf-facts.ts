/** Owns the facts `spf` and `helo_spf` of a `when:`: what SPF found, as far as it was asked. */

import { spfId, SPF_SKIP_DOMAINS } from '../checks/spf.ts';
import type { Stage } from '../mail/session.ts';
import type { Finding } from '../policy/finding.ts';
import type { Held } from '../policy/rule.ts';
import { SPF_RESULTS, type SpfIdentity } from '../spf/evaluator.ts';
import { shown } from '../yaml/problem.ts';
import { nearest } from '../yaml/spelling.ts';
import { NOTHING, type FactTest } from './fact-test.ts';
import type { Wrong } from './fact-values.ts';

/** `wide`: a pass that says nothing, for the record passes everybody; it is no `pass`. */
const WORDS = [...SPF_RESULTS, 'wide'] as const;
type SpfWord = (typeof WORDS)[number];

const STAGES: Readonly<Record<SpfIdentity, Stage>> = { helo: 'helo', mailfrom: 'mail' };

export function spfWords(identity: SpfIdentity): Readonly<Record<string, FactTest>> {
  return Object.fromEntries(WORDS.map((word) => [word, spfTest(identity, word)]));
}

export function wrongSpfWord(text: string): Wrong {
  const near = nearest(text.toLowerCase(), WORDS);
  return [
    `"${shown(text)}" is no result of SPF`,
    near === null ? `write one of ${WORDS.join(', ')}` : `did you mean ${near}?`,
  ];
}

function spfTest(identity: SpfIdentity, word: SpfWord): FactTest {
  const id = spfId(identity);
  return {
    ...NOTHING,
    spf: true,
    stage: STAGES[identity],
    condition: () => ({
      kind: 'told',
      checks: [id, SPF_SKIP_DOMAINS],
      tells(findings) {
        const finding = findings.get(id);
        if (finding === undefined) return [id];
        const told = held(finding, word);
        if (told === 'unknown' || finding.result === 'pass') return told;
        const skips = findings.get(SPF_SKIP_DOMAINS);
        if (skips === undefined) return [SPF_SKIP_DOMAINS];
        return skips.result === 'yes' ? 'unknown' : told;
      },
      shows(findings) {
        const finding = findings.get(id);
        if (finding === undefined) return null;
        const told = held(finding, word);
        if (told === 'unknown') return null;
        const what = `${identity === 'helo' ? 'helo_spf' : 'spf'} ${wordOf(finding)}`;
        return { what, asked: told ? null : word, holds: told };
      },
    }),
  };
}

/** Of whom nobody was asked (own networks, users), no rule holds either way. */
function held(finding: Finding, word: SpfWord): Held {
  if (finding.facts['skipped'] !== undefined) return 'unknown';
  if (finding.result === 'temperror') return word === 'temperror' ? true : 'unknown';
  return wordOf(finding) === word;
}

function wordOf({ result, facts }: Finding): string {
  return result === 'pass' && facts['wide'] !== undefined ? 'wide' : result;
}
