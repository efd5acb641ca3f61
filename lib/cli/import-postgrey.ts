/** `postern import postgrey`: its settings and lists as a postern.yaml, and with --store whom it knows into Postern's database. */

import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DbDump } from '../import/db-dump.ts';
import { clientRow, tripletRow } from '../import/postgrey-row.ts';
import { postgreyTimes, type PostgreyTimes } from '../import/postgrey.ts';
import { postgreyYaml } from '../import/postgrey-yaml.ts';
import type { NamedText } from '../import/sources.ts';
import { isStoreAsked, looked, STORE_OPTIONS, takeInto, type ForeignDatabase } from './foreign-database.ts';
import { foreignRows } from './foreign-rows.ts';
import { openDump } from './foreign-text.ts';
import { fail } from './import-failure.ts';
import { callersFile } from './places.ts';
import { printConfig } from './printed-config.ts';
import { readText } from './read-text.ts';
import { optionsAndArguments, UsageError } from './usage.ts';

const HELP = `usage: postern import postgrey DIR… [--postgrey FILE]
       postern import postgrey DIR… [--postgrey FILE] --store [--config FILE] [--json]

The first prints a postern.yaml that greylists as postgrey does: its delays, and rules for the clients and recipients that
it spares. It changes nothing.
The second takes whom postgrey knows into Postern's database: who has passed is not delayed again, who waits goes on
waiting, clients that it does not delay any more are not delayed by Postern either. To do it twice does no harm.

Of each DIR it reads, as far as they are there:
  postgrey.db, postgrey_clients.db    the databases, by db5.3_dump (apt-get install db5.3-util), also while postgrey runs
  postgrey.dump, postgrey_clients.dump    what db5.3_dump -p -h DIR postgrey.db has printed elsewhere
  whitelist_clients, whitelist_recipients, and their .local (also as postgrey_whitelist_…)
With /var/lib/postgrey it reads /etc/postgrey too, and the command line in /etc/default/postgrey.

  --postgrey FILE   postgrey's command line, where it is not /etc/default/postgrey
  --store           write into the database that --config FILE names in store:
  --config FILE     the config file (see postern --help for where it is looked for)
  --json            with --store: the counts as an object

To move: put what is printed into postern.yaml; take check_policy_service out of main.cf and reload Postfix; with Postern
stopped, run it with --store; start Postern. The database is one program's at a time: while Postern runs, nothing is
written. Meanwhile Postfix lets mail in without greylisting (default_action = accept).
Exit code 1 if something could not be read or written, or rows had to be left out.

example: postern import postgrey /var/lib/postgrey > postern.yaml
         postern import postgrey /var/lib/postgrey --store
`;

export async function run(args: readonly string[]): Promise<number> {
  const given = optionsAndArguments('import postgrey', args, HELP, {
    postgrey: { type: 'string' },
    ...STORE_OPTIONS,
  });
  if (given === null) return 0;
  const { values, positionals } = given;
  if (positionals.length === 0)
    throw new UsageError('import postgrey: name its directory: postern import postgrey /var/lib/postgrey');
  const store = isStoreAsked('import postgrey', values);
  const directories = positionals.map((name) => callersFile(name, process.env));
  const wrong = directories.find(
    (path) => !(statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false),
  );
  if (wrong !== undefined) return fail(`${wrong} is no directory`);
  const isInstalled = directories.some((path) => path.replace(/\/+$/, '') === '/var/lib/postgrey');
  const commandLine = commandLineOf(values.postgrey, directories, isInstalled);
  if (typeof commandLine === 'string') return fail(commandLine);
  const times = postgreyTimes(commandLine);
  const database = databaseOf(directories, times);
  if (store) {
    if (database === null)
      return fail(`there is no postgrey.db and no postgrey.dump in ${directories.join(' and ')}`);
    return takeInto(values.config, database, { ...times, name: 'postgrey' }, values.json);
  }
  return print({ positionals, directories, isInstalled, commandLine, database });
}

/** A sentence: what is wrong. */
function commandLineOf(
  option: string | undefined,
  directories: readonly string[],
  isInstalled: boolean,
): NamedText | null | string {
  const files =
    option === undefined
      ? [
          ...directories.map((path) => join(path, 'postgrey')),
          ...(isInstalled ? ['/etc/default/postgrey'] : []),
        ]
      : [callersFile(option, process.env)];
  for (const file of files) {
    const read = readText(file);
    if (read.ok) return { file: option ?? file, text: read.text };
    if (option !== undefined) return `can't read ${option}: ${read.why}`;
  }
  return null;
}

async function print(found: {
  readonly positionals: readonly string[];
  readonly directories: readonly string[];
  readonly isInstalled: boolean;
  readonly commandLine: NamedText | null;
  readonly database: ForeignDatabase | null;
}): Promise<number> {
  const { positionals, directories, isInstalled, commandLine, database } = found;
  const places = [...directories, ...(isInstalled ? ['/etc/postgrey'] : [])];
  const [clients, recipients] = ['whitelist_clients', 'whitelist_recipients'].map((name) =>
    listsOf(name, places),
  );
  if (database === null && clients!.length + recipients!.length === 0 && commandLine === null)
    return fail(
      `there is nothing of postgrey in ${directories.join(' and ')}; see: postern import postgrey --help`,
    );
  const { sentences, wrong } = await looked(
    database,
    `postern import postgrey ${positionals.join(' ')} --store`,
  );
  const yaml = postgreyYaml({
    from: positionals,
    commandLine,
    clients: clients!,
    recipients: recipients!,
    databases: sentences,
  });
  if (!printConfig(yaml, positionals.join(' and '))) return 1;
  return wrong === null ? 0 : fail(wrong);
}

function listsOf(name: string, directories: readonly string[]): NamedText[] {
  return directories.flatMap((directory) =>
    [name, `postgrey_${name}`].flatMap((each) =>
      [each, `${each}.local`].flatMap((file) => {
        const path = join(directory, file);
        const read = readText(path);
        return read.ok ? [{ file: path, text: read.text }] : [];
      }),
    ),
  );
}

/** Null: there is none. */
function databaseOf(directories: readonly string[], times: PostgreyTimes): ForeignDatabase | null {
  const triplets = firstOf('postgrey', directories);
  if (triplets === null) return null;
  const clients = firstOf('postgrey_clients', directories);
  const files = clients === null ? [triplets] : [triplets, clients];
  return {
    files,
    open: (prefixes, tally) =>
      foreignRows(
        files,
        openDump,
        (file) => {
          const dump = new DbDump();
          const rowOf = file === clients ? clientRow : tripletRow;
          return {
            add(line) {
              const pair = dump.add(line);
              return pair === null ? null : rowOf(...pair, times, prefixes);
            },
            end: () => dump.end(),
          };
        },
        tally,
      ),
  };
}

function firstOf(name: string, directories: readonly string[]): string | null {
  const files = directories.flatMap((path) => [join(path, `${name}.dump`), join(path, `${name}.db`)]);
  return files.find((file) => existsSync(file)) ?? null;
}
