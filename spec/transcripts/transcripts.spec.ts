/** Plays every dialogue of this folder to the gate: what a sender sees. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { openMemoryStore } from '../../lib/greylist/memory-store.ts';
import type { Event } from '../../lib/observe/event.ts';
import { Dialogue } from '../support/dialogue.ts';
import { parseTranscript } from '../support/transcript.ts';

describe('A sender', () => {
  for (const file of readdirSync(import.meta.dirname).filter((name) => name.endsWith('.smtp'))) {
    const { title, config, exchanges } = parseTranscript(
      readFileSync(join(import.meta.dirname, file), 'utf8'),
    );

    for (const version of [2, 3, 4, 6])
      it(`${title} (milter version ${version})`, async () => {
        let nowMs = 0;
        const events: Event[] = [];
        const dialogue = new Dialogue({
          config,
          store: openMemoryStore(),
          now: () => nowMs,
          sink: (event) => void events.push(event),
          offer: { version },
        });
        for (const { line, command, reply, headers, atMs } of exchanges) {
          nowMs = atMs;
          const heard = await dialogue.says(command);
          expect(heard.reply, `${file}:${line}: ${command}`).to.equal(reply);
          const fields = heard.headers.map((field) => field.replace(/; .*$/, ''));
          expect(fields, `${file}:${line}: ${command}`).to.deep.equal(headers);
        }
        dialogue.close();
        const troubles = events.filter(({ kind }) => kind !== 'recipient' && kind !== 'message');
        expect(troubles, 'troubles in the log').to.deep.equal([]);
      });
  }
});
