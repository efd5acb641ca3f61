/** Messages with more recipients than any MTA lets through: who may be refused for that, and how they are asked about. */

import { expect } from 'chai';
import { decide } from '../../lib/policy/driver.ts';
import { openMemoryStore } from '../../lib/greylist/memory-store.ts';
import type { Store } from '../../lib/greylist/store.ts';
import { Dialogue } from '../support/dialogue.ts';

const NETWORKS = 'mynetworks: [192.0.2.0/24]\n';

async function dialogue(config: string, store: Pick<Store, 'judge'> = openMemoryStore()): Promise<Dialogue> {
  return Dialogue.open({ config, store, now: () => 0, sink: () => {} });
}

async function repliesToMany(
  smtp: Dialogue,
  sender: string,
  recipients: number,
): Promise<Set<string | null>> {
  await smtp.says('HELO mx.example.net');
  await smtp.says(`MAIL FROM:<${sender}>`);
  const replies = new Set<string | null>();
  for (let n = 0; n < recipients; n++) replies.add((await smtp.says(`RCPT TO:<u${n}@example.org>`)).reply);
  smtp.close();
  return replies;
}

describe('A message with more recipients than can be remembered', function () {
  this.timeout(20_000);

  for (const [title, config, connect, sender] of [
    ['of our own network', NETWORKS, 'CONNECT 192.0.2.10 host.example.org', 'alice@example.org'],
    ['that was submitted here', '', 'SUBMIT localhost 127.0.0.1', ''],
    ['that is only observed', 'observe: true', 'CONNECT 198.51.100.7 mx.example.net', ''],
  ] as const) {
    it(`${title} is let in all the same`, async () => {
      const smtp = await dialogue(config);
      await smtp.says(connect);
      expect([...(await repliesToMany(smtp, sender, 10_050))]).to.deep.equal([null]);
    });
  }

  it('of a callout sender is cut there: he would escape the greylist', async () => {
    const smtp = await dialogue('');
    await smtp.says('CONNECT 198.51.100.7 mx.example.net');
    expect([...(await repliesToMany(smtp, '', 10_050))]).to.deep.equal([
      null,
      '452 4.5.3 Too many recipients',
    ]);
  });
});

describe('A bounce to many recipients', () => {
  it('asks the greylist about a hundred of them at a time', async () => {
    const memory = openMemoryStore();
    let now = 0;
    let most = 0;
    let asked = 0;
    const store: Pick<Store, 'judge'> = {
      judge: async (...attempt) => {
        asked += 1;
        most = Math.max(most, (now += 1));
        await new Promise((resolve) => setImmediate(resolve));
        now -= 1;
        return memory.judge(...attempt);
      },
    };
    const smtp = await dialogue('greylist: { origin: network }', store);
    await smtp.says('CONNECT 198.51.100.7 mx.example.net');
    await smtp.says('HELO mx.example.net');
    await smtp.says('MAIL FROM:<>');
    for (let n = 0; n < 350; n++) await smtp.says(`RCPT TO:<u${n}@example.org>`);
    expect((await smtp.says('DATA')).reply).to.equal('451 4.7.1 Greylisted, please try again in 60 seconds');
    expect([asked, most]).to.deep.equal([350, 100]);
    smtp.close();
  });
});

describe('The time for one answer about many recipients', () => {
  const RELAY = 'trusted_relays: [192.0.2.25]\npolicy: [greylist]\n';
  const RECEIVED =
    'HEADER Received: from mx.example.net (mx.example.net [198.51.100.7]) by relay.example.org (Postfix) with ESMTP id 4b';

  for (const [title, config, client, sender, message] of [
    ['at DATA', '', '198.51.100.7 mx.example.net', '', ['DATA']],
    [
      'at the end of what a relay hands on',
      RELAY,
      '192.0.2.25 relay.example.org',
      'alice@example.net',
      ['DATA', RECEIVED, '.'],
    ],
  ] as const)
    it(`is one for all of them, ${title}`, async () => {
      const deadlines: number[] = [];
      let isAsking = false;
      const smtp = await Dialogue.open({
        ...{ config, store: openMemoryStore(), now: () => 0, sink: () => {} },
        decide: async (lists, session, scope, driving) => {
          if (!isAsking) return decide(lists, session, scope, driving);
          deadlines.push(driving.deadlineMs);
          await new Promise((resolve) => setTimeout(resolve, 20));
          return decide(lists, session, scope, driving);
        },
      });
      for (const line of [`CONNECT ${client}`, 'HELO mx.example.net', `MAIL FROM:<${sender}>`])
        await smtp.says(line);
      for (let n = 0; n < 250; n++) await smtp.says(`RCPT TO:<u${n}@example.org>`);
      for (const line of message) {
        isAsking = line === message.at(-1);
        await smtp.says(line);
      }
      smtp.close();
      // At the end of a message the result headers are asked for too.
      expect(deadlines.length).to.be.within(250, 251);
      expect(Math.max(...deadlines.slice(-50))).to.be.below(Math.min(...deadlines.slice(0, 100)) - 20);
    });
});

describe('A message to very many recipients, of whom most are discarded', function () {
  this.timeout(20_000);

  it('is not dropped for the one who is not', async () => {
    const smtp = await dialogue('policy: "check_recipient_access inline:{ {trap.example=DISCARD} }"');
    await smtp.says('CONNECT 198.51.100.7 mx.example.net');
    await smtp.says('HELO mx.example.net');
    await smtp.says('MAIL FROM:<alice@example.net>');
    const name = 'x'.repeat(1000);
    for (let n = 0; n < 990; n++) await smtp.says(`RCPT TO:<${name}${n}@trap.example>`);
    expect((await smtp.says('RCPT TO:<bob@example.org>')).reply).to.equal(null);
    await smtp.says('DATA');
    expect((await smtp.says('.')).reply).to.equal(null);
    smtp.close();
  });
});
