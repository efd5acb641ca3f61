/** Every mistake of problems.txt is answered with exactly the lines that stand below it. */

import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { formatProblem } from '../../lib/yaml/problem.ts';
import { readConfig } from '../../lib/config/read-config.ts';

/** `# title`, lines of YAML, `=> line:column: problem`; a blank line ends a case. */
const cases = readFileSync(new URL('problems.txt', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n\n');

function problemsOf(text: string): readonly string[] {
  const loaded = readConfig(text, 'postern.yaml', { stateDirectory: '/var/lib/postern' });
  return (loaded.ok ? loaded.warnings : loaded.problems).map(formatProblem);
}

describe('What an administrator reads about a mistake in postern.yaml', () => {
  for (const block of cases) {
    const [title = '', ...lines] = block.split('\n');
    it(title.slice(2), () => {
      const yaml = lines.filter((line) => !line.startsWith('=> ')).join('\n');
      const expected = lines.filter((line) => line.startsWith('=> ')).map((line) => line.slice(3));
      expect(problemsOf(`${yaml}\n`)).to.deep.equal(expected.map((line) => `postern.yaml:${line}`));
      expect(expected).not.to.be.empty;
    });
  }

  const invisible: readonly (readonly [title: string, text: string, problems: readonly string[]])[] = [
    [
      'Tabs do not indent; the rest of the file is still read.',
      'greylist:\n\tdelay: 5m\n\tlifetime: 36d\nobserve: treu\n',
      [
        '2:1: YAML does not allow a tab here; write spaces',
        '3:1: YAML does not allow a tab here; write spaces',
        '4:10: observe: "treu" is neither true nor false; write true or false',
      ],
    ],
    [
      'CRLF and a byte order mark move nothing.',
      '\ufeffstore: x\r\nobserve: yes\r\n',
      [
        '1:8: store: "x" is not a store; write sqlite:postern.db or memory',
        '2:10: observe: "yes" is neither true nor false; write true',
      ],
    ],
    [
      'UTF-16 is not text.',
      's\0t\0o\0r\0e\0:\0',
      ['1:1: this is not a text file in UTF-8; save it as UTF-8'],
    ],
    [
      'Latin-1 in a comment is a warning.',
      'observe: true # M\ufffdller\n',
      ['1:18: warning: this is not UTF-8; save the file as UTF-8'],
    ],
    [
      'Latin-1 in a value is an error.',
      'store: sqlite:/srv/m\ufffdller.db\n',
      ['1:21: store: the value is not UTF-8; save the file as UTF-8'],
    ],
    [
      'Control characters stay out of the messages.',
      'store: "a\\nb\\e[31m"\n',
      ['1:8: store: "a?b?[31m" is not a store; write sqlite:postern.db or memory'],
    ],
    [
      'A huge file is the wrong one.',
      '#'.repeat(300_000),
      ['1:1: the file is longer than 262144 characters; is it the right file?'],
    ],
  ];
  for (const [title, text, problems] of invisible)
    it(title, () => {
      expect(problemsOf(text)).to.deep.equal(problems.map((line) => `postern.yaml:${line}`));
    });

  for (const scheme of [
    'redis',
    'rediss',
    'redis+unix',
    'redis-sentinel',
    'redis-cluster',
    'valkey-sentinel',
    'valkeys',
  ])
    it(`A store at ${scheme}:// is not in this version yet.`, () => {
      expect(problemsOf(`store: ${scheme}://192.0.2.1/0\n`)).to.deep.equal([
        `postern.yaml:1:8: store: "${scheme}://192.0.2.1/0": Redis and Valkey are not in this version yet; write sqlite:postern.db`,
      ]);
    });

  it('A file of brackets, or of aliases of a long list, is refused within its limits.', () => {
    expect(problemsOf(']'.repeat(20_000)).at(-1)).to.include('is it the right file?');
    expect(problemsOf('['.repeat(20_000))).not.to.be.empty;
    const networks = '192.0.2.0/24 '.repeat(2000);
    const bomb = `mynetworks: [&all ${networks}, ${'*all, '.repeat(200)}]\n`;
    expect(problemsOf(bomb)[0]).to.include('*all stands for nothing here');
  });
});
