/** Plays every dialogue of this folder to the gate: what a sender sees. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { WORDS } from '../../lib/rules/policy-words.ts';
import { NodeResolver } from '../../lib/dns/node-resolver.ts';
import { openMemoryStore } from '../../lib/greylist/memory-store.ts';
import { differences } from '../../lib/explain/compare.ts';
import { parseTranscript, type Exchange } from '../../lib/explain/transcript.ts';
import type { Event } from '../../lib/observe/event.ts';
import { DnsServer } from '../support/dns/dns-server.ts';
import { Dialogue } from '../support/dialogue.ts';

const TRANSCRIPTS = readdirSync(import.meta.dirname)
  .filter((name) => name.endsWith('.smtp'))
  .map((file) => ({ file, ...parseTranscript(readFileSync(join(import.meta.dirname, file), 'utf8')) }));

describe('A sender', () => {
  let dns: DnsServer | null = null;
  afterEach(async () => {
    await dns?.close();
    dns = null;
  });

  for (const { file, title, config, zone, exchanges } of TRANSCRIPTS) {
    for (const version of [2, 3, 4, 5, 6])
      it(`${title} (milter version ${version})`, async () => {
        let nowMs = 0;
        const events: Event[] = [];
        if (zone.length > 0) dns = await DnsServer.start(zone);
        const dialogue = await Dialogue.open({
          config,
          store: openMemoryStore(),
          now: () => nowMs,
          sink: (event) => void events.push(event),
          offer: { version },
          ...(dns === null
            ? {}
            : { resolver: new NodeResolver({ servers: [dns.address], timeoutMs: 2000 }) }),
        });
        for (const exchange of version < 4 ? withoutData(exchanges) : exchanges) {
          const { line, command, atMs } = exchange;
          nowMs = atMs;
          const heard = await dialogue.says(command);
          const where = `${file}:${line}: ${command} → ${JSON.stringify(heard)}`;
          expect(differences(heard, exchange, false), where).to.deep.equal([]);
        }
        dialogue.close();
        const troubles = events.filter(({ kind }) => !['early', 'recipient', 'message'].includes(kind));
        expect(troubles, 'troubles in the log').to.deep.equal([]);
      });
  }
});

/** Before version 4 nobody hears of DATA: what it is answered is known at the end, when the header has come. */
function withoutData(exchanges: readonly Exchange[]): Exchange[] {
  const played = [...exchanges];
  for (let i = 1; i < played.length; i++) {
    if (played[i]!.says.kind === 'header' && played[i - 1]!.says.kind === 'data')
      [played[i - 1], played[i]] = [played[i]!, played[i - 1]!];
  }
  return played;
}

describe('The transcripts', () => {
  it('have every policy word in some policy', () => {
    const policies = TRANSCRIPTS.map(({ config }) => config.slice(config.indexOf('policy:'))).join('\n');
    const missing = Object.keys(WORDS).filter((word) => !new RegExp(`\\b${word}\\b`).test(policies));
    expect(missing).to.deep.equal([]);
  });
});
