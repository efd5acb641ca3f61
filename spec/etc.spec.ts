/** What an administrator copies from etc/ must be right. */

import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import { formatProblem } from '../lib/yaml/problem.ts';
import { readConfig } from '../lib/config/read-config.ts';
import { jsonSchema } from '../lib/config/schema.ts';

const etc = new URL('../etc/', import.meta.url);
const read = (name: string): string => readFileSync(new URL(name, etc), 'utf8');

describe('What is shipped in etc/', () => {
  for (const name of readdirSync(etc).filter((each) => each.endsWith('.yaml')))
    it(`${name} is a configuration without a problem, and names the schema for editors`, () => {
      const loaded = readConfig(read(name), name, { stateDirectory: '/var/lib/postern' });
      expect((loaded.ok ? loaded.warnings : loaded.problems).map(formatProblem)).to.deep.equal([]);
      expect(read(name)).to.match(/^# yaml-language-server: \$schema=postern\.schema\.json$/m);
    });

  it('postern.schema.json is what `postern schema` prints', () => {
    expect(JSON.parse(read('postern.schema.json'))).to.deep.equal(JSON.parse(JSON.stringify(jsonSchema())));
  });

  it('agrees with the README, whose examples have no problem either', () => {
    const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
    const examples = [...readme.matchAll(/^```yaml\n(.*?)^```/gms)].map(([, text]) => text!);
    expect(examples).not.to.be.empty;
    for (const text of examples) {
      const loaded = readConfig(text, 'README', { stateDirectory: '/var/lib/postern' });
      expect((loaded.ok ? loaded.warnings : loaded.problems).map(formatProblem)).to.deep.equal([]);
    }
  });
});
