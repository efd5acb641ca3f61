/** `postern import policyd-spf`: what policyd-spf.conf says, as a postern.yaml. */

import { policydSpfYaml } from '../import/policyd-spf-yaml.ts';
import { callersFile } from './places.ts';
import { readText } from './read-text.ts';
import { optionsAndArguments, UsageError } from './usage.ts';

const HELP = `usage: postern import policyd-spf FILE|-

Reads policyd-spf.conf (of policyd-spf-python or pyspf-milter; - is the standard input) and prints a postern.yaml with the
section spf: that does the same, and a policy that asks it; what has no key there stands in its comments.

example: postern import policyd-spf /etc/postfix-policyd-spf-python/policyd-spf.conf > postern.yaml
`;

export function run(args: readonly string[]): number {
  const given = optionsAndArguments('import policyd-spf', args, HELP, {});
  if (given === null) return 0;
  const { positionals } = given;
  const [file, ...more] = positionals;
  if (file === undefined || more.length > 0)
    throw new UsageError(
      'import policyd-spf: name one file: postern import policyd-spf /etc/postfix-policyd-spf-python/policyd-spf.conf',
    );
  const read = readText(file === '-' ? 0 : callersFile(file, process.env));
  if (!read.ok) {
    process.stderr.write(`postern: can't read ${file}: ${read.why}\n`);
    return 1;
  }
  const yaml = policydSpfYaml({ file: file === '-' ? 'the standard input' : file, text: read.text });
  if (yaml === null) {
    process.stderr.write(`postern: ${file} is no policyd-spf.conf: there is no "name = value" in it\n`);
    return 1;
  }
  process.stdout.write(yaml);
  return 0;
}
