/** Owns what the access list of a greylist.conf is as a policy of Postern: a `when:` for each entry, in their order. */

import { aFew } from './a-few.ts';
import type { Acl, Clause, GreylistConf } from './greylist-conf.ts';
import { factOf, NoFact, type FactContext, type FactValues } from './greylist-facts.ts';
import { refusalOf } from './refusal.ts';
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

/** Never throws. */
export function greylistRules(conf: GreylistConf): GreylistRules {
  const lines: string[] = [];
  const leftOut: number[] = [];
  const { acls } = conf;
  const last = acls.findIndex(({ isDefault, stage }) => isDefault && stage === 'rcpt');
  for (const [i, acl] of acls.entries()) {
    const later = acls.slice(i + 1, last < 0 ? undefined : last + 1);
    const item =
      last >= 0 && i > last && acl.stage === 'rcpt'
        ? 'it stands behind default, and was never asked'
        : itemOf(acl, conf, later);
    if (typeof item === 'string') {
      leftOut.push(acl.line);
      lines.push(...comment(`line ${acl.line}: ${acl.written} is not taken over: ${item}`, '  '));
    } else lines.push(...item);
  }
  if (last < 0) lines.push('  - greylist # whatever no entry matches');
  const moved = acls.length - leftOut.length;
  return { lines, entries: acls.length, moved, leftOut };
}

/** A string: why it is none. */
function itemOf(acl: Acl, conf: GreylistConf, later: readonly Acl[]): string[] | string {
  if (acl.stage === 'data')
    return 'dacl is asked when the whole message is there, and Postern decides before that';
  if (acl.unknown !== null) return `"${acl.unknown}" is unknown to this import`;
  const notes: string[] = [];
  try {
    const context: FactContext = {
      conf,
      action: acl.action,
      extended: conf.settings.has('extendedregex'),
      domainExact: conf.settings.has('domainexact'),
    };
    const facts = acl.clauses.map((clause) => ({ clause, ...factOf(clause, context) }));
    for (const fact of facts) notes.push(...fact.notes);
    const then = thenOf(acl, notes);
    const rule = acl.isDefault ? defaultRule(acl, then) : [...whenLines(facts), `    then: ${scalar(then)}`];
    // In milter-greylist it decides: whoever has waited is let in, and no later entry is asked.
    const goesOn = acl.action === 'greylist' && later.some(({ action }) => action === 'blacklist');
    const lets =
      goesOn && !acl.isDefault
        ? [
            '  # who has waited is let in, and no later entry is asked',
            ...whenLines(facts),
            '    then: accept',
          ]
        : [];
    const refused = rule.length === 0 ? null : refusalOf(`policy:\n${[...rule, ...lets].join('\n')}\n`);
    if (refused !== null) return `Postern would refuse it: ${refused}`;
    const above = [`line ${acl.line}: ${acl.written}`, ...notes];
    return [...above.flatMap((note) => comment(note, '  ')), ...rule, ...lets];
  } catch (error) {
    if (error instanceof NoFact) return error.message;
    throw error;
  }
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
