/** Owns what of one list goes to Postern and what stays: rules together with the whitelists before them. */

import { aFew } from './a-few.ts';
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
  /** Postfix itself would refuse it, or does not know it. */
  readonly wrong: boolean;
  /** Why it stays or is gone, what was changed; whole clauses. */
  readonly notes: readonly string[];
  /** As main.cf is to have it where it stays; `written`, but for what was dangerous. */
  readonly kept: string;
  /** What it goes on sparing in main.cf, for `both`. */
  readonly spares: { readonly word: string; readonly line: number } | null;
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
    const wrong = fate.kind === 'stays' && fate.wrong;
    const placed = { ...restriction, permits, wrong, rule: null, kept, spares: null };
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

/**
 * What stands behind a whitelist that can't move would hit those whom it spares: it stays with it. The whitelist says
 * what can be done about that, the others only where that is said.
 */
function guarded(list: readonly Judged[]): Judged[] {
  const guards = list.flatMap(({ fate }, i) => (fate.kind === 'stays' && fate.permits ? [i] : []));
  const nameOf = (at: number): string => `${list[at]!.restriction.word} (line ${list[at]!.restriction.line})`;
  return list.map((judged, i) => {
    const before = guards.filter((at) => at < i);
    const { fate } = judged;
    if (fate.kind === 'rule' && before.length > 0)
      return { ...judged, fate: stays(`stays with ${aFew(before.map(nameOf), MOST_NAMED)}`, fate.permits) };
    if (fate.kind !== 'stays' || !fate.permits) return judged;
    const pinned = list.flatMap((each, j) =>
      j > i && each.fate.kind === 'rule' && each.fate.decides ? [{ at: j, line: each.restriction.line }] : [],
    );
    const last = pinned.at(-1);
    if (last === undefined || guards.indexOf(i) >= MOST_TOLD) return judged;
    const others = guards.filter((at) => at !== i && at < last.at);
    const rules = rulesOf(pinned.map(({ line }) => line));
    const cure =
      fate.cure ??
      `if it lets nobody in, write it behind line ${last.line} in main.cf and import again, else write what stands behind it into the policy yourself`;
    const then = `then ${rules} behind it ${pinned.length === 1 ? 'moves' : 'move'} too${others.length === 0 ? '' : `, as far as ${aFew(others.map(nameOf), MOST_NAMED)} let them`}`;
    const held = `as it may let in, ${rules} behind it ${pinned.length === 1 ? 'stays' : 'stay'} with it, which would else refuse others than now`;
    return { ...judged, fate: { ...fate, why: `${fate.why}; ${held}. To change that: ${cure}; ${then}` } };
  });
}

/** Whitelists that hold the same rules. */
const MOST_NAMED = 3;

/** Whitelists of one list that say what can be done about them: with more, the text would be too long for its reader. */
const MOST_TOLD = 50;

function rulesOf(lines: readonly number[]): string {
  const [first, last] = [Math.min(...lines), Math.max(...lines)];
  const where = first === last ? `line ${first}` : `lines ${first}-${last}`;
  return lines.length === 1 ? `the rule (${where})` : `the ${lines.length} rules (${where})`;
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
