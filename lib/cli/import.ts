/** `postern import`: what an existing setup does, as a postern.yaml; and whom another greylister knows. */

import type { Command } from './main.ts';
import { UsageError } from './usage.ts';

const HELP = `usage: postern import postfix FILE|-            what main.cf does
       postern import postgrey DIR…              postgrey's settings, its lists, and whom it knows
       postern import milter-greylist FILE…      greylist.conf, and whom its dump knows
       postern import policyd-spf FILE           policyd-spf.conf

Each prints a postern.yaml, with what could not be taken over and why in its comments, and changes nothing. With --store
the two greylisters' databases are taken into Postern's own, so that nobody whom they know is delayed again.

Each has --help.

example: postern import postfix /etc/postfix/main.cf > postern.yaml
         postern import postgrey /var/lib/postgrey --store
`;

const SOURCES: Readonly<Record<string, () => Promise<Command>>> = {
  postfix: () => import('./import-postfix.ts'),
  postgrey: () => import('./import-postgrey.ts'),
  'milter-greylist': () => import('./import-milter-greylist.ts'),
  'policyd-spf': () => import('./import-policyd-spf.ts'),
};

/** What is imported may stand behind options too: `import --postgrey FILE postfix main.cf`. */
export async function run(args: readonly string[]): Promise<number> {
  const what = args.find((word) => Object.hasOwn(SOURCES, word)) ?? args[0];
  if (what === undefined || what.startsWith('-')) {
    if (what !== '--help' && what !== '-h')
      throw new UsageError('import: say what: postern import postfix FILE; see: postern import --help');
    process.stdout.write(HELP);
    return 0;
  }
  const source = Object.hasOwn(SOURCES, what) ? SOURCES[what] : undefined;
  if (source === undefined)
    throw new UsageError(`import ${what}: say what: postern import postfix FILE; see: postern import --help`);
  const at = args.indexOf(what);
  return (await source()).run([...args.slice(0, at), ...args.slice(at + 1)]);
}
