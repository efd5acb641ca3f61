/** Owns the search of a pattern table: step by step, at once as long as no pattern needs the thread. */

import { textOf } from './bytes.ts';
import type { Groups, Program } from './compile-pattern.ts';
import type { Matched, MatchThread } from './match-thread.ts';
import type { Results } from './results.ts';
import { NOT_FOUND, type Found } from './table.ts';
import { substitute } from './template.ts';

export interface Condition {
  readonly program: Program;
  readonly negated: boolean;
}

export type Step<R> =
  | Rule<R>
  /** Where to go on if the condition does not hold; beyond the end: nowhere. */
  | { readonly kind: 'if'; readonly condition: Condition; readonly otherwise: number };

interface Rule<R> {
  readonly kind: 'rule';
  readonly condition: Condition;
  readonly second: Condition | null;
  readonly answer: { readonly value: R } | { readonly parts: readonly (string | number)[] };
  readonly shown: string;
  readonly line: number;
}

export interface Search<R> {
  readonly steps: readonly Step<R>[];
  readonly results: Results<R>;
  readonly thread: MatchThread;
}

/** What a step says: where to go on, or what was found. */
type Outcome<R> = number | Found<R>;

/** `key` in bytes. */
export function searchPatterns<R>(search: Search<R>, key: string, from = 0): Found<R> | Promise<Found<R>> {
  let at = from;
  while (at < search.steps.length) {
    const step = search.steps[at]!;
    const outcome = step.kind === 'if' ? branch(search, step, at, key) : rule(search, step, at, key);
    if (outcome instanceof Promise)
      return outcome.then((next) => (typeof next === 'number' ? searchPatterns(search, key, next) : next));
    if (typeof outcome !== 'number') return outcome;
    at = outcome;
  }
  return NOT_FOUND;
}

function branch<R>(
  search: Search<R>,
  step: Step<R> & { kind: 'if' },
  at: number,
  key: string,
): Outcome<R> | Promise<Outcome<R>> {
  return whether(
    search,
    step.condition,
    key,
    false,
    () => at + 1,
    () => step.otherwise,
  );
}

function rule<R>(
  search: Search<R>,
  step: Rule<R>,
  at: number,
  key: string,
): Outcome<R> | Promise<Outcome<R>> {
  const miss = (): number => at + 1;
  const wanted = 'parts' in step.answer;
  return whether(
    search,
    step.condition,
    key,
    wanted,
    (groups) => {
      if (step.second === null) return found(search, step, groups);
      return whether(search, step.second, key, false, () => found(search, step, groups), miss);
    },
    miss,
  );
}

function found<R>({ results }: Search<R>, { answer, shown, line }: Rule<R>, groups: Groups): Found<R> {
  const key = textOf(shown);
  if ('value' in answer) return { kind: 'found', value: answer.value, key, line };
  const text = substitute(answer.parts, groups);
  const parsed = results.read(text);
  if (parsed.ok) return { kind: 'found', value: parsed.value, key, line };
  return { kind: 'temperror', why: `line ${line}: with what was substituted, ${parsed.what}` };
}

type Then<R> = (groups: Groups) => Outcome<R> | Promise<Outcome<R>>;

/** Asks the condition, and goes on with `yes` or `no`. */
function whether<R>(
  search: Search<R>,
  { program, negated }: Condition,
  key: string,
  wanted: boolean,
  yes: Then<R>,
  no: () => Outcome<R>,
): Outcome<R> | Promise<Outcome<R>> {
  const decide = (groups: Groups | null): Outcome<R> | Promise<Outcome<R>> =>
    (groups !== null) === negated ? no() : yes(groups ?? []);
  if (program.kind === 'linear') return decide(linearGroups(program, key, wanted));
  const settle = (matched: Matched): Outcome<R> | Promise<Outcome<R>> =>
    matched.ok ? decide(matched.groups) : { kind: 'temperror', why: matched.why };
  return search.thread.match(program.source, key).then(settle);
}

const MATCHED: Groups = [];

/** Whether it matches is known sooner than what its groups are. */
function linearGroups(program: Program & { kind: 'linear' }, key: string, wanted: boolean): Groups | null {
  if (!program.matches(key)) return null;
  return wanted ? program.groups(key) : MATCHED;
}
