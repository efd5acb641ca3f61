import { duplexPair } from 'node:stream';
import { expect } from 'chai';
import { createFilter } from '../../lib/milter/filter.ts';
import type { FilterOptions } from '../../lib/milter/filter.ts';
import { MtaSession } from '../../lib/milter/mta-session.ts';
import { frame, frames, options } from './wire.ts';

function served(given: Partial<FilterOptions<null>>): MtaSession {
  const [near, far] = duplexPair();
  createFilter<null>({ open: () => null, ...given }).serve(far);
  return new MtaSession(near);
}

describe('The MTA side', () => {
  it('says byte for byte what an MTA says', async () => {
    const [near, far] = duplexPair();
    const mta = new MtaSession(near);
    const negotiated = mta.negotiate({ version: 4 });
    far.write(frame('O', options(4, 0, 0x4000)));
    await negotiated;
    expect(await mta.send({ kind: 'mail', sender: '<>', args: [] }, { i: 'Q1' })).to.equal(null);
    const rcpt = mta.send({ kind: 'rcpt', recipient: '<b>', args: ['A=B'] });
    far.write(frame('c'));
    expect(await rcpt).to.deep.equal({ kind: 'continue' });
    mta.quit();
    let said = '';
    for await (const chunk of far) said += Buffer.from(chunk).toString('latin1');
    expect(said).to.equal(
      frames(
        ['O', options(4, 0x1ff, 0x37f)],
        ['D', 'Mi\0Q1\0'],
        ['M', '<>\0'],
        ['R', '<b>\0A=B\0'],
        ['Q'],
      ).toString('latin1'),
    );
  });

  for (const version of [2, 3, 4, 5, 6])
    it(`goes through a message in version ${version}`, async () => {
      const mta = served({
        changes: ['insertHeader'],
        watch: { connect: () => undefined, mail: () => undefined },
        answer: {
          rcpt: (_, { recipient }) =>
            recipient === '<no>' ? { code: 550, status: '5.1.1', text: 'no' } : 'continue',
          endOfMessage: () => ({
            verdict: 'accept',
            changes: [{ kind: 'insertHeader', index: 0, name: 'X-A', value: 'b' }],
          }),
        },
      });
      const terms = await mta.negotiate({ version });
      expect(terms).to.deep.equal(mta.terms);
      expect(terms.version).to.equal(version);
      const silent = version === 6 ? null : { kind: 'continue' };
      expect(
        await mta.send({ kind: 'connect', host: 'h', family: 'ipv4', address: '192.0.2.1', port: 25 }),
      ).to.deep.equal(silent);
      expect(await mta.send({ kind: 'helo', name: 'h' })).to.equal(null);
      expect(await mta.send({ kind: 'mail', sender: '<>', args: [] })).to.deep.equal(silent);
      expect(await mta.send({ kind: 'rcpt', recipient: '<no>', args: [] })).to.deep.equal({
        kind: 'reply',
        text: '550 5.1.1 no',
      });
      expect(await mta.send({ kind: 'rcpt', recipient: '<b>', args: [] })).to.deep.equal({
        kind: 'continue',
      });
      if (version >= 4) expect(await mta.send({ kind: 'data' })).to.deep.equal({ kind: 'continue' });
      expect(await mta.send({ kind: 'header', name: 'a', value: 'b' })).to.equal(null);
      expect(await mta.end()).to.deep.equal({
        answer: { kind: 'accept' },
        changes: [{ kind: 'insertHeader', index: 0, name: 'X-A', value: 'b' }],
        progress: 0,
      });
      mta.quit();
    });

  it('counts how often the filter asks for patience', async () => {
    const mta = served({
      progressMs: 20,
      answer: { endOfMessage: ({ signal }) => new Promise(() => signal) },
      endOfMessageWithinMs: 150,
    });
    await mta.negotiate();
    const { answer, progress } = await mta.end();
    expect(answer).to.deep.equal({ kind: 'continue' });
    expect(progress).to.be.greaterThan(0);
  });

  it('fails for a filter that closes, or says what nobody asked for', async () => {
    for (const reply of [null, frame('Z'), frames(['c'], ['c']), Buffer.alloc(4)]) {
      const [near, far] = duplexPair();
      const mta = new MtaSession(near);
      far.on('error', () => undefined);
      const failed = mta.negotiate().then(
        () => null,
        (error: unknown) => error,
      );
      if (reply === null) far.end();
      else far.write(reply);
      expect(await failed).to.be.instanceOf(Error);
    }
  });
});
