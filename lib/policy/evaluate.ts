/** Owns evaluate: the ordered rules and what is known, to a decision or to the checks that are needed next. */

import type { CheckId } from './finding.ts';
import { holds } from './rule.ts';
import type { Findings, Held, Rule } from './rule.ts';
import { formatReply } from '../mail/reply.ts';
import type { Session } from '../mail/session.ts';
import type { Decision, Note, Ruling, Verdict } from './verdict.ts';

export type Step =
  | { readonly kind: 'need'; readonly checks: readonly CheckId[] }
  | { readonly kind: 'decided'; readonly decision: Decision };

/** Looks on while the rules are gone through: for `explain`. */
export interface Onlooker {
  list(index: number): void;
  /** A rule was reached; null: it did not hold, or nobody can tell (`unknown`). `depth`: of rules that rules apply. */
  rule(rule: Rule, held: Held, ruling: Ruling | null, depth: number): void;
}

/**
 * Takes the lists in their order, and the rules of each in theirs: a refusal decides, a permit ends its own list.
 * Pure and synchronous. The order of precedence between a refusal and the two deferrals is Postfix's
 * (`smtpd_check_reject`, `generic_checks` and `smtpd_check_rcpt` in smtpd_check.c).
 */
export function evaluate(
  lists: readonly (readonly Rule[])[],
  findings: Findings,
  session: Session,
  onlooker: Onlooker | null = null,
): Step {
  const course = new Course(findings, session, onlooker);
  for (const [index, rules] of lists.entries()) {
    onlooker?.list(index);
    const end = course.runList(rules);
    if (end !== 'over') return end;
  }
  return { kind: 'decided', decision: course.conclusion() };
}

/** A ruling with the rule that it comes from. */
interface Said extends Omit<Ruling, 'effect'> {
  readonly verdict: Verdict;
  readonly rule: string | null;
}

const GO_ON = { action: 'continue' } as const;

const NOTHING_SAID: Said = { verdict: { action: 'continue' }, rule: null, reason: 'no rule objects' };

/** Through the rules once: what is remembered on the way. */
class Course {
  readonly #findings: Findings;
  readonly #session: Session;
  readonly #onlooker: Onlooker | null;
  readonly #notes: Note[] = [];
  readonly #tags = new Set<string>();
  #last = NOTHING_SAID;
  #quarantined: Said | null = null;
  /** The first one counts, as in Postfix. */
  #deferIfPermit: Said | null = null;
  #deferIfReject: Said | null = null;
  #deferIfListed: Said | null = null;
  /** Why no greylist is asked any more. */
  #spared: string | null = null;

  constructor(findings: Findings, session: Session, onlooker: Onlooker | null) {
    this.#findings = findings;
    this.#session = session;
    this.#onlooker = onlooker;
  }

  /** `over`: the next list is due. */
  runList(rules: readonly Rule[]): Step | 'over' {
    this.#deferIfReject = null;
    this.#deferIfListed = null;
    const end = this.#run(rules, false, 0);
    return end === 'through' || end === 'permitted' ? 'over' : end;
  }

  conclusion(): Decision {
    const quarantined = this.#quarantined === null ? null : { ...this.#quarantined, ...this.#delay() };
    return this.#told(this.#deferIfPermit ?? quarantined ?? this.#last);
  }

