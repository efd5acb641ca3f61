/** Owns Untraced: the checks of a policy, where nothing may be remembered of having asked. */

import type { AnyCheck } from './check.ts';
import { temperror, type CheckId } from './finding.ts';

export class Untraced extends Map<CheckId, AnyCheck> {
  readonly #checks: ReadonlyMap<CheckId, AnyCheck>;

  constructor(checks: ReadonlyMap<CheckId, AnyCheck>) {
    super(checks);
    this.#checks = checks;
  }

  override get(id: CheckId): AnyCheck | undefined {
    // Checks that only a table's result names are not among the entries.
    const check = this.#checks.get(id);
    return check?.leavesTrace === true ? { ...check, run: () => NOT_ASKED } : check;
  }
}

const NOT_ASKED = temperror('not asked: it would leave a trace');
