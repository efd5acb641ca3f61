/** `kill -9` in the middle of load: whoever has read a 451 is remembered. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { readSqlite } from '../../lib/greylist/sqlite-reader.ts';
import { MtaSession } from '../../lib/milter/index.ts';
import { killedAfterwards } from '../support/killed-afterwards.ts';
import { RunningPostern } from '../support/program.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { rcpt } from '../support/visit.ts';

const KILLS = 20;
const CONNECTIONS = 16;
/** Enough 451s in each life that a transaction is under way when the signal comes. */
const ACKNOWLEDGED_BEFORE_KILL = 150;

describe('A service that is killed twenty times in the middle of load', function () {
  this.timeout(120_000);
  const folder = temporaryFolder();
  const killed = killedAfterwards();

  it('has lost no triplet whose 451 was sent', async () => {
    const config = join(folder(), 'postern.yaml');
    const store = join(folder(), 'p.db');
    writeFileSync(config, `listen: unix:${folder()}/s\nstore: sqlite:${store}\nlog: { format: json }\n`);
    const acknowledged = new Set<string>();
    let number = 0;
    for (let life = 0; life < KILLS; life++) {
      const service = killed(await RunningPostern.start(config));
      const until = acknowledged.size + ACKNOWLEDGED_BEFORE_KILL;
      const senders = Array.from({ length: CONNECTIONS }, async () => {
        const mta = new MtaSession(await service.connect());
        await mta.negotiate();
        await mta.send({ kind: 'connect', host: 'unknown', family: 'ipv4', port: 1, address: '192.0.2.10' });
        for (;;) {
          const recipient = `r${number++}@example.org`;
          await mta.send({ kind: 'mail', sender: '<alice@example.net>', args: [] });
          const heard = await rcpt(mta, `<${recipient}>`);
          mta.tell({ kind: 'abort' });
          expect(heard).to.match(/^451 4\.7\.1 Greylisted/);
          acknowledged.add(recipient);
          if (acknowledged.size >= until) service.kill('SIGKILL');
        }
      });
      const ends = await Promise.allSettled(senders);
      expect(await service.ended(), 'killed by the signal, not by itself').to.equal(null);
      for (const end of ends) {
        if (end.status === 'rejected') expect(String(end.reason)).to.match(/closed|ECONNRESET|EPIPE/);
      }
    }
    const reader = readSqlite(store);
    const stored = new Set<string>();
    for await (const { recipient } of reader.list({}, Date.now())) stored.add(recipient);
    reader.close();
    expect(acknowledged.size).to.be.at.least(KILLS * ACKNOWLEDGED_BEFORE_KILL);
    expect([...acknowledged].filter((recipient) => !stored.has(recipient))).to.deep.equal([]);
  });
});