  #run(rules: readonly Rule[], warnOnly: boolean, depth: number): Step | 'through' | 'permitted' {
    for (const rule of rules) {
      if (rule.greylists === true && this.#spared !== null) {
        this.#onlooker?.rule(rule, true, { effect: GO_ON, reason: this.#spared }, depth);
        continue;
      }
      const held = holds(rule.when, this.#findings);
      if (held === false || held === 'unknown') {
        this.#onlooker?.rule(rule, held, null, depth);
        continue;
      }
      if (held !== true) return { kind: 'need', checks: held };
      const end = this.#take(rule, warnOnly || rule.warnOnly === true, depth);
      if (end !== 'through') return end;
      // Refused or not, it will be tempfailed: nothing later in this list can change that.
      if (this.#deferIfPermit !== null && this.#deferIfReject !== null) return 'permitted';
    }
    return 'through';
  }

  #take(rule: Rule, warnOnly: boolean, depth: number): Step | 'through' | 'permitted' {
    const ruling = rule.outcome(this.#findings, this.#session);
    this.#onlooker?.rule(rule, true, ruling, depth);
    const { effect, ...why } = ruling;
    const said = (verdict: Verdict): Said => ({
      ...this.#delay(),
      ...why,
      verdict,
      rule: rule.partOf ?? rule.word,
    });
    switch (effect.action) {
      case 'continue':
        this.#last = said(effect);
        return 'through';
      case 'permit':
        this.#last = said(effect);
        return 'permitted';
      case 'note':
        this.#notes.push({ rule: rule.word, text: effect.text });
        return 'through';
      case 'tag':
        this.#tags.add(effect.name);
        return 'through';
      case 'apply':
        return this.#run(effect.rules, warnOnly, depth + 1);
      case 'skip_greylist':
        if (warnOnly) return this.#would(rule, 'spare the delay');
        this.#last = said(GO_ON);
        this.#spared ??= `spared by ${rule.word}`;
        return 'through';
      case 'quarantine':
        if (warnOnly) return this.#would(rule, 'hold the message');
        this.#quarantined ??= said(effect);
        return 'through';
      case 'discard':
        if (warnOnly) return this.#would(rule, 'discard it');
        return this.#decided(said(effect));
      case 'defer_if_permit':
        // Behind warn_if_reject Postfix raises no such flag, and warns at once.
        if (warnOnly) return this.#would(rule, `refuse with ${formatReply(effect.reply)}`);
        this.#deferIfPermit ??= said({ action: 'tempfail', reply: effect.reply });
        return 'through';
      case 'defer_if_reject':
        this.#deferIfReject ??= said({ action: 'tempfail', reply: effect.reply });
        return 'through';
      case 'defer_if_listed':
        this.#deferIfListed ??= said({ action: 'tempfail', reply: effect.reply });
        return 'through';
      case 'reject':
      case 'tempfail':
        if (!warnOnly) return this.#decided(this.#softened(said(effect)));
        return this.#would(rule, `refuse with ${formatReply(effect.reply)}`);
    }
  }

  #would({ word }: Rule, does: string): 'through' {
    this.#notes.push({ rule: word, text: `would ${does}` });
    return 'through';
  }

  /** DEFER_IF_REJECT: an earlier temporary error may have kept a rule from permitting. */
  #softened(said: Said): Said {
    if (said.verdict.action !== 'reject') return said;
    if (this.#deferIfReject !== null) return this.#deferIfReject;
    const listed = said.byList === true ? this.#deferIfListed : null;
    if (listed === null) return said;
    return { ...listed, rule: said.rule, reason: `${said.reason}; not final: ${listed.reason}` };
  }

  #decided(said: Said): Step {
    return { kind: 'decided', decision: this.#told(said) };
  }

  #told(said: Said): Decision {
    if (this.#notes.length + this.#tags.size === 0) return said;
    return {
      ...said,
      ...(this.#notes.length === 0 ? {} : { notes: this.#notes }),
      ...(this.#tags.size === 0 ? {} : { tags: [...this.#tags] }),
    };
  }

  /** What greylisting has said stays a fact of the recipient, whatever the rules after it say. */
  #delay(): Pick<Ruling, 'delayedSeconds' | 'postponed'> {
    const { delayedSeconds, postponed } = this.#last;
    return {
      ...(delayedSeconds === undefined ? {} : { delayedSeconds }),
      ...(postponed === undefined ? {} : { postponed }),
    };
  }
}
