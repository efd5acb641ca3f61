/** Owns FactTest: what a `when:` asks, as a condition with the checks and tables that it brings along. */

import { laterOf, type Stage } from '../mail/session.ts';
import type { AnyCheck } from '../policy/check.ts';
import { is, type Condition, type Findings } from '../policy/rule.ts';
import type { MailboxSearch } from '../tables/access.ts';
import type { Table } from '../tables/table.ts';
import type { ListContext, ListUse } from './list-says.ts';
import type { TableName } from '../tables/table-name.ts';

/** What checks of `when:` are made of. */
export interface FactMaterials {
  /** By the name as it was written. */
  readonly tables: ReadonlyMap<string, Table<string>>;
  readonly search: MailboxSearch;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** `text` as it was written: `>=3`. */
export interface ScoreQuestion {
  readonly text: string;
  readonly holds: (sum: number) => boolean;
}

export interface FactTest {
  condition(lists: ListContext): Condition;
  /** The first stage that knows all of it. */
  readonly stage: Stage;
  /** Checks that only this test asks; those of the policy words are there anyway. */
  readonly checks: readonly ((materials: FactMaterials) => AnyCheck)[];
  readonly tables: readonly TableName[];
  /** The DNS lists that it asks; those of the score are the policy's. */
  readonly lists: readonly ListUse[];
  /** What it asks of the score. */
  readonly scores: readonly ScoreQuestion[];
  /** It asks SPF. */
  readonly spf: boolean;
  /** Whether it holds, if it does, also because a blacklist has the client: what stands under `not:` says nothing of it. */
  accuses(lists: ListContext, known: Findings): boolean;
}

export const NOTHING = {
  checks: [],
  tables: [],
  lists: [],
  scores: [],
  spf: false,
  accuses: () => false,
} as const;

/** A check of the policy words: `is('mynetworks', 'yes')`. */
export function known(stage: Stage, check: string, ...results: readonly string[]): FactTest {
  const condition = is(check, ...results);
  return { ...NOTHING, stage, condition: () => condition };
}

/** A check of its own, with results `yes` and `no`. */
export function asking(stage: Stage, id: string, make: (materials: FactMaterials) => AnyCheck): FactTest {
  return { ...known(stage, id, 'yes'), checks: [make] };
}

export function join(kind: 'all' | 'any', tests: readonly FactTest[]): FactTest {
  const [only] = tests;
  if (only !== undefined && tests.length === 1) return only;
  return {
    ...gathered(tests),
    condition: (lists) => ({ kind, of: tests.map((test) => test.condition(lists)) }),
    accuses: (lists, known) => tests.some((test) => test.accuses(lists, known)),
  };
}

/** None of them holds. */
export function none(tests: readonly FactTest[]): FactTest {
  const any = join('any', tests);
  return {
    ...any,
    condition: (lists) => ({ kind: 'not', of: any.condition(lists) }),
    accuses: NOTHING.accuses,
  };
}

function gathered(tests: readonly FactTest[]): Omit<FactTest, 'condition' | 'accuses'> {
  return {
    stage: tests.reduce<Stage>((stage, test) => laterOf(stage, test.stage), 'connect'),
    checks: tests.flatMap(({ checks }) => checks),
    tables: tests.flatMap(({ tables }) => tables),
    lists: tests.flatMap(({ lists }) => lists),
    scores: tests.flatMap(({ scores }) => scores),
    spf: tests.some(({ spf }) => spf),
  };
}
