/** Owns what is legal in the order of rules, and never meant. */

import { isKnownAt, type Stage } from '../mail/session.ts';
import { AskedTwice } from './asked-twice.ts';
import type { Word } from './policy-words.ts';
import type { ListName, RuleList } from './rule-lists.ts';
import { decidedAt } from './rule-stage.ts';
import { factStage, needsOf } from './rule-needs.ts';
import type { Source } from '../yaml/source.ts';
import { restrictionsIn, type WrittenRule } from './written-rule.ts';

/** `decideAt`: of the whole file. `whole`: none of its rules is missing because something is wrong with it. */
export function judgeOrder(
  lists: readonly RuleList[],
  decideAt: Stage,
  source: Source,
  whole: boolean,
): void {
  for (const { name, rules } of lists) {
    const order = new Order(name, decideAt, source, whole);
    for (const [i, rule] of rules.entries()) order.judge(rule, i === 0 && rules.length > 1);
  }
}

class Order {
  readonly #list: ListName | null;
  readonly #decideAt: Stage;
  readonly #source: Source;
  /** The rule behind which nothing is reached. */
  #end: WrittenRule | null = null;
  #greylists = false;
  #first: boolean;
  readonly #asked = new AskedTwice();
  /** Who lets somebody in by what is known only later than at CONNECT. */
  readonly #permits: { readonly written: string; readonly stage: Stage }[] = [];
  #toldEarly = false;

  constructor(list: ListName | null, decideAt: Stage, source: Source, whole: boolean) {
    this.#first = whole;
    this.#list = list;
    this.#decideAt = decideAt;
    this.#source = source;
    // These are let in before any rule, but only where the recipient is known.
    this.#permits.push({ written: 'spare_recipients', stage: 'rcpt' });
  }

  judge(rule: WrittenRule, first: boolean): void {
    if (this.#end !== null)
      this.#warn(
        rule,
        `${rule.written} is never reached: ${this.#end.written} before it holds always`,
        'change their order',
      );
    else if (this.#greylists && permits(rule) && !isSparedByGreylist(rule))
      this.#warn(
        rule,
        `${rule.written} comes after greylist: whom it permits has been delayed already`,
        'write it before greylist',
      );
    else if (this.#greylists && restrictionsIn(rule).some(({ word }) => word === 'greylist'))
      this.#warn(
        rule,
        `${rule.written} comes after greylist: whoever comes so far has waited already, and it delays nobody`,
        'write it before greylist, below a when: that says for whom, or remove it',
      );
    else this.#judgeStage(rule);
    if (this.#first && refusesAll(rule))
      this.#warn(
        rule,
        `${rule.written} refuses everybody, own networks and users too`,
        'write permit_mynetworks, permit_sasl_authenticated before it',
      );
    this.#first = false;
    if (first && isPermit(rule))
      this.#warn(
        rule,
        `${rule.written} lets everybody in: no rule after it is asked`,
        'write it at the end, or remove it',
      );
    if (holdsMessage(rule))
      this.#warn(
        rule,
        `${rule.written} holds the whole message, for its other recipients too`,
        'make sure that you look at the queue: postqueue -p',
      );
    if (rule.kind === 'restriction' && this.#asked.has(rule))
      this.#warn(rule, `${rule.written} is there twice`, 'remove one of the two');
    if (greylists(rule)) this.#greylists = true;
    if (endsAlways(rule)) this.#end ??= rule;
    if (permits(rule)) this.#permits.push({ written: rule.written, stage: factStage(rule) });
  }

  /** A refusal before RCPT comes before those are asked whom a later stage would let in. */
  #judgeStage(rule: WrittenRule): void {
    const at = decidedAt(needsOf(rule), this.#list, { at: rule.at, decideAt: this.#decideAt });
    if (rule.at !== null && !isKnownAt(factStage(rule), rule.at)) {
      this.#source.report(
        rule.offset ?? 0,
        'error',
        `policy: ${rule.written} can't be decided at ${rule.at}: it rests on what is known at ${factStage(rule)}`,
        `write at: ${factStage(rule)}, or remove it`,
      );
      return;
    }
    if (at === 'rcpt' || !refuses(rule)) return;
    const later = this.#permits.filter(({ stage }) => !isKnownAt(stage, at));
    if (later.length === 0 || this.#toldEarly) return;
    this.#toldEarly = true;
    const hides = at === 'connect' ? '; Postfix shows the client no text of ours at CONNECT' : '';
    this.#warn(
      rule,
      `${rule.written} refuses at ${at.toUpperCase()}, before ${later.map(({ written }) => written).join(', ')} can let anybody in${hides}`,
      'decide at rcpt, or make sure that these never come to this MTA',
    );
  }

  #warn({ offset }: WrittenRule, what: string, instead: string | null): void {
    if (offset !== null) this.#source.report(offset, 'warning', `policy: ${what}`, instead);
  }
}

const ALWAYS_ENDS: ReadonlySet<Word> = new Set<Word>(['permit', 'reject', 'defer', 'discard']);

function endsAlways(rule: WrittenRule): boolean {
  return rule.kind === 'restriction' && !rule.warnOnly && ALWAYS_ENDS.has(rule.word);
}

/** Without condition, for everybody who comes so far. */
function refusesAll(rule: WrittenRule): boolean {
  return rule.kind === 'restriction' && !rule.warnOnly && (rule.word === 'reject' || rule.word === 'defer');
}

function isPermit(rule: WrittenRule): boolean {
  return rule.kind === 'restriction' && rule.word === 'permit';
}

/** greylist never touches them, wherever it stands. */
function isSparedByGreylist(rule: WrittenRule): boolean {
  return (
    rule.kind === 'restriction' &&
    (rule.word === 'permit_mynetworks' || rule.word === 'permit_sasl_authenticated')
  );
}

function greylists(rule: WrittenRule): boolean {
  return rule.kind === 'restriction' && !rule.warnOnly && rule.word === 'greylist';
}

function holdsMessage(rule: WrittenRule): boolean {
  return rule.kind === 'restriction' ? rule.word === 'quarantine' : rule.does.kind === 'quarantine';
}

/** Lets somebody in whom a later rule might refuse or delay. */
function permits(rule: WrittenRule): boolean {
  if (rule.kind === 'when') return rule.does.kind === 'accept';
  return rule.word.startsWith('check_') ? rule.table !== null : /^(permit_|skip_)/.test(rule.word);
}

function refuses(rule: WrittenRule): boolean {
  if (rule.kind === 'when') return rule.does.kind === 'reject' || rule.does.kind === 'tempfail';
  return !rule.warnOnly && /^(reject|defer|check_|dnsbl_score)/.test(rule.word);
}
