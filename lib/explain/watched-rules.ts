/** Owns going through the rules once more with everything found, and noting what each asked and did. */

import { unkeyed, withoutKeys } from '../mail/secret-zone.ts';
import type { Session } from '../mail/session.ts';
import { evaluate, type Onlooker } from '../policy/evaluate.ts';
import type { CheckId, Finding } from '../policy/finding.ts';
import { comparedIn } from '../policy/shown.ts';
import type { Findings, Held, Rule } from '../policy/rule.ts';
import type { Effect, Ruling, Verdict } from '../policy/verdict.ts';
import { toMicroseconds } from './milliseconds.ts';
import { neverWhy, ruled } from './ruled.ts';
import type { AskedCheck, DecisionTrace, ListTrace, Outcome, Place, RuleTrace } from './trace.ts';

type Rules = readonly (readonly Rule[])[];

/** What is needed to name a rule as its author does. */
export interface Written {
  /** Of each list in its order; null: it has none. */
  readonly lists: readonly (string | null)[];
  placeOf(line: number): Place;
}

/** The rules of a policy, and the names of its checks for people. */
export interface Named {
  readonly rules: Rules;
  readonly shown: (id: CheckId) => string;
}

export interface Looked {
  readonly lists: readonly ListTrace[];
  readonly rule: DecisionTrace['rule'];
}

/** `ms`: of the checks that have been run for this decision. Needs every finding that the decision rested on. */
export function lookThrough(
  { rules, shown }: Named,
  findings: Findings,
  session: Session,
  written: Written,
  ms: ReadonlyMap<CheckId, number>,
): Looked {
  const watch = new Watch({ rules, shown }, findings, written, new Map(ms));
  const step = evaluate(rules, watch, session, watch);
  if (step.kind !== 'decided') throw new Error(`nobody has asked ${step.checks.map(shown).join(', ')}`);
  return { lists: watch.lists(), rule: watch.decider(step.decision.verdict, step.decision.rule) };
}

interface Seen {
  readonly rule: Rule;
  readonly effect: Effect | null;
  /** The one of the list that it belongs to: itself, or the one that applies it. */
  readonly top: Rule;
  readonly list: number;
  readonly trace: RuleTrace;
}

class Watch implements Findings, Onlooker {
  readonly #rules: Rules;
  readonly #shown: Named['shown'];
  readonly #findings: Findings;
  readonly #written: Written;
  /** Of checks that no rule has been told of yet. */
  readonly #ms: Map<CheckId, number>;
  readonly #seen: Seen[] = [];
  /** What the rule that is being looked at has asked. */
  #asked = new Map<CheckId, Finding>();
  #list = 0;
  /** Whether the rules at each depth are behind warn_if_reject. */
  #warnOnly: boolean[] = [];

  constructor({ rules, shown }: Named, findings: Findings, written: Written, ms: Map<CheckId, number>) {
    this.#rules = rules;
    this.#shown = shown;
    this.#findings = findings;
    this.#written = written;
    this.#ms = ms;
  }

  get(id: CheckId): Finding | undefined {
    const finding = this.#findings.get(id);
    if (finding !== undefined) this.#asked.set(id, finding);
    return finding;
  }

  list(index: number): void {
    this.#list = index;
  }

  rule(rule: Rule, held: Held, ruling: Ruling | null, depth: number): void {
    const warnOnly = rule.warnOnly === true || (this.#warnOnly[depth - 1] ?? false);
    this.#warnOnly[depth] = warnOnly;
    const checks = [...this.#asked].map(([id, finding]) => this.#told(id, finding));
    this.#asked = new Map();
    const trace = {
      ...this.#traceOf(
        rule,
        depth,
        held === true ? 'held' : held === false ? 'did not hold' : 'could not tell',
      ),
      checks,
      warnOnly,
      compared: comparedIn(rule.when, this.#findings),
      ...(ruling === null ? { reason: neverWhy(rule, this.#findings) } : ruled(ruling)),
    };
    const top = depth === 0 ? rule : this.#seen.at(-1)!.top;
    this.#seen.push({ rule, effect: ruling?.effect ?? null, top, list: this.#list, trace });
  }

  lists(): ListTrace[] {
    return this.#rules.map((rules, i) => {
      const seen = this.#seen.filter(({ list }) => list === i);
      const reached = new Set(seen.map(({ top }) => top));
      const rest = rules.filter((rule) => !reached.has(rule));
      return {
        name: this.#written.lists[i] ?? null,
        rules: [
          ...seen.map(({ trace }) => trace),
          ...rest.map((rule) => this.#traceOf(rule, 0, 'not reached')),
        ],
      };
    });
  }

  /** The last with that effect: only one that does nothing but let go on can have said the same before. */
  decider(verdict: Verdict, word: string | null): DecisionTrace['rule'] {
    const found = this.#seen.findLast(
      ({ rule, effect }) =>
        (rule.partOf ?? rule.word) === word && effect !== null && leadsTo(effect, verdict),
    );
    if (found === undefined) return null;
    const { number, place } = this.#traceOf(found.top, 0, 'held');
    return {
      word: found.rule.partOf ?? found.rule.word,
      list: this.#written.lists[found.list] ?? null,
      number,
      place,
    };
  }

  #told(id: CheckId, { result, facts }: Finding): AskedCheck {
    const took = this.#ms.get(id);
    const ms = took === undefined ? null : toMicroseconds(took);
    this.#ms.delete(id);
    // A table's results, and the names of inline tables, may hold the key of a list.
    const shown = Object.entries(facts).map(([name, value]) => [
      name,
      name === 'result' || name === 'why' ? unkeyed(value) : withoutKeys(value),
    ]);
    return { id: this.#shown(id), result, facts: Object.fromEntries(shown), ms };
  }

  #traceOf(rule: Rule, depth: number, outcome: Outcome): RuleTrace {
    const line = rule.place?.line ?? null;
    return {
      number: rule.place?.number ?? null,
      place: line === null ? null : this.#written.placeOf(line),
      depth,
      word: rule.word,
      outcome,
      checks: [],
      effect: null,
      warnOnly: rule.warnOnly === true,
      says: null,
      reason: null,
      compared: null,
    };
  }
}

/** A verdict is the effect itself, or a deferral with its reply. */
function leadsTo(effect: Effect, verdict: Verdict): boolean {
  // A refusal by a DNS list that a whitelist might have spared.
  if (effect.action === 'reject' && verdict.action === 'tempfail') return true;
  if (effect === verdict || (effect.action === 'skip_greylist' && verdict.action === 'continue')) return true;
  return 'reply' in effect && 'reply' in verdict && effect.reply === verdict.reply;
}
