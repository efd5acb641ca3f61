/** `postern import postfix`: what a main.cf does, as a postern.yaml. */

import { dirname } from 'node:path';
import { aFew } from '../import/a-few.ts';
import { importPostfix } from '../import/postfix.ts';
import type { NamedText } from '../import/sources.ts';
import { givenFile, type GivenFile } from './given-file.ts';
import { fail } from './import-failure.ts';
import { callersFile } from './places.ts';
import { printConfig } from './printed-config.ts';
import { readText } from './read-text.ts';
import { optionsAndArguments } from './usage.ts';

const HELP = `usage: postern import postfix FILE|- [--postgrey FILE] [--policyd-spf FILE]

Reads a main.cf (- is the standard input: also what postconf -n prints) and prints a postern.yaml: each restriction with
the line that it comes from, what was dangerous and how it was made safe; and in comments what stays in Postfix and why,
and what to change in main.cf. Changes nothing by itself.
Exit code 1 if main.cf has something that Postfix itself would refuse or not know (the text is printed all the same), or
if a file can't be read; 0 if not.

With FILE it also reads master.cf beside it, the tables that main.cf names, and of the policy services
  --postgrey FILE      postgrey's command line (default: /etc/default/postgrey)
  --policyd-spf FILE   policyd-spf.conf (default: /etc/postfix-policyd-spf-python/policyd-spf.conf)

example: postern import postfix /etc/postfix/main.cf > postern.yaml
         postconf -n | postern import postfix -
`;

export function run(args: readonly string[]): number {
  const given = optionsAndArguments('import postfix', args, HELP, {
    postgrey: { type: 'string' },
    'policyd-spf': { type: 'string' },
  });
  if (given === null) return 0;
  const { values, positionals } = given;
  const mainCf = givenFile(
    positionals,
    'import postfix: name one file: postern import postfix /etc/postfix/main.cf, or - for the standard input',
  );
  return mainCf === null ? 1 : importFrom(mainCf, values.postgrey, values['policyd-spf']);
}

function importFrom(mainCf: GivenFile, postgrey: string | undefined, policydSpf: string | undefined): number {
  const { name: called, path } = mainCf;
  const piped = path === null;
  const beside: (NamedText | null)[] = [];
  for (const [option, usual] of [
    [postgrey, '/etc/default/postgrey'],
    [policydSpf, '/etc/postfix-policyd-spf-python/policyd-spf.conf'],
  ] as const) {
    const read =
      option === undefined ? (piped ? null : readText(usual)) : readText(callersFile(option, process.env));
    if (option !== undefined && read?.ok === false) return fail(`can't read ${option}: ${read.why}`);
    beside.push(read?.ok === true ? { file: option ?? usual, text: read.text } : null);
  }
  const directory = piped ? '/etc/postfix' : dirname(path);
  const masterCf = piped ? null : tried(`${directory}/master.cf`);
  const unread = new Map<string, string>();
  const texts = new Map<string, string | null>();
  const imported = importPostfix({
    piped,
    mainCf,
    directory,
    // What comes through a pipe may be another machine's.
    readFile(name) {
      if (piped || !name.startsWith('/')) return null;
      if (!texts.has(name)) texts.set(name, tried(name, unread));
      return texts.get(name) ?? null;
    },
    whyUnread: (name) => unread.get(name) ?? null,
    masterCf: masterCf === null ? null : { file: 'master.cf', text: masterCf },
    postgrey: beside[0] ?? null,
    policydSpf: beside[1] ?? null,
  });
  if (imported === null) return fail(`${called} is no main.cf: there is no "name = value" in it`);
  const { yaml, wrong } = imported;
  if (!printConfig(yaml, called)) return 1;
  if (wrong.length === 0) return 0;
  return fail(
    `Postfix itself would refuse, or does not know, what stands on ${wrong.length === 1 ? 'line' : 'lines'} ${aFew(wrong)} of ${called}: the comments say what it is`,
  );
}

/** Null: there is no such file, or (then `unread` says why) none that we would read. */
function tried(path: string, unread?: Map<string, string>): string | null {
  const read = readText(path);
  if (!read.ok && !read.absent) unread?.set(path, `${path} was not read: ${read.why}`);
  return read.ok ? read.text : null;
}
