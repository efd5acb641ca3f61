/** Owns what is wrong with a `when: { score: … }`: no score, or a comparison that holds for nobody or for everybody. */

import type { Source } from '../yaml/source.ts';
import { weighedIn, type RuleList } from './rule-lists.ts';

/** Beyond it nothing is said of comparisons: weights are small numbers, or many of the same. */
const MOST_SUMS = 5000;

/** So many are named one by one. */
const FEW = 6;

/** Of a policy that is right as such. */
export function judgeScores(lists: readonly RuleList[], source: Source): void {
  const weights = weighedIn(lists).map(({ weight }) => weight);
  const sums = sumsOf(weights);
  for (const rule of lists.flatMap(({ rules }) => rules)) {
    if (rule.kind !== 'when' || rule.offset === null) continue;
    for (const { text, holds } of rule.when.scores) {
      const wrong =
        weights.length === 0
          ? ([
              NO_SCORE,
              `write - dnsbl_score: { sites: ["zen.spamhaus.org=127.0.0.[2..11]*3"], reject: 3 }`,
            ] as const)
          : faultOf(sums, holds);
      if (wrong !== null)
        source.report(rule.offset, 'warning', `policy: score "${text}" ${wrong[0]}`, wrong[1]);
    }
  }
}

const NO_SCORE = 'is asked, but there is no dnsbl_score: everybody has 0';

function faultOf(
  sums: readonly number[] | null,
  holds: (sum: number) => boolean,
): readonly [what: string, instead: string] | null {
  if (sums === null) return null;
  const many = sums.filter(holds).length;
  if (many === 0)
    return [
      `never holds: all lists together come to ${spelled(sums)}`,
      'write what they can come to, or other weights',
    ];
  return many === sums.length
    ? [`holds always: all lists together come to ${spelled(sums)}`, 'write another number, or remove it']
    : null;
}

/** Whatever lists may list a client, in ascending order; null: that is too much to try. */
function sumsOf(weights: readonly number[]): readonly number[] | null {
  let sums = new Set([0]);
  for (const weight of weights) {
    sums = new Set([...sums, ...[...sums].map((sum) => sum + weight)]);
    if (sums.size > MOST_SUMS) return null;
  }
  return [...sums].toSorted((a, b) => a - b);
}

function spelled(sums: readonly number[]): string {
  if (sums.length === 1) return String(sums[0]);
  return sums.length <= FEW
    ? `${sums.slice(0, -1).join(', ')} or ${sums.at(-1)}`
    : `${sums[0]} to ${sums.at(-1)}`;
}
