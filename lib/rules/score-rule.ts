/** Owns the rule of `dnsbl_score:`: what the score of a client comes to. */

import { reject } from '../mail/reply.ts';
import type { Session } from '../mail/session.ts';
import type { KnownLists } from '../lists/known-lists.ts';
import type { ListSite } from '../lists/list-site.ts';
import type { Findings, Rule } from '../policy/rule.ts';
import type { Effect } from '../policy/verdict.ts';
import { factsOf } from './about.ts';
import type { DnsblScore } from './dnsbl-score.ts';
import { refusing, type AnyReply } from './effect-of-reply.ts';
import { unavailable } from './list-rule.ts';
import { placeholders, withPattern, type ReplyPattern } from './reply-pattern.ts';
import { isMissing, scoreChecks, scoreOf, type Score } from './score.ts';

/** `greylisting`: the rule of `greylist` at its place. */
export function scoreRule(
  written: string,
  score: DnsblScore,
  own: ReplyPattern | null,
  lists: KnownLists,
  greylisting: () => Rule,
): Rule {
  const { sites } = score;
  const greylist = score.greylist === null ? null : greylisting();
  return {
    word: written,
    when: {
      kind: 'told',
      checks: scoreChecks(sites),
      tells(findings) {
        const found = scoreOf(sites, lists, findings);
        if (isMissing(found)) return found;
        return found.hits.length > 0 || effectOf(found, score) !== null;
      },
      shows(findings) {
        const found = scoreOf(sites, lists, findings);
        // Else the reason says it.
        if (isMissing(found) || found.hits.length > 0) return null;
        return { what: reasonOf(found, score), asked: null, holds: false };
      },
    },
    may: [
      ...(score.reject === null ? [] : (['reject', 'tempfail'] as const)),
      ...(greylist === null ? [] : (['tempfail'] as const)),
      ...(score.permit === null ? [] : (['permit'] as const)),
    ],
    outcome(findings, session) {
      const found = known(sites, lists, findings);
      const reason = reasonOf(found, score);
      switch (effectOf(found, score)) {
        case 'reject':
          return { effect: refusing(blocked(session, found, own)), reason, byList: true, listed: 'client' };
        case 'put off':
          // Not the lists' word: a client may lose nothing by it that he has earned.
          return { effect: { action: 'tempfail', reply: unavailable(session, 'client') }, reason };
        case 'permit':
          return { effect: { action: 'permit' }, reason };
        case 'greylist':
          return { effect: greylistEffect(greylist), reason };
        case null:
          return { effect: { action: 'continue' }, reason };
      }
    },
  };
}

function known(sites: readonly ListSite[], lists: KnownLists, findings: Findings): Score {
  const found = scoreOf(sites, lists, findings);
  if (isMissing(found)) throw new Error(`nobody has asked ${found.join(', ')}`);
  return found;
}

/** `put off`: a whitelist that could not tell might have kept him below. */
function effectOf(
  { sum, lowest }: Score,
  { reject: most, greylist, permit }: DnsblScore,
): 'reject' | 'put off' | 'greylist' | 'permit' | null {
  if (most !== null && sum >= most) return lowest >= most ? 'reject' : 'put off';
  if (greylist !== null && sum >= greylist) return 'greylist';
  return permit !== null && sum <= permit ? 'permit' : null;
}

function greylistEffect(rule: Rule | null): Effect {
  return rule === null ? { action: 'continue' } : { action: 'apply', rules: [rule] };
}

/** postscreen's reply, which names the list that weighs most (postscreen_dnsbl.c). */
function blocked(session: Session, { hits }: Score, own: ReplyPattern | null): AnyReply {
  const zone = hits.toSorted((a, b) => b.weight - a.weight)[0]?.alias ?? '';
  const address = session.client.address?.text ?? 'unknown';
  const usual = reject(550, '5.7.1', `Service unavailable; client [${address}] blocked using ${zone}`);
  if (own === null) return usual;
  const facts = { ...placeholders(session), ...factsOf(session, 'client'), zone, reason: '' };
  return withPattern(usual, own, facts, false);
}

/** `score 5: zen.spamhaus.org 3, bl.spamcop.net 2`; of one that comes to nothing, what it would take. */
function reasonOf(found: Score, score: DnsblScore): string {
  const { sum, lowest, hits } = found;
  const parts = hits.map(({ alias, weight }) => `${alias} ${weight}`);
  const effect = effectOf(found, score);
  const limit = effect === null && score.reject !== null ? ` (reject ${score.reject})` : '';
  const open =
    effect === 'put off'
      ? `; not final: ${sum - lowest} less if a whitelist knows him that can't tell now`
      : '';
  return `score ${sum}${limit}${parts.length === 0 ? '' : `: ${parts.join(', ')}`}${open}`;
}
