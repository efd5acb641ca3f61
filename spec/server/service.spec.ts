/** The limits of the running service: how many connections it takes, and how long it waits for the last ones. */

import { once } from 'node:events';
import { chmodSync, chownSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect } from 'chai';
import { createFilter, MtaSession } from '../../lib/milter/index.ts';
import type { Event } from '../../lib/observe/event.ts';
import { Service, type Serving } from '../../lib/server/service.ts';
import { HandClock } from '../support/hand-clock.ts';
import { eventually } from '../support/mta/eventually.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { without } from '../support/without.ts';

const FRAME_MS = 50;
const MINUTE_MS = 60_000;

describe('The service', () => {
  const folder = temporaryFolder();
  const events: Event[] = [];
  let service: Service;
  let clock: HandClock;

  const path = (): string => join(folder(), 's');

  beforeEach(async () => {
    events.length = 0;
    clock = new HandClock();
    service = new Service({
      sink: (event) => void events.push(event),
      maxConnections: 2,
      clock,
      systemdSockets: () => [],
    });
    await service.serve(serving());
  });

  function serving(): Serving {
    return {
      filter: createFilter({
        open: () => null,
        answer: { rcpt: () => 'continue', endOfMessage: () => 'continue' },
        frameMs: FRAME_MS,
      }),
      listen: [{ kind: 'unix', path: path(), written: `unix:${path()}` }],
      access: { mode: 0o600, owner: null },
    };
  }

  afterEach(() => service.drain(0));

  async function visitor(): Promise<Socket> {
    const socket = connect(path());
    await once(socket, 'connect');
    return socket;
  }

  /** A connection in the middle of a message. */
  async function busy(): Promise<MtaSession> {
    const mta = new MtaSession(await visitor());
    await mta.negotiate();
    await mta.send({ kind: 'connect', host: 'unknown', family: 'unknown', port: null, address: null });
    await mta.send({ kind: 'mail', sender: '<alice@example.net>', args: [] });
    await mta.send({ kind: 'rcpt', recipient: '<bob@example.org>', args: [] });
    return mta;
  }

  it('takes its socket back from an owner who is not named any more', async function () {
    if (process.getuid?.() !== 0) without(this, 'socket_owner', 'root');
    const { filter, listen } = serving();
    for (const [user, expected] of [
      ['nobody', [65_534, 1]],
      [null, [0, 0]],
    ] as const) {
      const owner = user === null ? null : { user, group: 'daemon' };
      await service.serve({ filter, listen, access: { mode: 0o660, owner } });
      const { uid, gid } = statSync(path());
      expect([uid, gid]).to.deep.equal(expected);
    }
    chownSync(folder(), 0, 1);
    chmodSync(folder(), 0o2755);
    await service.serve({ filter, listen, access: { mode: 0o660, owner: { user: 'nobody', group: null } } });
    await service.serve({ filter, listen, access: { mode: 0o660, owner: null } });
    expect(statSync(path())).to.include({ uid: 0, gid: 1 });
  });

  it('closes a connection beyond its limit at once, serves the others, and says so', async () => {
    const first = await busy();
    await busy();
    const third = await visitor();
    await once(third.resume(), 'close');
    expect(events.filter(({ kind }) => kind === 'too-many-connections')).to.deep.equal([
      { kind: 'too-many-connections', limit: 2, refused: 1 },
    ]);
    expect((await first.end()).answer.kind).to.equal('continue');
  });

  it('says of each flood of connections how many it has closed', async () => {
    const refused = (): number[] =>
      events.flatMap((event) => (event.kind === 'too-many-connections' ? [event.refused] : []));
    const flood = async (): Promise<void> => {
      for (let i = 0; i < 3; i++) await once((await visitor()).resume(), 'close');
    };
    await busy();
    await busy();
    await flood();
    clock.advance(MINUTE_MS);
    expect(refused()).to.deep.equal([1, 2, 3]);
    clock.advance(MINUTE_MS);
    await flood();
    expect(refused()).to.deep.equal([1, 2, 3, 1, 2]);
    await service.drain(0);
    expect(refused()).to.deep.equal([1, 2, 3, 1, 2, 3]);
  });

  it('closes one over which nothing ever came for another that needs its place, and no other', async () => {
    const first = await busy();
    const silent = once((await visitor()).resume(), 'close');
    await eventually('the silent one', () => service.connections === 2);
    await setTimeout(10 * FRAME_MS);
    const third = await busy();
    await silent;
    const fourth = await visitor();
    await once(fourth.resume(), 'close');
    expect(events.flatMap((event) => (event.kind === 'connection-fault' ? [event.why] : []))).to.deep.equal([
      'nothing came over it, and its place was needed: not from an MTA? So far 1 such connections',
    ]);
    for (const mta of [first, third]) expect((await mta.end()).answer.kind).to.equal('continue');
  });

  it('says of each lot of such connections how many there were', async () => {
    const told = (): string[] =>
      events.flatMap((event) =>
        event.kind === 'connection-fault' ? [/So far (\d+)/.exec(event.why)![1]!] : [],
      );
    /** Each says nothing; from the third on each takes the place of the one before the last. */
    const come = async (count: number): Promise<void> => {
      for (let i = 0; i < count; i++) {
        const silent = await visitor();
        silent.resume();
        await setTimeout(4 * FRAME_MS);
      }
    };
    await come(2 + 3);
    expect(told()).to.deep.equal(['1', '2']);
    clock.advance(MINUTE_MS);
    expect(told()).to.deep.equal(['1', '2', '3']);
    clock.advance(MINUTE_MS);
    await come(1);
    expect(told()).to.deep.equal(['1', '2', '3', '1']);
  });

  it('takes another when one has gone', async () => {
    const first = await busy();
    await busy();
    first.quit();
    while (service.connections > 1) await new Promise((resolve) => setImmediate(resolve));
    expect((await (await busy()).end()).answer.kind).to.equal('continue');
  });

  it('cuts a message that does not end in time, and says how many', async () => {
    await busy();
    expect(await service.drain(10)).to.equal(1);
  });

  it('waits for a message that does end, and cuts nothing', async () => {
    const mta = await busy();
    const drained = service.drain(60_000);
    expect((await mta.end()).answer.kind).to.equal('continue');
    expect(await drained).to.equal(0);
  });
});
