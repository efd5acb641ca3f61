/** Owns the whole text that an import of Postfix prints: postern.yaml, and in its comments what is to be done with main.cf. */

import { postconfCommand, type Change, type Milter } from './main-cf-changes.ts';
import type { LineNote } from './main-cf.ts';
import type { Placed } from './apportion.ts';
import type { OwnNetworks } from './own-networks.ts';
import type { OwnWays } from './own-ways.ts';
import { policyYaml } from './policy-yaml.ts';
import type { Plan } from './plan.ts';
import type { Postscreen } from './postscreen.ts';
import type { Remark } from './remarks.ts';
import type { Section } from './section.ts';
import { aFew } from './a-few.ts';
import { unkeyed } from '../mail/secret-zone.ts';
import { comment, verbatim } from './yaml-text.ts';

export interface Outcome {
  readonly file: string;
  /** It came through a pipe. */
  readonly piped: boolean;
  /** Sentences. */
  readonly summary: readonly string[];
  /** Lines that Postfix itself would refuse, or does not know. */
  readonly wrong: readonly number[];
  readonly networks: OwnNetworks;
  readonly plan: Plan;
  readonly greylist: Section | null;
  readonly spf: Section | null;
  /** Keys of one line each. */
  readonly settings: readonly Section[];
  readonly postscreen: Postscreen;
  readonly remarks: readonly Remark[];
  readonly notes: readonly LineNote[];
  readonly ownWays: OwnWays;
  readonly milter: Milter;
  readonly changes: readonly Change[];
}

const PIPED =
  'Tables are not opened when main.cf comes from a pipe; give the file for a plan that knows them.';

function wrongIn({ wrong }: Outcome): string[] {
  return wrong.length === 0
    ? []
    : comment(
        `Postfix itself would refuse, or does not know, what stands on ${wrong.length === 1 ? 'line' : 'lines'} ${aFew(wrong)}: see there.`,
      );
}

const OBSERVING =
  'Postern decides and logs, and refuses nobody: as long as this says true, Postfix must go on to refuse with main.cf as it is. Only step 2 at the end makes it false.';

export function posternYaml(outcome: Outcome): string {
  const { file, networks, plan, greylist, spf, settings, milter } = outcome;
  const blocks = [
    [
      ...comment(
        `Written by "postern import postfix" from ${file}: lines named below are lines of ${outcome.piped ? `the text that was piped in, not of a file. ${PIPED}` : 'that file.'}`,
      ),
      ...comment(
        'Rules are here together with the whitelists before them. What stays in main.cf and why, and what to change there, is at the end. Try it as it is, with observe: true, and "postern check --config FILE". postmaster@ and abuse@ are let in before any rule, which they were not (spare_recipients: [] undoes that).',
      ),
      ...comment(outcome.summary.join(' ')),
      ...wrongIn(outcome),
    ],
    [...comment(OBSERVING), 'observe: true'],
    [...milter.notes.flatMap((note) => comment(note)), `listen: inet:${milter.port}@127.0.0.1`],
    [...networks.notes.flatMap((note) => comment(note)), `mynetworks: ${networks.value}`],
    ...settings.map((section) => [
      ...section.notes.flatMap((note) => comment(note)),
      ...entriesOf(section, ''),
    ]),
    policyYaml(plan),
    ...[section('greylist', greylist), section('spf', spf)],
    staying(outcome),
    remarked(outcome),
    changed(outcome),
  ];
  return `${blocks
    .filter((block) => block.length > 0)
    .map((block) => block.join('\n'))
    .join('\n\n')}\n`;
}

function section(key: string, found: Section | null): string[] {
  if (found === null) return [];
  return [...found.notes.flatMap((note) => comment(note)), `${key}:`, ...entriesOf(found, '  ')];
}

function entriesOf({ entries }: Section, indent: string): string[] {
  return entries.map(([key, value]) => `${indent}${key}: ${value}`);
}

function staying({ plan, postscreen }: Outcome): string[] {
  const restrictions = plan.mainCf.flatMap(({ list, restrictions }) => {
    if (list === 'relay') return relay(restrictions);
    return restrictions
      .filter(({ place }) => place === 'stays')
      .map(({ line, word, written, notes }) =>
        row(line, `${written}${word === '' ? '' : ` (${list})`}: ${notes.join('; ')}`),
      );
  });
  const parameters = postscreen.staying.map(({ name, line, why }) => row(line, `${name}: ${why}`));
  const rows = [...restrictions, ...parameters].flat();
  return rows.length === 0 ? [] : ['# What stays in main.cf, and why', ...rows];
}

