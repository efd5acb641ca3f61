/**
 * Five setups as they are found: each is imported without an unexplained line, and what comes out lets in and refuses as
 * Postfix does with those lines. Beside each main.cf: the postern.yaml.txt that comes of it
 * (WRITE_SETUPS=1 writes it anew), and the dialogues.
 */

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { NodeResolver } from '../../lib/dns/node-resolver.ts';
import { openMemoryStore } from '../../lib/greylist/memory-store.ts';
import { readConfig } from '../../lib/config/read-config.ts';
import { readMainCf } from '../../lib/import/main-cf.ts';
import { Parameters } from '../../lib/import/parameters.ts';
import { MAIN_CF_LISTS, restrictionsOf } from '../../lib/import/restriction-list.ts';
import { Dialogue } from '../support/dialogue.ts';
import { DnsServer } from '../support/dns/dns-server.ts';
import { parseTranscript } from '../../lib/explain/transcript.ts';
import { importSetup, SETUPS } from './import-setup.ts';

for (const name of readdirSync(SETUPS)) {
  const folder = join(SETUPS, name);
  const imported = importSetup(name);

  describe(`The setup ${name}`, () => {
    it('becomes the postern.yaml.txt beside it', () => {
      if (process.env['WRITE_SETUPS'] !== undefined)
        writeFileSync(join(folder, 'postern.yaml.txt'), imported);
      expect(imported).to.equal(readFileSync(join(folder, 'postern.yaml.txt'), 'utf8'));
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

    for (const file of readdirSync(folder).filter((each) => each.endsWith('.smtp')))
      it(parseTranscript(readFileSync(join(folder, file), 'utf8')).title ?? file, async () => {
        const { config, zone, exchanges } = parseTranscript(readFileSync(join(folder, file), 'utf8'));
        expect(config, 'the configuration is what was imported').to.equal('');
        const policy = imported
          .replace(/^observe: true$/m, '')
          .replaceAll('/etc/postfix/', (path, at: number) => inFolder(folder, path, imported, at));
        const dns = await DnsServer.start(zone);
        try {
          let nowMs = 0;
          const dialogue = await Dialogue.open({
            config: policy,
            store: openMemoryStore(),
            now: () => nowMs,
            sink: () => {},
            resolver: new NodeResolver({ servers: [dns.address], timeoutMs: 2000 }),
          });
          for (const { line, command, reply, atMs } of exchanges) {
            nowMs = atMs;
            const heard = await dialogue.says(command);
            expect(heard.reply, `${file}:${line}: ${command}`).to.equal(reply);
          }
          dialogue.close();
        } finally {
          await dns.close();
        }
      });
  });
}

/** The tables of the setup lie beside it here. */
function inFolder(folder: string, path: string, text: string, at: number): string {
  const name = /^[\w.-]*/.exec(text.slice(at + path.length))?.[0] ?? '';
  return existsSync(join(folder, name)) ? `${folder}/` : path;
}
