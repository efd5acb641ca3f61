/** Owns the checks that ask DNS lists, for a policy and for what its tables name. */

import { listing, listingOf, type AskedList, type ListAsking } from '../checks/listing.ts';
import { listStanding, standingOf } from '../checks/list-standing.ts';
import type { ListSubject } from '../checks/list-subject.ts';
import { matches } from '../lists/list-pattern.ts';
import { shownZone } from '../mail/secret-zone.ts';
import type { AnyCheck } from '../policy/check.ts';
import type { CheckId } from '../policy/finding.ts';
import type { ListUse } from '../rules/list-says.ts';
import { listUsesOf } from '../rules/rule-lists.ts';
import type { Config } from './config.ts';

interface Parts {
  readonly asking: ListAsking;
  asked(zone: string): string | null;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export class ListChecks {
  readonly #uses: readonly ListUse[];
  readonly #aliases: Config['lists']['aliases'];
  readonly #parts: Parts;

  constructor({ policy, lists }: Pick<Config, 'policy' | 'lists'>, parts: Parts) {
    this.#uses = listUsesOf(policy);
    this.#aliases = lists.aliases;
    this.#parts = parts;
  }

  /** Of all lists of the policy. */
  all(): AnyCheck[] {
    return [...new Set(this.#uses.map(({ site }) => site.zone))].flatMap((zone) => this.#of(zone));
  }

  /** A list that a table names; undefined: the id is none of ours. */
  named(id: CheckId): AnyCheck | undefined {
    const listed = listingOf(id);
    const zone = listed?.zone ?? standingOf(id);
    return zone === null ? undefined : this.#of(zone, listed?.subject).find((check) => check.id === id);
  }

  #of(zone: string, also?: ListSubject): AnyCheck[] {
    const list: AskedList = {
      zone,
      alias: this.#aliases.get(zone) ?? shownZone(zone),
      asked: this.#parts.asked(zone),
    };
    const uses = this.#uses.filter(({ site }) => site.zone === zone);
    const subjects = new Set([...uses.map(({ subject }) => subject), ...(also === undefined ? [] : [also])]);
    return [
      listStanding(list, this.#parts.asking.health, this.#parts.now),
      ...[...subjects].map((subject) => {
        const asking = uses.filter((use) => use.subject === subject);
        // Of a list that only a table names nothing is known but that it is asked.
        const refusing = asking.filter(({ does }) => does === 'refuse');
        return listing(
          subject,
          list,
          this.#parts.asking,
          (answers) => asking.length === 0 || explains(refusing, answers),
        );
      }),
    ];
  }
}

/** Why a client is listed is of interest where he is refused. */
function explains(uses: readonly ListUse[], answers: readonly string[]): boolean {
  const patterns = uses.map(({ site }) => site.pattern);
  return answers.some((answer) => patterns.some((pattern) => pattern === null || matches(pattern, answer)));
}
