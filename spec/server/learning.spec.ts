/** What the gate learns while the disk hangs. */

import { EventEmitter, once } from 'node:events';
import { expect } from 'chai';
import { openMemoryStore } from '../../lib/greylist/memory-store.ts';
import type { Event } from '../../lib/observe/event.ts';
import { Scope } from '../../lib/policy/scope.ts';
import { Envelope, keep } from '../../lib/server/envelope.ts';
import { Learning } from '../../lib/server/learning.ts';
import { client, session } from '../checks/session.ts';
import { attempt, NOON, SECOND, TIMINGS } from '../greylist/attempts.ts';

const HOST = { kind: 'address', value: '192.0.2.10' } as const;

describe('Learning', () => {
  it('takes away what a listed host has earned, however many answers wait for a disk that hangs', async () => {
    const store = openMemoryStore();
    const one = { ...attempt(1), proof: { subjects: [HOST], ownsSender: false, mayCap: true } };
    const timings = { ...TIMINGS, allowAfter: 1 };
    await store.judge(one, NOON, timings);
    await store.judge(one, NOON + 61 * SECOND, timings);
    const told = new EventEmitter();
    const learning = new Learning({
      store: {
        learn: () => new Promise(() => {}),
        earned: (...asked) => store.earned(...asked),
        revoke: (...asked) => store.revoke(...asked),
      },
      answersMs: TIMINGS.lifetimeMs,
      mynetworks: () => false,
      ours: null,
      now: () => NOON + 62 * SECOND,
      sink: (event) => void told.emit('event', event),
    });
    for (let i = 0; i < 2000; i++) learning.taken(message(i));
    const lost = once(told, 'event') as Promise<[Event]>;
    learning.listed('client', session({ client: client({ address: HOST.value }) }), new Scope('rcpt'), null);
    expect((await lost)[0]).to.deep.include({ kind: 'standing-lost', subjects: [HOST] });
    await store.close();
  });
});

/** That a user of ours has sent. */
function message(i: number): NonNullable<Envelope['message']> {
  const envelope = new Envelope(`s${i}`);
  envelope.connect(client());
  envelope.mail({ path: '<bob@example.org>', taken: null, auth: 'bob', size: null });
  const to = envelope.recipient(`<friend${i}@example.net>`, null)!;
  const decision = { verdict: { action: 'continue' }, rule: null, reason: '' } as const;
  const told = { atRcpt: decision, stage: 'rcpt', queueId: null, ms: 0, told: false } as const;
  keep(to.message, { ...to, ...told, path: `<friend${i}@example.net>`, decision });
  return to.message;
}
