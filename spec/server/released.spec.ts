import { expect } from 'chai';
import { openMemoryStore } from '../../lib/greylist/memory-store.ts';
import type { Event } from '../../lib/observe/event.ts';
import { Dialogue } from '../support/dialogue.ts';

const NOON = Date.UTC(2026, 10, 21, 12);
const DAY_MS = 86_400_000;

describe('Mail that an administrator has released', () => {
  it('says when it comes how long it was kept waiting, in the log and in its header, and not again', async () => {
    let nowMs = NOON;
    const store = openMemoryStore();
    const events: Event[] = [];
    const smtp = await Dialogue.open({
      config: 'greylist: { delay: 5m }',
      store,
      now: () => nowMs,
      sink: (event) => void events.push(event),
    });
    const delivers = async (): Promise<readonly string[]> => {
      for (const line of ['RSET', 'MAIL FROM:<alice@example.net>', 'RCPT TO:<bob@example.org>', 'DATA'])
        await smtp.says(line);
      return (await smtp.says('.')).headers;
    };
    await smtp.says('CONNECT 192.0.2.10 mx.example.net');
    await delivers();
    await store.release({ sender: 'alice@' }, NOON + 20_000, DAY_MS);
    nowMs = NOON + 58_000;
    expect((await delivers()).at(-1)).to.match(
      /^X-Greylist: delayed 58 seconds by postern at mx\.example\.org/,
    );
    expect((await delivers()).join('\n')).not.to.contain('X-Greylist');
    const reasons = events.flatMap((event) => (event.kind === 'recipient' ? [event.decision.reason] : []));
    expect(reasons).to.deep.equal(['new', 'released after 58 s', 'known']);
    const delays = events.flatMap((event) => (event.kind === 'message' ? [event.delayedSeconds] : []));
    expect(delays.filter((delay) => delay !== null)).to.deep.equal([58]);
    smtp.close();
  });
});
