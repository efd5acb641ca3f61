/** Owns what the access list of a greylist.conf is as a policy of Postern: a `when:` for each entry, in their order. */

import { aFew } from './a-few.ts';
import type { Acl, Clause, GreylistConf } from './greylist-conf.ts';
import { factOf, NoFact, type FactContext, type FactValues } from './greylist-facts.ts';
import { refusalOf } from './refusal.ts';
import { unknownIn } from './greylist-unknown.ts';
import { seconds } from './greylist-times.ts';
import { comment, flowItem, scalar } from './yaml-text.ts';

export interface GreylistRules {
  /** Items of `policy:`, with their comments, indented by two. */
  readonly lines: readonly string[];
  /** Entries of the file, and those that are rules now. */
  readonly entries: number;
  readonly moved: number;
  /** The lines of those that are not. */
  readonly leftOut: readonly number[];
}

/** An entry that can be a rule. */
interface Entry {
  readonly acl: Acl;
  readonly facts: readonly Fact[];
  /** What stands behind `then:`. */
  readonly does: string;
  readonly notes: readonly string[];
  /** In milter-greylist it decides: whoever has waited is let in, and no later entry is asked. */
  readonly letsIn: boolean;
}

/** Never throws. */
export function greylistRules(conf: GreylistConf): GreylistRules {
  const lines: string[] = [];
  const leftOut: number[] = [];
  const { acls } = conf;
  const last = acls.findIndex(
    ({ isDefault, stage, unknown }) => isDefault && stage === 'rcpt' && unknown === null,
  );
  const asked = last < 0 ? acls : acls.slice(0, last + 1);
  const lastBlacklist = asked.findLastIndex(
    ({ action, stage }) => action === 'blacklist' && stage === 'rcpt',
  );
  let together: Entry[] = [];
  const write = (): void => {
    lines.push(...ruleLines(together));
    together = [];
  };
  for (const [i, acl] of acls.entries()) {
    const entry =
      i >= asked.length && acl.stage === 'rcpt'
        ? 'it stands behind default, and was never asked'
        : entryOf(acl, conf, i < lastBlacklist);
    if (typeof entry === 'string') {
      write();
      leftOut.push(acl.line);
      lines.push(...comment(`line ${acl.line}: ${acl.written} is not taken over: ${entry}`, '  '));
    } else {
      if (together.length > 0 && !isAlike(together[0]!, entry)) write();
      together.push(entry);
    }
  }
  write();
  if (last < 0) lines.push('  - greylist # whatever no entry matches');
  const moved = acls.length - leftOut.length;
  return { lines, entries: acls.length, moved, leftOut };
}

