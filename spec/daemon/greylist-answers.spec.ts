/** What the service answers to those who ask about its greylist: nothing on the socket is believed. */

import { expect } from 'chai';
import { readConfig } from '../../lib/config/read-config.ts';
import { NoAnswer } from '../../lib/control/questions.ts';
import { greylistAnswers } from '../../lib/daemon/greylist-answers.ts';
import { openMemoryStore } from '../../lib/greylist/memory-store.ts';
import type { Store } from '../../lib/greylist/store.ts';
import type { Event } from '../../lib/observe/event.ts';
import { attempt, NOON, TIMINGS } from '../greylist/attempts.ts';
import { collected, rejection } from '../greylist/scratch.ts';

describe('Who asks the service about its greylist', () => {
  let store: Store;
  const events: Event[] = [];
  beforeEach(() => {
    store = openMemoryStore();
    events.length = 0;
  });
  afterEach(() => store.close());

  function asked(): ReturnType<typeof greylistAnswers> {
    const loaded = readConfig('', 'postern.yaml', { stateDirectory: '/nonexistent' });
    if (!loaded.ok) throw new Error('the empty config is wrong');
    const { config } = loaded;
    return greylistAnswers({
      store,
      config: () => config,
      sink: (event) => void events.push(event),
      now: () => NOON,
    });
  }

  it('can allow nobody until a time that is over', async () => {
    for (const untilMs of [NOON, NOON - 1, 0, -1]) {
      const order = { do: 'allow', whom: '192.0.2.10', untilMs };
      const carried = await asked().greylist({ order });
      expect(carried).to.include({ kind: 'refused' });
      expect(carried)
        .to.have.property('why')
        .that.matches(/^192\.0\.2\.10: until .*Z is over \(it is 2026-11-21T12:00:00\.000Z here\)/);
    }
    expect(await collected(store.standings(NOON - 1))).to.deep.equal([]);
    expect(events).to.deep.equal([]);
    const order = { do: 'allow', whom: '192.0.2.10', untilMs: NOON + 1 };
    expect(await asked().greylist({ order })).to.include({ kind: 'done', count: 1 });
  });

  it('is told that it is none where he names no time, instead of figures of another', async () => {
    await store.judge(attempt(1), NOON, TIMINGS);
    for (const sinceMs of ['yesterday', 1e300, null, {}, NOON + 0.5]) {
      const why = await rejection(Promise.resolve(asked()['greylist-figures']({ sinceMs })));
      expect(why)
        .to.be.instanceOf(NoAnswer)
        .with.property('message')
        .that.matches(/^sinceMs is no time/);
    }
    const all = await asked()['greylist-figures']({});
    expect(all.figures.triplets).to.equal(1);
    const later = await asked()['greylist-figures']({ sinceMs: NOON + 1 });
    expect(later.figures.triplets).to.equal(0);
  });

  it('is told so where he wants rows that nobody knows, instead of that there are none', async () => {
    for (const rows of [undefined, {}, { of: 'triplets', wanted: { only: 'these' } }]) {
      const why = await rejection(Promise.resolve(asked()['greylist-rows']({ rows })));
      expect(why).to.be.instanceOf(NoAnswer).with.property('message').that.contains('another version');
    }
  });
});
