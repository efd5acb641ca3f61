/** `postern import milter-greylist`: greylist.conf as a postern.yaml, and with --store whom its dump knows into Postern's database. */

import { aFew } from '../import/a-few.ts';
import { readGreylistConf, type GreylistConf } from '../import/greylist-conf.ts';
import { milterGreylistTimes, USUAL_TIMES, type MilterGreylistTimes } from '../import/greylist-times.ts';
import { unknownLines } from '../import/greylist-unknown.ts';
import { dumpRow, isDump } from '../import/milter-greylist-row.ts';
import { milterGreylistYaml } from '../import/milter-greylist-yaml.ts';
import { isStoreAsked, looked, STORE_OPTIONS, takeInto, type ForeignDatabase } from './foreign-database.ts';
import { foreignRows } from './foreign-rows.ts';
import { beginningOf, openText } from './foreign-text.ts';
import { fail } from './import-failure.ts';
import { callersFile } from './places.ts';
import { printConfig } from './printed-config.ts';
import { readText } from './read-text.ts';
import { optionsAndArguments, UsageError } from './usage.ts';

const HELP = `usage: postern import milter-greylist FILE…
       postern import milter-greylist FILE… --store [--config FILE] [--json]

Each FILE is a greylist.conf or a dump of its database; of a dump that is not named, greylist.conf's dumpfile is read.
The first prints a postern.yaml that does what greylist.conf did: its times, and a rule for each entry of its access list,
with its line; in comments what could not be taken over, and why. It changes nothing.
The second takes whom the dump knows into Postern's database: who is auto-whitelisted is not delayed again, who waits goes
on waiting. To do it twice does no harm.

  --store           write into the database that --config FILE names in store:
  --config FILE     the config file (see postern --help for where it is looked for)
  --json            with --store: the counts as an object

To move: put what is printed into postern.yaml; stop milter-greylist, which writes its dump then; run this with --store
while Postern is stopped; start Postern in its place. The database is one program's at a time: while Postern runs,
nothing is written.
Exit code 1 if something could not be read or written, rows had to be left out as damaged, or greylist.conf has words that
milter-greylist itself would refuse (the text is printed all the same).

example: postern import milter-greylist /etc/milter-greylist/greylist.conf > postern.yaml
         postern import milter-greylist /etc/milter-greylist/greylist.conf --store
`;

export async function run(args: readonly string[]): Promise<number> {
  const given = optionsAndArguments('import milter-greylist', args, HELP, STORE_OPTIONS);
  if (given === null) return 0;
  const { values, positionals } = given;
  if (positionals.length === 0)
    throw new UsageError(
      'import milter-greylist: name its files: postern import milter-greylist /etc/milter-greylist/greylist.conf',
    );
  const store = isStoreAsked('import milter-greylist', values);
  const named = filesOf(positionals);
  if (typeof named === 'string') return fail(named);
  const { conf } = named;
  const dumps = named.dumps.length > 0 ? named.dumps : dumpfileOf(conf);
  const times = conf === null ? USUAL_TIMES : milterGreylistTimes(conf);
  if (store) {
    if (dumps.length === 0) return fail('no dump was named, and no greylist.conf that has a dumpfile');
    return takeInto(
      values.config,
      databaseOf(dumps, times),
      { ...times, name: 'milter-greylist' },
      values.json,
    );
  }
  if (conf === null)
    return fail(
      'a dump alone says nothing of the configuration: name greylist.conf too, or take it over with --store',
    );
  const { sentences, wrong } = await looked(
    dumps.length === 0 ? null : databaseOf(dumps, times),
    `postern import milter-greylist ${positionals.join(' ')} --store`,
  );
  if (!printConfig(milterGreylistYaml(named.file, conf, sentences), named.file)) return 1;
  const unknown = unknownLines(conf);
  if (unknown.length > 0)
    fail(
      `milter-greylist itself would refuse, or this import does not know, what stands on ${unknown.length === 1 ? 'line' : 'lines'} ${aFew(unknown)} of ${named.file}: the comments say what it is`,
    );
  if (wrong !== null) return fail(wrong);
  return unknown.length === 0 ? 0 : 1;
}

interface Named {
  /** Null: none was named. */
  readonly conf: GreylistConf | null;
  readonly file: string;
  readonly dumps: readonly string[];
}

/** A sentence: what is wrong. */
function filesOf(files: readonly string[]): Named | string {
  let conf: GreylistConf | null = null;
  let confFile = '';
  const dumps: string[] = [];
  for (const file of files) {
    const path = callersFile(file, process.env);
    if (isDump(beginningOf(path))) {
      dumps.push(path);
      continue;
    }
    const read = readText(path);
    if (!read.ok) return `can't read ${file}: ${read.why}`;
    const found = readGreylistConf(read.text);
    if (found.acls.length === 0 && ![...found.settings.keys()].some((key) => ITS_OWN.test(key)))
      return `${file} is neither a greylist.conf nor a dump of milter-greylist`;
    if (conf !== null) return `${confFile} and ${file} are both a greylist.conf: name one`;
    [conf, confFile] = [found, file];
  }
  return { conf, file: confFile, dumps };
}

const ITS_OWN = /^(?:greylist|autowhite|dumpfile|dumpfreq|subnetmatch6?|pidfile|lazyaw|noauth|nospf)$/;

function dumpfileOf(conf: GreylistConf | null): string[] {
  const path = conf?.settings.get('dumpfile')?.values[0]?.text;
  return path === undefined || !path.startsWith('/') ? [] : [path];
}

function databaseOf(files: readonly string[], times: MilterGreylistTimes): ForeignDatabase {
  return {
    files,
    open(greylist, tally) {
      const nowSeconds = Math.floor(Date.now() / 1000);
      const reading = { times, prefixes: greylist, lifetimeSeconds: greylist.lifetimeMs / 1000, nowSeconds };
      const reader = { add: (line: string) => dumpRow(line, reading), end: () => {} };
      return foreignRows(files, openText, () => reader, tally);
    },
  };
}
