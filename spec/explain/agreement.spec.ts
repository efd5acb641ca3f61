/** What explain says of a dialogue is what the gate says: every line of every transcript, and every line of the log. */

import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect } from 'chai';
import { zoneResolver } from '../../lib/dns/zone-resolver.ts';
import { differences } from '../../lib/explain/compare.ts';
import { parseTranscript } from '../../lib/explain/transcript.ts';
import type { DecisionTrace } from '../../lib/explain/trace.ts';
import { openMemoryStore } from '../../lib/greylist/memory-store.ts';
import { lineOf } from '../../lib/observe/event-line.ts';
import { textOf } from '../../lib/observe/log.ts';
import { Dialogue } from '../support/dialogue.ts';
import { explainerOn } from './explainers.ts';

const TRANSCRIPTS = resolve(import.meta.dirname, '../transcripts');

/** Sessions are called otherwise, time passes, and what was asked ahead of SPF has perhaps come where no rule waited for it. */
const plain = (line: string): string => line.replace(/ (?:session|ms|spf|helo_spf)=\S+/g, '');

describe('explain agrees with the gate', () => {
  for (const file of readdirSync(TRANSCRIPTS).filter((name) => name.endsWith('.smtp'))) {
    const { title, config, zone, exchanges } = parseTranscript(readFileSync(join(TRANSCRIPTS, file), 'utf8'));

    it(`where ${title}`, async () => {
      let nowMs = 0;
      const heardLog: string[] = [];
      const dialogue = await Dialogue.open({
        config,
        store: openMemoryStore(),
        now: () => nowMs,
        resolver: zoneResolver(zone),
        sink: (event) => void heardLog.push(plain(textOf(lineOf(event)))),
      });
      const explainer = await explainerOn(file, config, zone);
      for (const exchange of exchanges) {
        const { line, command, says, atMs } = exchange;
        nowMs = atMs;
        heardLog.length = 0;
        const heard = await dialogue.says(command);
        const step = await explainer.play(says, atMs, line);
        const where = `${file}:${line}: ${command}`;
        expect({ reply: step.reply, headers: step.headers, changes: step.changes }, where).to.deep.equal(
          heard,
        );
        expect(step.log.map(plain), where).to.deep.equal(heardLog);
        expect(differences(step, exchange, false), where).to.deep.equal([]);
        for (const decision of step.decisions) expectWhole(decision, where);
      }
      heardLog.length = 0;
      await dialogue.goes();
      expect((await explainer.goes()).map(plain)).to.deep.equal(heardLog);
    });
  }
});

/** The rule that decided is among those told, and what comes behind it was not reached. */
function expectWhole(decision: DecisionTrace, where: string): void {
  const rules = decision.lists.flatMap((list) => list.rules);
  expect(decision.rule === null, where).to.equal(
    /^no rule objects$|^nothing is refused here/.test(decision.reason),
  );
  if (decision.rule !== null) {
    const { word } = decision.rule;
    expect(
      rules.some((rule) => rule.word === word && rule.outcome === 'held'),
      where,
    ).to.equal(true);
  }
  for (const { rules: list } of decision.lists) {
    const first = list.findIndex(({ outcome }) => outcome === 'not reached');
    if (first >= 0)
      expect(
        list.slice(first).every(({ outcome }) => outcome === 'not reached'),
        where,
      ).to.equal(true);
  }
}
