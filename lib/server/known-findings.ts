/** Owns KnownFindings: what has been found out about a message by its end. It asks nobody. */

import { standingOf } from '../checks/list-standing.ts';
import { run, type Driving } from '../policy/asking.ts';
import type { CheckId, Finding } from '../policy/finding.ts';
import type { Findings } from '../policy/rule.ts';
import type { Message } from './envelope.ts';

/** What is true of one recipient is not among it: a header is for all of them. */
export class KnownFindings implements Findings {
  readonly #message: Message;
  readonly #driving: Driving;
  readonly #standings = new Map<CheckId, Finding | undefined>();

  constructor(message: Message, driving: Driving) {
    this.#message = message;
    this.#driving = driving;
  }

  get(id: CheckId): Finding | undefined {
    return standingOf(id) === null ? this.#message.scope.get(id) : this.#standing(id);
  }

  /** In no order. */
  ids(): readonly CheckId[] {
    return this.#message.scope.ids();
  }

  /**
   * Whether a list may be believed is known for a moment only: as the decisions about the recipients knew it, or as it is
   * known now.
   */
  #standing(id: CheckId): Finding | undefined {
    if (this.#standings.has(id)) return this.#standings.get(id);
    const standing = this.#decided(id) ?? this.#now(id);
    this.#standings.set(id, standing);
    return standing;
  }

  #decided(id: CheckId): Finding | undefined {
    for (const { scope } of this.#message.recipients.slice(0, MOST_LOOKED_AT)) {
      const found = scope.past(id);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** A proof that is on its way is not waited for: it was begun when the list was asked. */
  #now(id: CheckId): Finding | undefined {
    const check = this.#driving.checks.get(id);
    if (check === undefined) return undefined;
    const { session } = this.#message;
    const finding = run(check, { session, stage: 'mail', known: this }, this.#driving, NEVER);
    return finding instanceof Promise ? undefined : finding;
  }
}

/** All of them have asked the same lists, but for those that their own rules spared. */
const MOST_LOOKED_AT = 20;

const NEVER = new AbortController().signal;
