/** Owns KnownLists: what is known of the DNS lists of the world, bundled or from a newer file. */

import { Premise } from '../yaml/premise.ts';
import bundled from './known-lists.json' with { type: 'json' };
import { readKnownLists } from './known-lists-reader.ts';
import type { TestEntries } from './test-entries.ts';

export interface KnownList {
  /** For people: `Spamhaus ZEN`. */
  readonly name: string;
  /** In lower case; `*.` stands for a customer's key, without which the list does not answer. */
  readonly zone: string;
  /** `uncertain`: it is not established that it still answers. */
  readonly state: 'alive' | 'dead' | 'uncertain';
  /** When it ended, as far as known: `2024-06`. */
  readonly since: string | null;
  /** `names` lists bad domains and knows no addresses; `mixed` lists good and bad ones by different answers. */
  readonly kind: 'black' | 'white' | 'names' | 'mixed';
  /** Of the lists of names: whether they want the host as it is, or its registered domain. */
  readonly asks: 'host' | 'registered';
  /** The answers that are safe to act on, for refusing and for permitting; null: it is not for that, or none is known. */
  readonly refuse: string | null;
  readonly permit: string | null;
  /** Answers that mean something else than a listing, besides those that no list means so. */
  readonly never: readonly string[];
  /** What its answers mean, by pattern. */
  readonly codes: Readonly<Record<string, string>>;
  /** How it is tested. */
  readonly tests: TestEntries;
  /** What a careful administrator uses it for; null: nothing by default. */
  readonly role: 'reject' | 'score' | 'skip_greylist' | null;
  /** What to make sure of before using it: `check` warns of it. */
  readonly terms: string | null;
  /** What is good to know, and no reason for a warning. */
  readonly usage: string | null;
  /** Where its key comes from; null: it needs none. */
  readonly key: string | null;
}

/** What a KnownLists is made of. */
export interface ListTable {
  /** Of the data: `2026-11-21`. */
  readonly date: string;
  readonly all: readonly KnownList[];
}

export class KnownLists {
  readonly #read: () => ListTable;
  #table: ListTable | null = null;
  #byZone: ReadonlyMap<string, KnownList> | null = null;
  #wide: readonly KnownList[] = [];

  /** `read` runs when it is first asked: a policy without lists need not wait for it at its start. */
  constructor(read: () => ListTable) {
    this.#read = read;
  }

  get date(): string {
    return (this.#table ??= this.#read()).date;
  }

  get all(): readonly KnownList[] {
    return (this.#table ??= this.#read()).all;
  }

  /** `zone` in lower case, its key included; of a dead list the zones below it too. Null: not one that we know. */
  find(zone: string): KnownList | null {
    const exact = this.#zones().get(zone);
    return exact ?? this.#wide.find((list) => zone.endsWith(below(list.zone))) ?? null;
  }

  /** The list that answers only below a customer's key, by its zone without one; null: there is none such. */
  behindKey(zone: string): KnownList | null {
    return this.#zones().get(`*.${zone}`) ?? null;
  }

  #zones(): ReadonlyMap<string, KnownList> {
    if (this.#byZone !== null) return this.#byZone;
    this.#wide = this.all.filter(({ zone, state }) => zone.startsWith('*') || state === 'dead');
    return (this.#byZone = new Map(this.all.map((list) => [list.zone, list])));
  }
}

/** `*.zen.dq.spamhaus.net` → `.zen.dq.spamhaus.net`; `sorbs.net` → `.sorbs.net`. */
function below(zone: string): string {
  return zone.startsWith('*') ? zone.slice(1) : `.${zone}`;
}

/** Imported, not read from a path: so a bundler takes it along, and tsc puts it into dist. */
export const BUNDLED_LISTS = new KnownLists(() => {
  const read = readKnownLists(bundled);
  if (!read.ok) throw new Error(`known-lists.json: ${read.faults.map(({ what }) => what).join('; ')}`);
  return { date: read.date, all: read.lists };
});

/** What the readers of rules go by. */
export const LISTS_THAT_WE_KNOW = new Premise(BUNDLED_LISTS);
