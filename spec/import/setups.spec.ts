/**
 * Five setups as they are found: each is imported without an unexplained line, and what comes out lets in and refuses as
 * Postfix does with those lines. Beside each main.cf: the postern.yaml.txt that comes of it
 * (WRITE_SETUPS=1 writes it anew), and the dialogues.
 */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { readConfig } from '../../lib/config/read-config.ts';
import { readMainCf } from '../../lib/import/main-cf.ts';
import { Parameters } from '../../lib/import/parameters.ts';
import { MAIN_CF_LISTS, restrictionsOf } from '../../lib/import/restriction-list.ts';
import { answersDialogues, expectBeside } from './beside-setup.ts';
import { importSetup, SETUPS } from './import-setup.ts';

for (const name of readdirSync(SETUPS)) {
  const folder = join(SETUPS, name);
  const imported = importSetup(name);

  describe(`The setup ${name}`, () => {
    it('becomes the postern.yaml.txt beside it', () => {
      expectBeside(folder, imported);
    });

    it('has each restriction explained, by the line that it stands on', () => {
      const mainCf = readMainCf(readFileSync(join(folder, 'main.cf'), 'utf8'));
      const parameters = new Parameters(mainCf, '/etc/postfix');
      const lines = MAIN_CF_LISTS.filter((list) => list !== 'relay').flatMap((list) =>
        restrictionsOf(list, parameters).restrictions.map(({ line }) => line),
      );
      expect(lines).not.to.be.empty;
      for (const line of new Set(lines)) expect(imported).to.match(new RegExp(`\\bline ${line}\\b`));
    });

    it('is a configuration that Postern takes', () => {
      const loaded = readConfig(imported, 'postern.yaml', { stateDirectory: '/nonexistent' });
      const problems = loaded.ok ? [] : loaded.problems.filter(({ severity }) => severity === 'error');
      expect(problems).to.deep.equal([]);
    });

    answersDialogues(
      folder,
      imported
        .replace(/^observe: true$/m, '')
        .replaceAll('/etc/postfix/', (path, at: number) => inFolder(folder, path, imported, at)),
    );
  });
}

/** The tables of the setup lie beside it here. */
function inFolder(folder: string, path: string, text: string, at: number): string {
  const name = /^[\w.-]*/.exec(text.slice(at + path.length))?.[0] ?? '';
  return existsSync(join(folder, name)) ? `${folder}/` : path;
}
