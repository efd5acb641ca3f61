/** `postern import policyd-spf`: what policyd-spf.conf says, as a postern.yaml. */

import { policydSpfYaml } from '../import/policyd-spf-yaml.ts';
import { givenFile } from './given-file.ts';
import { fail } from './import-failure.ts';
import { optionsAndArguments } from './usage.ts';

const HELP = `usage: postern import policyd-spf FILE|-

Reads policyd-spf.conf (of policyd-spf-python or pyspf-milter; - is the standard input) and prints a postern.yaml with the
section spf: that does the same, and a policy that asks it; what has no key there stands in its comments.

example: postern import policyd-spf /etc/postfix-policyd-spf-python/policyd-spf.conf > postern.yaml
`;

export function run(args: readonly string[]): number {
  const given = optionsAndArguments('import policyd-spf', args, HELP, {});
  if (given === null) return 0;
  const conf = givenFile(
    given.positionals,
    'import policyd-spf: name one file: postern import policyd-spf /etc/postfix-policyd-spf-python/policyd-spf.conf',
  );
  if (conf === null) return 1;
  const yaml = policydSpfYaml(conf);
  if (yaml === null)
    return fail(`${conf.name} is no policyd-spf.conf: there is no setting of policyd-spf in it`);
  process.stdout.write(yaml);
  return 0;
}
