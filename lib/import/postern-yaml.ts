/** Owns the whole text that an import of Postfix prints: postern.yaml, and in its comments what is to be done with main.cf. */

import { withoutKeys } from '../mail/secret-zone.ts';
import { postconfCommand, type Change, type Milter } from './main-cf-changes.ts';
import type { LineNote } from './main-cf.ts';
import type { Placed } from './apportion.ts';
import type { OwnNetworks } from './own-networks.ts';
import { policyYaml } from './policy-yaml.ts';
import type { Plan } from './plan.ts';
import type { Postscreen } from './postscreen.ts';
import type { Remark } from './remarks.ts';
import type { Section } from './section.ts';
import { comment, verbatim } from './yaml-text.ts';

export interface Outcome {
  readonly file: string;
  readonly networks: OwnNetworks;
  readonly plan: Plan;
  readonly greylist: Section | null;
  readonly spf: Section | null;
  /** Keys of one line each. */
  readonly settings: readonly Section[];
  readonly postscreen: Postscreen;
  readonly remarks: readonly Remark[];
  readonly notes: readonly LineNote[];
  readonly masterCf: readonly string[];
  readonly milter: Milter;
  readonly changes: readonly Change[];
}

const NOT_YET =
  'DNS lists and SPF are read by this version, and asked by a later one: until then their lines stay in main.cf (see the end), and observe: true is the way to run this, as greylist would delay those, too, whom the whitelists spare.';

export function posternYaml(outcome: Outcome): string {
  const { file, networks, plan, greylist, spf, settings, milter } = outcome;
  const blocks = [
    [
      ...comment(
        `Written by "postern import postfix" from ${file}: lines named below are lines of that file.`,
      ),
      ...comment(
        'Rules are here together with the whitelists before them. What stays in main.cf and why, and what to change there, is at the end. Try it with observe: true first, and "postern check --config FILE". postmaster@ and abuse@ are let in before any rule, which they were not (spare_recipients: [] undoes that).',
      ),
      ...(outcome.changes.some(({ later }) => later) ? comment(NOT_YET) : []),
    ],
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
      .map(({ line, written, notes }) => row(line, `${written} (${list}): ${notes.join('; ')}`));
  });
  const parameters = postscreen.staying.map(({ name, line, why }) => row(line, `${name}: ${why}`));
  const rows = [...restrictions, ...parameters].flat();
  return rows.length === 0 ? [] : ['# What stays in main.cf, and why', ...rows];
}

/** One line for all of them, which say the same. */
function relay(restrictions: readonly Placed[]): string[][] {
  const [first] = restrictions;
  if (first === undefined) return [];
  const all = restrictions.map(({ written }) => written).join(', ');
  return [row(first.line, `smtpd_relay_restrictions as a whole (${all}): ${RELAY}`)];
}

const RELAY = 'Postern lets mail through when it is away, and that must never open a relay';

function remarked({ remarks, notes, masterCf }: Outcome): string[] {
  const rows = [
    ...[...remarks.map(({ line, name, text }) => ({ line, text: `${name}: ${text}` })), ...notes]
      .toSorted((a, b) => a.line - b.line)
      .map(({ line, text }) => row(line, text)),
    ...masterCf.map((text) => comment(text, '', '  ')),
  ].flat();
  return rows.length === 0 ? [] : ['# What else is to be known', ...rows];
}

function row(line: number, text: string): string[] {
  return comment(`${line === 0 ? 'default' : `line ${line}`}  ${text}`, '', '  ');
}

function changed({ changes }: Outcome): string[] {
  const now = changes.filter(({ later }) => !later);
  const later = changes.filter((change) => change.later);
  return [
    ...part('as soon as Postern runs', now),
    ...(later.length > 0 && now.length > 0 ? [''] : []),
    ...part(
      'NOT YET, but when postern check no longer says "not active yet" (DNS lists, SPF): until then nobody else would ask them',
      later,
    ),
  ];
}

const KEYS = 'Keys of zones are not shown here: write them in, as they are in main.cf today.';

/** The lines twice: to read, and to run. */
function part(when: string, changes: readonly Change[]): string[] {
  if (changes.length === 0) return [];
  const out = changes.flatMap(({ name, takenOut }) =>
    takenOut.length === 0 ? [] : comment(`take out of ${name}: ${takenOut.join(', ')}`, '', '  '),
  );
  const commands = changes.flatMap((change) => {
    const command = postconfCommand(change);
    return command === null
      ? comment(`(${change.name} holds the key of a zone: change it with an editor)`)
      : [verbatim(command)];
  });
  return [
    ...comment(`main.cf, ${when}`),
    ...out,
    '# put in, each the whole value as it reads then',
    ...changes.map(({ name, value }) => verbatim(withoutKeys(`${name} = ${value}`.trimEnd()))),
    ...(changes.some((change) => postconfCommand(change) === null) ? comment(KEYS) : []),
    '# or, as commands',
    ...commands,
    '# postfix reload',
  ];
}
