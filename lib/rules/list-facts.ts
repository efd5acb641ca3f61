/** Owns the facts of a `when:` that DNS lists tell: `dnsbl`, `dnswl` and `score`. */

import { parseListSite, writtenSite } from '../lists/list-site.ts';
import { shown } from '../yaml/problem.ts';
import { parseComparison } from './comparison.ts';
import { NOTHING, type FactTest } from './fact-test.ts';
import type { Wrong } from './fact-values.ts';
import { listSays, saysSo, type ListUse } from './list-says.ts';
import { isMissing, scoreChecks, scoreOf } from './score.ts';

/** One list with its pattern, asked about the client. */
export function listFact(text: string, does: ListUse['does']): FactTest | Wrong {
  const read = parseListSite(text);
  if (!read.ok) return [read.what, read.instead];
  const { site } = read;
  if (site.weight !== 1)
    return [`${writtenSite(site)} has a weight`, 'write it in dnsbl_score, and ask score'];
  const use: ListUse = { subject: 'client', site, does };
  return {
    ...NOTHING,
    stage: 'connect',
    condition: ({ known }) => saysSo(use, known, true),
    lists: [use],
    accuses: ({ known }, findings) =>
      does === 'refuse' && listSays(use, known, findings, true).state === 'listed',
  };
}

/** Of all lists in `dnsbl_score:`. What a whitelist that can't tell might change, nobody can tell. */
export function scoreFact(text: string): FactTest | Wrong {
  const compare = parseComparison(text);
  if (compare === null)
    return [`"${shown(text)}" is no number to compare with`, 'write ">=3", "<0" or "2..5", in quotes'];
  return {
    ...NOTHING,
    stage: 'connect',
    scores: [{ text, holds: compare }],
    condition: ({ weighed, known }) => ({
      kind: 'told',
      checks: scoreChecks(weighed),
      tells(findings) {
        const score = scoreOf(weighed, known, findings);
        if (isMissing(score)) return score;
        return compare(score.sum) === compare(score.lowest) ? compare(score.sum) : 'unknown';
      },
      shows(findings) {
        const score = scoreOf(weighed, known, findings);
        if (isMissing(score)) return null;
        const { sum, lowest } = score;
        return {
          what: `score ${sum}${lowest === sum ? '' : ` (${lowest} if a whitelist knows him that can't tell now)`}`,
          asked: text.includes('..') ? `within ${text.trim()}` : text.trim(),
          holds: compare(sum),
        };
      },
    }),
    // Who has more against him than for him; "<=0" holds for whom no list knows.
    accuses({ weighed, known }, findings) {
      const score = scoreOf(weighed, known, findings);
      return !isMissing(score) && score.sum > 0 && !compare(0);
    },
  };
}
