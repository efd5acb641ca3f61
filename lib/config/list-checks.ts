/** Owns the checks that ask DNS lists, for a policy and for what its tables name. */

import { listing, listingOf, type AskedList, type ListAsking } from '../checks/listing.ts';
import { listStanding, standingOf } from '../checks/list-standing.ts';
import type { ListSubject } from '../checks/list-subject.ts';
import { announced, type AnnouncedList } from '../lists/announced-list.ts';
import { errorAnswers, listed } from '../lists/list-answer.ts';
import { matches } from '../lists/list-pattern.ts';
import type { ListsInUse } from '../lists/lists-in-use.ts';
import { shownZone } from '../mail/secret-zone.ts';
import type { AnyCheck } from '../policy/check.ts';
import type { CheckId } from '../policy/finding.ts';
import type { ListUse } from '../rules/list-says.ts';
import { listUsesOf, sparingIn } from '../rules/rule-lists.ts';
import type { Config } from './config.ts';

type Settings = Pick<Config, 'policy' | 'lists' | 'knownLists' | 'listKeys'>;

interface Parts {
  readonly asking: ListAsking;
  readonly inUse: Pick<ListsInUse, 'named'>;
}

/** All lists that the policy asks, as their health has to know them. */
export function listsOf(config: Settings): AnnouncedList[] {
  const { policy, knownLists, listKeys } = config;
  const sparing = new Set(sparingIn(policy).map(({ zone }) => zone));
  return listUsesOf(policy).map(({ subject, site }) => {
    const kind = subject === 'client' ? 'address' : 'name';
    return announced(site, kind, knownLists, listKeys, sparing.has(site.zone));
  });
}

export class ListChecks {
  readonly #config: Settings;
  readonly #uses: readonly ListUse[];
  readonly #parts: Parts;

  constructor(config: Settings, parts: Parts) {
    this.#config = config;
    this.#uses = listUsesOf(config.policy);
    this.#parts = parts;
  }

  /** Of all lists of the policy. */
  all(): AnyCheck[] {
    const checks = this.#uses.flatMap(({ subject, site }) => {
      const list = this.#asked(site, subject);
      return [this.#standing(subject, list), this.#listing(subject, list)];
    });
    return [...new Map(checks.map((check) => [check.id, check])).values()];
  }

  /** A list that only a table names; undefined: the id is none of ours. */
  named(id: CheckId): AnyCheck | undefined {
    const about = listingOf(id);
    const asked = about ?? standingOf(id);
    if (asked === null) return undefined;
    const { subject, zone } = asked;
    const alias = this.#config.lists.aliases.get(zone) ?? shownZone(zone);
    const list = this.#asked({ zone, alias }, subject);
    return about === null ? this.#standing(subject, list) : this.#listing(subject, list);
  }

  #asked(site: Pick<AnnouncedList, 'zone' | 'alias'>, subject: ListSubject): AskedList {
    const { knownLists, listKeys } = this.#config;
    const list = announced(site, subject === 'client' ? 'address' : 'name', knownLists, listKeys);
    const isAsked = list.missingKey === null;
    if (isAsked) this.#parts.inUse.named(list);
    const known = knownLists.find(site.zone);
    const wants = known?.asks ?? 'host';
    const errors = errorAnswers(known, 'permit');
    const lists = (answers: readonly string[]): boolean =>
      answers.some((answer) => !errors.some((error) => matches(error, answer)));
    return { zone: site.zone, alias: site.alias, asked: isAsked ? list.zone : null, wants, lists };
  }

  #standing(subject: ListSubject, list: AskedList): AnyCheck {
    return listStanding(subject, list, this.#parts.asking.health);
  }

  #listing(subject: ListSubject, list: AskedList): AnyCheck {
    const uses = this.#uses.filter((use) => use.subject === subject && use.site.zone === list.zone);
    const known = this.#config.knownLists.find(list.zone);
    return listing(
      subject,
      list,
      this.#parts.asking,
      // Why a client is listed is of interest where he is refused; of a list that a table names nothing else is known.
      (answers) =>
        uses.length === 0 ||
        uses.some(({ site, does }) => does === 'refuse' && listed(site, known, answers, does).length > 0),
    );
  }
}
