/** Owns what of one list goes to Postern and what stays: rules together with the whitelists before them. */

import { stays, type Fate, type Rule } from './fate.ts';
import type { ListedRestriction } from './restriction-list.ts';

export interface Judged {
  readonly restriction: ListedRestriction;
  readonly fate: Fate;
}

/** `both`: it moves, and stays too for what it spares there. */
export type Place = 'moves' | 'both' | 'stays' | 'gone';

export interface Placed extends ListedRestriction {
  readonly place: Place;
  /** Of those that move. */
  readonly rule: Rule | null;
  readonly permits: boolean;
  /** Why it stays or is gone, what was changed; whole clauses. */
  readonly notes: readonly string[];
  /** As main.cf is to have it where it stays; `written`, but for what was dangerous. */
  readonly kept: string;
  /** What it goes on sparing in main.cf, for `both`. */
  readonly spares: { readonly word: string; readonly line: number } | null;
  /** The whitelist before it that does not spare anybody yet. */
  readonly early: { readonly word: string; readonly line: number } | null;
}

/** In the order of the list. */
export function apportion(list: readonly Judged[]): Placed[] {
  const reached = unreachable(guarded(list));
  const lastRule = reached.findLastIndex(({ fate }) => fate.kind === 'rule' && fate.decides);
  const lastStaying = reached.findLastIndex(isSparable);
  return reached.map(({ restriction, fate }, i): Placed => {
    const { permits } = fate.kind === 'gone' ? { permits: false } : fate;
    const safer = fate.kind === 'rule' ? fate.safer : null;
    const kept =
      safer === null ? restriction.written : restriction.warnOnly ? `warn_if_reject ${safer}` : safer;
    const placed = { ...restriction, permits, rule: null, kept, spares: null, early: null };
    if (fate.kind === 'gone') return { ...placed, place: 'gone', notes: [fate.why] };
    if (fate.kind === 'stays') {
      const earlier =
        lastRule >= 0 && reached.some((each, j) => j < i && each.fate.kind === 'rule' && each.fate.decides);
      const probes = earlier && /unverified/.test(restriction.word);
      return { ...placed, place: 'stays', notes: probes ? [fate.why, EARLIER] : [fate.why] };
    }
    if (!fate.decides && i > lastRule) {
      const sparing = i < lastStaying;
      const note = sparing ? 'it spares only what stays' : 'nothing stands behind it that it could spare';
      const notes = safer === null ? [note] : [note, ...fate.notes];
      return { ...placed, place: lastRule >= 0 && !sparing ? 'gone' : 'stays', notes };
    }
    const spares = fate.permits
      ? (reached.find((each, j) => j > i && isSparable(each))?.restriction ?? null)
      : null;
    // A permit under warn_if_reject is a permit.
    const rule =
      restriction.warnOnly && fate.decides
        ? { ...fate.rule, text: `warn_if_reject ${fate.rule.text}` }
        : fate.rule;
    return { ...placed, place: spares === null ? 'moves' : 'both', rule, notes: fate.notes, spares };
  });
}

/** It stays, and does more than let in. */
function isSparable({ restriction, fate }: Judged): boolean {
  return fate.kind === 'stays' && !restriction.word.startsWith('permit');
}

const EARLIER = 'it is asked before Postern now, also for what the rules that moved will refuse';

/** What stands behind a whitelist that can't move would hit those whom it spares: it stays with it. */
function guarded(list: readonly Judged[]): Judged[] {
  const guard = list.findIndex(({ fate }) => fate.kind === 'stays' && fate.permits);
  if (guard < 0) return [...list];
  const { word, line } = list[guard]!.restriction;
  const why = `it stands behind ${word} (line ${line}), which may let in and can't move: without that it would refuse others than now. If that one lets nobody in, write this rule into the policy yourself`;
  return list.map((judged, i) =>
    i <= guard || judged.fate.kind !== 'rule' ? judged : { ...judged, fate: stays(why, judged.fate.permits) },
  );
}

/** Nothing behind `permit`, `reject` or `defer` was ever asked. */
function unreachable(list: readonly Judged[]): Judged[] {
  const end = list.findIndex(
    ({ restriction: { word, warnOnly } }) =>
      word === 'permit' || (!warnOnly && /^(?:reject|defer)$/.test(word)),
  );
  if (end < 0) return [...list];
  const { word, line } = list[end]!.restriction;
  const why = `it was never asked: ${word} (line ${line}) before it holds for everybody`;
  return list.map((judged, i) => (i <= end ? judged : { ...judged, fate: stays(why) }));
}

/**
 * postgrey's deferral yields to a refusal behind it, Postern's greylist decides at once: so it is asked behind the
 * refusals, as far as no permit stands between.
 */
export function greylistLast(list: readonly Placed[]): Placed[] {
  const order = [...list];
  for (let i = order.length - 2; i >= 0; i--) {
    if (!isGreylist(order[i]!)) continue;
    let at = i;
    const behind: string[] = [];
    while (at + 1 < order.length && !order[at + 1]!.permits && !isGreylist(order[at + 1]!)) {
      if (order[at + 1]!.rule !== null) behind.push(order[at + 1]!.rule!.text);
      [order[at], order[at + 1]] = [order[at + 1]!, order[at]!];
      at++;
    }
    if (behind.length > 0)
      order[at] = {
        ...order[at]!,
        notes: [
          ...order[at]!.notes,
          `asked behind ${behind.at(-1)!} now: a greylister of Postfix, too, gave way to the refusals behind it`,
        ],
      };
  }
  return order;
}

export function isGreylist({ rule }: Placed): boolean {
  return rule !== null && /(?:^| )greylist$/.test(rule.text);
}
