/** Owns what a condition compared, in words: for `explain`. */

import type { Condition, Findings } from './rule.ts';

/** `score 2` and `within 1..3`; `asked` null: there is nothing to add to `what`. */
export interface Shown {
  readonly what: string;
  readonly asked: string | null;
  readonly holds: boolean;
}

/** `score 2 is within 1..3`, `spf softfail is not pass`; of several alternatives the one that holds. Null: nothing that checks do not say. */
export function comparedIn(condition: Condition, findings: Findings): string | null {
  const byWhat = new Map<string, Shown[]>();
  for (const shown of shownIn(condition, findings))
    byWhat.set(shown.what, [...(byWhat.get(shown.what) ?? []), shown]);
  const told = [...byWhat].flatMap(([what, all]) => {
    const held = all.find(({ holds }) => holds);
    // Then the checks say it.
    if (held !== undefined && held.asked === null) return [];
    const asked = (held === undefined ? all : [held]).flatMap((each) => each.asked ?? []);
    return asked.length === 0 ? what : `${what} is ${held === undefined ? 'not ' : ''}${asked.join(', ')}`;
  });
  return told.length === 0 ? null : told.join('; ');
}

function shownIn(condition: Condition, findings: Findings): readonly Shown[] {
  switch (condition.kind) {
    case 'always':
    case 'is':
      return [];
    case 'told': {
      const shown = condition.shows?.(findings) ?? null;
      return shown === null ? [] : [shown];
    }
    case 'not':
      return shownIn(condition.of, findings);
    case 'all':
    case 'any':
      return condition.of.flatMap((part) => shownIn(part, findings));
  }
}