/** A string: why it is none. */
function entryOf(acl: Acl, conf: GreylistConf, mayBeRefusedLater: boolean): Entry | string {
  if (acl.stage === 'data')
    return 'dacl is asked when the whole message is there, and Postern decides before that';
  const unknown = unknownIn(acl);
  if (unknown !== null) return unknown;
  if (!acl.isDefault && acl.clauses.length === 0) return 'it asks nothing: milter-greylist itself refuses it';
  try {
    const context: FactContext = {
      conf,
      action: acl.action,
      extended: conf.settings.has('extendedregex'),
      domainExact: conf.settings.has('domainexact'),
    };
    const facts = acl.clauses.map((clause) => ({ clause, ...factOf(clause, context) }));
    const notes = facts.flatMap((fact) => fact.notes);
    const does = thenOf(acl, notes);
    const letsIn = acl.action === 'greylist' && !acl.isDefault && mayBeRefusedLater;
    const entry = { acl, facts, does, notes, letsIn };
    // Addresses have been read already, and there may be hundreds of lines of them.
    const isPlain = acl.action === 'whitelist' && acl.clauses.every(({ name }) => name === 'addr');
    const rule = isPlain ? [] : ruleLines([entry]).filter((line) => !/^\s*#/.test(line));
    const refused = rule.length === 0 ? null : refusalOf(`policy:\n${rule.join('\n')}\n`);
    return refused === null ? entry : `Postern would refuse it: ${refused}`;
  } catch (error) {
    if (error instanceof NoFact) return error.message;
    throw error;
  }
}

/** Neighbours that ask the same fact for the same are one rule: any of its values. Lists stay as they are. */
function isAlike(one: Entry, other: Entry): boolean {
  const isSimple = ({ acl, facts }: Entry): boolean =>
    !acl.isDefault && facts.length === 1 && !facts[0]!.clause.negated && TOGETHER.has(facts[0]!.clause.name);
  return (
    isSimple(one) &&
    isSimple(other) &&
    one.facts[0]!.clause.name === other.facts[0]!.clause.name &&
    one.does === other.does &&
    one.letsIn === other.letsIn
  );
}

const TOGETHER: ReadonlySet<string> = new Set(['addr', 'domain', 'from', 'rcpt', 'helo']);

/** Of one entry, or of several that are alike. */
function ruleLines(entries: readonly Entry[]): string[] {
  const [first] = entries;
  const last = entries.at(-1);
  if (first === undefined || last === undefined) return [];
  const { acl, does, letsIn } = first;
  const where =
    entries.length === 1
      ? `line ${acl.line}: ${acl.written}`
      : `lines ${acl.line} to ${last.acl.line}: ${acl.written} … (${entries.length} entries)`;
  const values = [...new Set(entries.flatMap(({ facts }) => facts[0]?.values ?? []))];
  const facts = entries.length === 1 ? first.facts : [{ ...first.facts[0]!, values }];
  const notes = [...new Set(entries.flatMap((entry) => entry.notes))];
  return [
    ...[where, ...notes].flatMap((note) => comment(note, '  ')),
    ...(acl.isDefault ? defaultRule(acl, does) : [...whenLines(facts), `    then: ${scalar(does)}`]),
    ...(letsIn
      ? ['  # who has waited is let in, and no later entry is asked', ...whenLines(facts), '    then: accept']
      : []),
  ];
}

/** At the end of the policy everybody is let in anyway. */
function defaultRule({ action }: Acl, then: string): string[] {
  if (action === 'whitelist') return [];
  if (action === 'greylist') return [`  - ${scalar(then)}`];
  const [word, ...reply] = then.split(' ');
  const rule = `  - rule: ${word === 'tempfail' ? 'defer' : word}`;
  return reply.length === 0 ? [rule] : [rule, `    reply: ${scalar(reply.join(' '))}`];
}

type Fact = FactValues & { readonly clause: Clause };

/**
 * Each fact once; what is negated, or there a second time, below `not:`, none of which may hold: so that A and A is
 * A and not (not A).
 */
function whenLines(facts: readonly Fact[]): string[] {
  const positive: Fact[] = [];
  const none: string[] = [];
  for (const fact of facts) {
    const flow = `{ ${fact.fact}: [${fact.values.map(flowItem).join(', ')}] }`;
    if (fact.clause.negated) none.push(flow);
    else if (positive.some((each) => each.fact === fact.fact)) none.push(`{ not: ${flow} }`);
    else positive.push(fact);
  }
  return [
    '  - when:',
    ...positive.flatMap(({ fact, values }) => valueLines(fact, values)),
    ...(none.length === 0 ? [] : ['      not:', ...none.map((each) => `        - ${each}`)]),
  ];
}

const WIDTH = 110;

function valueLines(fact: string, values: readonly string[]): string[] {
  const [only] = values;
  const flow = values.length === 1 ? flowItem(only!) : `[${values.map(flowItem).join(', ')}]`;
  const line = `      ${fact}: ${flow}`;
  if (line.length <= WIDTH) return [line];
  const lines: string[] = [];
  for (const [i, value] of values.entries()) {
    const item = `${flowItem(value)}${i === values.length - 1 ? '' : ','}`;
    const last = lines.at(-1);
    if (last !== undefined && last.length + item.length < WIDTH) lines[lines.length - 1] = `${last} ${item}`;
    else lines.push(`        ${item}`);
  }
  return [`      ${fact}: [`, ...lines, '        ]'];
}

/** Options that change nothing of who is let in. */
const SILENT = new Set(['nolog', 'log', 'maxpeek']);

function thenOf({ action, options }: Acl, notes: string[]): string {
  const left = [...options.keys()].filter((name) => !SILENT.has(name) && !USED[action].includes(name));
  if (left.length > 0) notes.push(`${aFew(left)}: Postern has nothing of the kind; left out`);
  if (action === 'whitelist') return 'accept';
  if (action === 'greylist') {
    const delay = options.get('delay');
    if (options.has('autowhite'))
      notes.push(`autowhite ${options.get('autowhite')}: there is one lifetime for all, below greylist:`);
    return delay === undefined ? 'greylist' : `greylist delay=${seconds(delay) ?? delay}`;
  }
  const code = options.get('code') ?? '';
  const text = replyText(options.get('msg') ?? '', notes);
  const word = code.startsWith('4') ? 'tempfail' : 'reject';
  return [word, code, options.get('ecode') ?? '', text].filter((part) => part !== '').join(' ');
}

const USED: Readonly<Record<Acl['action'], readonly string[]>> = {
  whitelist: [],
  greylist: ['delay', 'autowhite'],
  blacklist: ['code', 'ecode', 'msg'],
};

const PLACEHOLDERS: Readonly<Record<string, string>> = {
  ...{ i: 'client_address', d: 'client_name', h: 'helo', f: 'sender', r: 'recipient' },
};

/** With Postern's placeholders; empty if it has one that Postern has not. */
function replyText(text: string, notes: string[]): string {
  const unknown = [...text.matchAll(/%(.)/g)].find(
    ([, letter = '']) => letter !== '%' && !Object.hasOwn(PLACEHOLDERS, letter),
  );
  if (unknown !== undefined) {
    notes.push(
      `msg "${text}" holds ${unknown[0]}, which has no placeholder in Postern: the text is Postern's own`,
    );
    return '';
  }
  return text.replaceAll(/%(.)/g, (_, letter: string) =>
    letter === '%' ? '%' : `%{${PLACEHOLDERS[letter]}}`,
  );
}
