/** Owns the text that `import postgrey` prints: a postern.yaml that greylists as it did, and how its database moves. */

import { importPostgrey } from './postgrey.ts';
import { ownNetworksLine } from './own-networks-line.ts';
import { sparedLists, type SparedTable } from './postgrey-lists.ts';
import { takenOver, type Section } from './section.ts';
import type { NamedText } from './sources.ts';
import { comment, scalar } from './yaml-text.ts';

export interface PostgreySources {
  /** Directories and files, as they were named. */
  readonly from: readonly string[];
  /** /etc/default/postgrey; null: it was not read. */
  readonly commandLine: NamedText | null;
  readonly clients: readonly NamedText[];
  readonly recipients: readonly NamedText[];
  /** Sentences about its databases. */
  readonly databases: readonly string[];
}

/** Never throws. */
export function postgreyYaml({ from, commandLine, clients, recipients, databases }: PostgreySources): string {
  const section = takenOver('greylist', importPostgrey(commandLine))!;
  const lists = sparedLists(clients, recipients);
  const read = [...clients, ...recipients].map(({ file }) => file);
  const blocks = [
    [
      ...comment(
        `Written by "postern import postgrey" from ${from.join(' and ')}. A postern.yaml that greylists as postgrey did; or, into one that you have: the section greylist, and the rules between the two lines, before your "greylist".`,
      ),
      ...comment(
        'In main.cf Postern comes in by smtpd_milters, and check_policy_service goes out: "postern import postfix /etc/postfix/main.cf" has the commands.',
      ),
      ...databases.flatMap((sentence) => comment(sentence)),
    ],
    ...(lists.extensions ? [[...comment(EXTENSIONS), 'recipient_delimiter: "+"']] : []),
    ownNetworksLine(),
    sectionLines('greylist', section),
    [
      'policy:',
      '  - permit_mynetworks',
      '  - permit_sasl_authenticated',
      ...comment(
        read.length === 0
          ? "postgrey's lists of clients and recipients were not found: name their directory too, /etc/postgrey or /etc/postfix"
          : `---- whom postgrey spared: ${read.join(', ')}`,
        '  ',
      ),
      ...lists.notes.flatMap((note) => comment(note, '  ', '  ')),
      ...lists.tables.flatMap(tableLines),
      ...(read.length === 0 ? [] : comment('----', '  ')),
      '  - greylist',
    ],
  ];
  return `${blocks.map((block) => block.join('\n')).join('\n\n')}\n`;
}

const EXTENSIONS =
  'bob@example.org stands for bob+shop@example.org too, as in the list of recipients; in all tables.';

function sectionLines(key: string, { entries, notes }: Section): string[] {
  return [
    ...notes.flatMap((note) => comment(note)),
    `${key}:`,
    ...entries.map(([name, value]) => `  ${name}: ${value}`),
  ];
}

const WIDTH = 110;

/** A folded scalar: its line ends are blanks to YAML. */
function tableLines({ word, kind, entries }: SparedTable): string[] {
  const whole = `${word} ${kind}:{ ${entries.join(' ')} }`;
  const short = `  - ${scalar(whole)}`;
  if (short.length <= WIDTH) return [short];
  const lines: string[] = [];
  for (const entry of entries) {
    const last = lines.at(-1);
    if (last !== undefined && `      ${last} ${entry}`.length <= WIDTH && kind !== 'pcre')
      lines[lines.length - 1] = `${last} ${entry}`;
    else lines.push(entry);
  }
  return ['  - >-', `    ${word} ${kind}:{`, ...lines.map((line) => `    ${line}`), '    }'];
}
