/** Owns FactTest: what a `when:` asks, as a condition with the checks and tables that it brings along. */

import { laterOf, type Stage } from '../mail/session.ts';
import type { AnyCheck } from '../policy/check.ts';
import { is, type Condition } from '../policy/rule.ts';
import type { MailboxSearch } from '../tables/access.ts';
import type { Table } from '../tables/table.ts';
import type { TableName } from '../tables/table-name.ts';

/** What checks of `when:` are made of. */
export interface FactMaterials {
  /** By the name as it was written. */
  readonly tables: ReadonlyMap<string, Table<string>>;
  readonly search: MailboxSearch;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export interface FactTest {
  readonly condition: Condition;
  /** The first stage that knows all of it. */
  readonly stage: Stage;
  /** Checks that only this test asks; those of the policy words are there anyway. */
  readonly checks: readonly ((materials: FactMaterials) => AnyCheck)[];
  readonly tables: readonly TableName[];
  /** Facts that this version can't find out yet: the rule never holds. */
  readonly later: readonly string[];
}

/** A check of the policy words: `is('mynetworks', 'yes')`. */
export function known(stage: Stage, check: string, ...results: readonly string[]): FactTest {
  return { stage, condition: is(check, ...results), checks: [], tables: [], later: [] };
}

/** A check of its own, with results `yes` and `no`. */
export function asking(stage: Stage, id: string, make: (materials: FactMaterials) => AnyCheck): FactTest {
  return { stage, condition: is(id, 'yes'), checks: [make], tables: [], later: [] };
}

export function join(kind: 'all' | 'any', tests: readonly FactTest[]): FactTest {
  const [only] = tests;
  if (only !== undefined && tests.length === 1) return only;
  return { ...gathered(tests), condition: { kind, of: tests.map(({ condition }) => condition) } };
}

/** None of them holds. */
export function none(tests: readonly FactTest[]): FactTest {
  const { condition, ...rest } = join('any', tests);
  return { ...rest, condition: { kind: 'not', of: condition } };
}

function gathered(tests: readonly FactTest[]): Omit<FactTest, 'condition'> {
  return {
    stage: tests.reduce<Stage>((stage, test) => laterOf(stage, test.stage), 'connect'),
    checks: tests.flatMap(({ checks }) => checks),
    tables: tests.flatMap(({ tables }) => tables),
    later: tests.flatMap(({ later }) => later),
  };
}