/** One line for all of them, which say the same. */
function relay(restrictions: readonly Placed[]): string[][] {
  const [first] = restrictions;
  if (first === undefined) return [];
  if (first.word === '') return [row(first.line, `${first.written}: ${RELAY}`)];
  const all = restrictions.map(({ written }) => written).join(', ');
  const wrong = restrictions.filter((each) => each.wrong);
  return [
    row(first.line, `smtpd_relay_restrictions as a whole (${all}): ${RELAY}`),
    ...wrong.map(({ line, written, notes }) => row(line, `${written} (relay): ${notes.join('; ')}`)),
  ];
}

const RELAY = 'Postern lets mail through when it is away, and that must never open a relay';

function remarked({ remarks, notes, ownWays }: Outcome): string[] {
  const rows = [
    ...[...remarks.map(({ line, name, text }) => ({ line, text: `${name}: ${text}` })), ...notes]
      .toSorted((a, b) => a.line - b.line)
      .map(({ line, text }) => row(line, text)),
    ...ownWays.notes.map((text) => comment(text, '', '  ')),
  ].flat();
  return rows.length === 0 ? [] : ['# What else is to be known', ...rows];
}

function row(line: number, text: string): string[] {
  return comment(`${line === 0 ? 'default' : `line ${line}`}  ${text}`, '', '  ');
}

/** Only smtpd_milters may change while Postern observes: whatever else is taken out, nobody would ask then. */
function changed(outcome: Outcome): string[] {
  const { changes, ownWays, plan } = outcome;
  const entry = changes.filter(isEntry);
  const now = changes.filter((change) => !isEntry(change));
  const first =
    entry.length > 0
      ? 'put in nothing but smtpd_milters. Postfix goes on to refuse as before'
      : 'smtpd_milters has Postern already. Postfix goes on to refuse as before';
  return [
    ...comment(`main.cf, step 1: now, with observe: true: ${first}`),
    ...part(entry, ownWays.commands),
    '',
    ...comment(
      `main.cf, step 2: once the log shows what you want${asksLists(plan) ? ALIVE : ''}. In this order: ${LIVE}`,
    ),
    ...(now.length === 0 ? comment('b. nothing: main.cf stays as it is after step 1') : part(now, [])),
  ];
}

function isEntry({ name }: Change): boolean {
  return name === 'smtpd_milters';
}

const FALSE = 'observe: false in this file';

const ALIVE =
  ', and "postern lists" shows the DNS lists alive: one that is not decides nothing here, and nobody else asks it then';

function asksLists({ lists }: Plan): boolean {
  return lists.some(
    ({ entries, score }) =>
      score?.active === true ||
      entries.some(({ rule }) => rule !== null && /(?:rbl|rhsbl|dnswl|rhswl)_/.test(rule.text)),
  );
}

const LIVE = `a. write ${FALSE}, and reload Postern, whose log must say that it has taken it; b. only then change main.cf as below. With observe: true nobody would refuse what b. takes out.`;

const KEYS =
  'Keys of zones are not shown here, nor bytes that are no UTF-8: write them in, as they are in main.cf today.';

/** The lines twice: to read, and to run. */
function part(changes: readonly Change[], services: readonly string[]): string[] {
  if (changes.length + services.length === 0) return [];
  const told = changes.flatMap(({ name, takenOut, changed: other }) => [
    ...(takenOut.length === 0 ? [] : comment(`take out of ${name}: ${takenOut.join(', ')}`, '', '  ')),
    ...other.flatMap(({ from, to }) => comment(`change in ${name}: ${from} to ${to}`, '', '  ')),
  ]);
  const commands = changes.flatMap((change) => {
    const command = postconfCommand(change);
    return command === null
      ? comment(`(${change.name} holds what can't be shown: change it with an editor)`)
      : [verbatim(command)];
  });
  return [
    ...told,
    ...(services.length === 0
      ? []
      : comment(
          'smtpd_milters is for all services of master.cf: the postconf -P below keep Postern away from those with restrictions of their own',
        )),
    ...(changes.length === 0
      ? []
      : [
          `# put in${changes.every(isEntry) ? '' : ', with observe: false in this file by now'}, each the whole value as it reads then`,
        ]),
    ...changes.map(({ name, value }) => verbatim(unkeyed(`${name} = ${value}`.trimEnd()))),
    ...(changes.some((change) => postconfCommand(change) === null) ? comment(KEYS) : []),
    changes.length === 0 ? '# as commands' : '# or, as commands',
    ...services.map((command) => verbatim(command)),
    ...commands,
    '# postfix reload',
  ];
}
