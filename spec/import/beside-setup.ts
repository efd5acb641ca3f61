/** Owns what lies beside a setup of specs: the postern.yaml.txt that comes of it, and the dialogues that this answers. */

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { NodeResolver } from '../../lib/dns/node-resolver.ts';
import { parseTranscript } from '../../lib/explain/transcript.ts';
import { openMemoryStore } from '../../lib/greylist/memory-store.ts';
import { Dialogue } from '../support/dialogue.ts';
import { DnsServer } from '../support/dns/dns-server.ts';

/** WRITE_SETUPS=1 writes it anew. */
export function expectBeside(folder: string, yaml: string): void {
  const file = join(folder, 'postern.yaml.txt');
  if (process.env['WRITE_SETUPS'] !== undefined) writeFileSync(file, yaml);
  expect(yaml).to.equal(readFileSync(file, 'utf8'));
}

/** Call inside a `describe`: a test for each dialogue, which `config` has to answer as it stands there. */
export function answersDialogues(folder: string, config: string): void {
  for (const file of readdirSync(folder).filter((each) => each.endsWith('.smtp'))) {
    const transcript = parseTranscript(readFileSync(join(folder, file), 'utf8'));
    it(transcript.title ?? file, async () => {
      expect(transcript.config, 'the configuration is what was imported').to.equal('');
      const dns = await DnsServer.start(transcript.zone);
      try {
        let nowMs = 0;
        const dialogue = await Dialogue.open({
          config,
          store: openMemoryStore(),
          now: () => nowMs,
          sink: () => {},
          resolver: new NodeResolver({ servers: [dns.address], timeoutMs: 2000 }),
        });
        for (const { line, command, reply, atMs } of transcript.exchanges) {
          nowMs = atMs;
          const heard = await dialogue.says(command);
          expect(heard.reply, `${file}:${line}: ${command}`).to.equal(reply);
        }
        dialogue.close();
      } finally {
        await dns.close();
      }
    });
  }
}
