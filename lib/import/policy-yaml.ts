/** Owns the `policy:` of postern.yaml as an import writes it: rules with the lines that they come from. */

import type { Placed } from './apportion.ts';
import type { Plan, PlannedList } from './plan.ts';
import type { Score } from './postscreen.ts';
import { unkeyed } from '../mail/secret-zone.ts';
import { comment, scalar, trailing } from './yaml-text.ts';

/** One list if one has rules, else Postfix's by name: a permit ends its own list only. */
export function policyYaml({ lists }: Plan): string[] {
  const live = lists.filter(isLive);
  const shown = lists.filter((list) => isLive(list) || list.entries.length > 0 || list.score !== null);
  if (live.length === 0)
    return [
      ...shown.flatMap((list) => [...titleOf(list, ''), ...itemsOf(list, '')]),
      ...comment(
        'Nothing of main.cf is for Postern: it lets everybody in. Write greylist below these two, if you want that.',
      ),
      'policy:',
      '  - permit_mynetworks',
      '  - permit_sasl_authenticated',
    ];
  const one = live.length === 1;
  const lines = one
    ? ['policy:']
    : ["# Postfix's lists: a permit ends its own list only, as in main.cf.", 'policy:'];
  for (const list of shown) {
    const title = titleOf(list, '  ');
    if (one) lines.push(...title, ...itemsOf(list, '  '));
    else lines.push(...title, ...(isLive(list) ? [`  ${list.name}:`] : []), ...itemsOf(list, '    '));
  }
  return lines;
}

function isLive({ entries, score }: PlannedList): boolean {
  return entries.some(({ rule }) => rule !== null) || score?.active === true;
}

function titleOf(list: PlannedList, indent: string): string[] {
  const { name, entries } = list;
  if (entries.length === 0) return [];
  const title = `smtpd_${name}_restrictions`;
  return comment(isLive(list) ? title : `${title}: no rule of it is Postern's; what was dropped`, indent);
}

function itemsOf({ entries, score }: PlannedList, indent: string): string[] {
  return [
    ...entries.flatMap((entry) => item(entry, indent)),
    ...(score === null ? [] : scoreItem(score, entries, indent)),
  ];
}

function item({ rule, written, line, notes, within, spares }: Placed, indent: string): string[] {
  const where = within === null ? `line ${line}` : `line ${line}, class ${within.name}`;
  const behind =
    spares === null ? where : `${where}; stays in main.cf too, for ${spares.word} (line ${spares.line})`;
  if (rule === null) return comment(`${where}: ${written} is not taken over: ${notes.join('; ')}`, indent);
  const above = notes.flatMap((note) => comment(`${where}: ${note}`, indent));
  if (rule.reply === null) return [...above, `${indent}- ${scalar(rule.text)} ${trailing(behind)}`];
  return [
    ...above,
    `${indent}- rule: ${scalar(rule.text)} ${trailing(behind)}`,
    `${indent}  reply: ${scalar(rule.reply)}`,
  ];
}

function scoreItem(score: Score, entries: readonly Placed[], indent: string): string[] {
  const where = `line ${score.line}`;
  const above = [
    score.active
      ? `postscreen_dnsbl_sites (${where}), asked at RCPT now. The permits before it are those of postscreen, and who has logged in`
      : `postscreen_dnsbl_sites (${where}), switched off here as it is there, and so no rule; this is what it would be:`,
    ...score.notes,
  ].flatMap((note) => comment(note, indent));
  const before = new Set(entries.map(({ rule }) => rule?.text));
  const permits = [...new Set([...score.spared, 'permit_sasl_authenticated'])].filter(
    (rule) => !before.has(rule),
  );
  const sites = score.sites.flatMap(({ text, line, notes }) => [
    ...notes.flatMap((note) => comment(`line ${line}: ${note}`, `${indent}      `)),
    `${indent}      - ${scalar(text)} # line ${line}`,
  ]);
  const lines = [
    ...permits.map((rule) => `${indent}- ${scalar(rule)}`),
    `${indent}- dnsbl_score:`,
    `${indent}    sites:`,
    ...sites,
    `${indent}    reject: ${score.reject}`,
    ...(score.permit === null ? [] : [`${indent}    permit: ${score.permit}`]),
    ...(score.reply === null ? [] : [`${indent}  reply: ${scalar(score.reply)}`]),
  ];
  return [
    ...above,
    ...(score.active ? lines : lines.map((line) => `${indent}# ${unkeyed(line.slice(indent.length))}`)),
  ];
}
