/** Owns `regexp:` and `pcre:` tables: patterns in the order of the file, `!`, and `if` … `endif` (dict_pcre.c). */

import { bytesOf } from './bytes.ts';
import { compilePattern, type Program } from './compile-pattern.ts';
import type { LogicalLine } from './logical-lines.ts';
import type { MatchThread } from './match-thread.ts';
import { readPatternRule, type Dialect, type PatternRule, type WrittenPattern } from './pattern-rule.ts';
import { searchPatterns, type Condition, type Step } from './pattern-search.ts';
import type { Problems } from './problems.ts';
import type { Reader } from './reader.ts';
import type { Results } from './results.ts';
import type { Content } from './table.ts';
import { readTemplate, substitute } from './template.ts';

/** What the program is in a table that has something wrong: it never matches, whether negated or not. */
const NEVER: Condition = {
  negated: false,
  program: { kind: 'linear', matches: () => false, groups: () => null },
};

export class PatternReader<R> implements Reader<R> {
  readonly #dialect: Dialect;
  readonly #results: Results<R>;
  readonly #problems: Problems;
  readonly #thread: MatchThread;
  readonly #steps: Step<R>[] = [];
  /** The `if`s that are open: where they stand in the steps, and in the file. */
  readonly #open: { readonly step: number; readonly line: number }[] = [];
  #entries = 0;

  constructor(dialect: Dialect, results: Results<R>, problems: Problems, thread: MatchThread) {
    this.#dialect = dialect;
    this.#results = results;
    this.#problems = problems;
    this.#thread = thread;
  }

  add({ text, line }: LogicalLine): void {
    const rule = readPatternRule(text, this.#dialect);
    if (rule.kind === 'rule') this.#rule(rule, line);
    else if (rule.kind === 'if') this.#if(rule.pattern, rule.rest, line);
    else if (rule.kind === 'endif') this.#endif(rule.rest, line);
    else this.#wrong(text, rule.what, rule.instead, line);
  }

  /** Postfix would forget a wrong `if` and apply its lines to everybody; here they apply to nobody. */
  #wrong(text: string, what: string, instead: string | null, line: number): void {
    this.#problems.error(line, what, instead);
    if (/^if\b/i.test(text)) this.#begin(NEVER, line);
  }

  #if(pattern: WrittenPattern, rest: string, line: number): void {
    if (rest !== '')
      this.#problems.warning(
        line,
        'what follows the pattern of if is ignored',
        'begin the next line at the left margin',
      );
    this.#begin(this.#compile(pattern, false, line)?.condition ?? NEVER, line);
  }

  #begin(condition: Condition, line: number): void {
    this.#open.push({ step: this.#steps.length, line });
    this.#steps.push({ kind: 'if', condition, otherwise: Number.MAX_SAFE_INTEGER });
  }

  #endif(rest: string, line: number): void {
    if (rest !== '')
      this.#problems.warning(line, 'what follows endif is ignored', 'put it into the next line');
    const open = this.#open.pop();
    if (open === undefined) return this.#problems.error(line, 'this endif has no if', 'remove it');
    const { condition } = this.#steps[open.step]!;
    this.#steps[open.step] = { kind: 'if', condition, otherwise: this.#steps.length };
  }

  #rule({ pattern, second, result, resultAt }: PatternRule & { kind: 'rule' }, line: number): void {
    const wrong = (what: string, instead: string | null, at = resultAt): void =>
      this.#problems.error(line, what, instead, at + 1);
    if (result === '') return wrong('there is no result', 'write: /pattern/ result', 0);
    const template = readTemplate(result);
    if (!template.ok) return wrong(template.what, template.instead);
    const { parts, highest } = template;
    if (highest > 0 && pattern.negated)
      return wrong(`$${highest} has no text where a pattern does not match`, null);
    const compiled = this.#compile(pattern, highest > 0, line);
    const excluded = second === null ? null : this.#compile(second, false, line);
    if (compiled === null || (second !== null && excluded === null)) return;
    if (highest > compiled.groups)
      return wrong(`the pattern has no group ${highest}`, 'put ( ) around what you want');
    // What strangers put in is not known yet, but the rest should be a result.
    const parsed = this.#results.read(highest > 0 ? result : substitute(parts, []));
    if (!parsed.ok) return this.#problems.error(line, parsed.what, parsed.instead, resultAt + 1);
    this.#entries++;
    const shown = second === null ? pattern.shown : `${pattern.shown}${second.shown}`;
    const answer = highest > 0 ? { parts } : { value: parsed.value };
    this.#steps.push({
      kind: 'rule',
      condition: compiled.condition,
      second: excluded?.condition ?? null,
      answer,
      shown,
      line,
    });
  }

  #compile(
    pattern: WrittenPattern,
    substituted: boolean,
    line: number,
  ): { condition: Condition; groups: number } | null {
    const compiled = compilePattern(pattern, this.#dialect, substituted);
    if (!compiled.ok) {
      this.#problems.error(line, compiled.what, null, pattern.at + compiled.at + 1);
      return null;
    }
    const { program, groups, doubts } = compiled;
    for (const { what, instead, at } of doubts)
      this.#problems.warning(line, what, instead, pattern.at + at + 1);
    if (program.kind === 'thread') this.#warn(program, pattern, line);
    return { condition: { negated: pattern.negated, program }, groups };
  }

  #warn({ why }: Program & { kind: 'thread' }, pattern: WrittenPattern, line: number): void {
    this.#thread.prepare();
    const instead = why === 'a lookahead' ? 'if !/…/ and endif around the line say the same' : null;
    const what = `the pattern has ${why}: it is run apart, and for 100 ms at most`;
    this.#problems.warning(line, what, instead, pattern.at + 1);
  }

  finish(): Content<R> {
    for (const { line } of this.#open)
      this.#problems.warning(line, 'this if has no endif: it reaches to the end of the file', 'write endif');
    const search = { steps: this.#steps, results: this.#results, thread: this.#thread };
    return { entries: this.#entries, lookup: (key) => searchPatterns(search, bytesOf(key)) };
  }
}
