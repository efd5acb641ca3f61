import { expect } from 'chai';
import { flagsOfVersion } from '../../lib/milter/flags.ts';
import { negotiate } from '../../lib/milter/negotiation.ts';
import type { Wanted } from '../../lib/milter/negotiation.ts';
import { ProtocolError } from '../../lib/milter/protocol-error.ts';

const ALL = { actions: 0x1ff, protocol: 0x1fffff, macros: {} };

function terms(
  wanted: Partial<Wanted>,
  version: number,
  actions: number,
  protocol: number,
): readonly number[] {
  const agreed = negotiate({ ...ALL, ...wanted }, { version, actions, protocol });
  return [agreed.version, agreed.actions, agreed.protocol];
}

describe('Negotiation', () => {
  it('speaks the version of the older side', () => {
    for (const [theirs, agreed] of [
      [2, 2],
      [3, 3],
      [4, 4],
      [5, 5],
      [6, 6],
      [7, 6],
      [0xffffffff, 6],
    ])
      expect(negotiate(ALL, { version: theirs!, actions: 0, protocol: 0 }).version).to.equal(agreed);
  });

  it('refuses an MTA that is too old', () => {
    for (const version of [0, 1])
      expect(() => negotiate(ALL, { version, actions: 0x3f, protocol: 0x7f })).to.throw(
        ProtocolError,
        `protocol version ${version} is too old`,
      );
  });

  it('asks for nothing that was not offered', () => {
    expect(terms({}, 2, 0x1f, 0x7f)).to.deep.equal([2, 0x1f, 0x7f]);
    expect(terms({}, 6, 0, 0)).to.deep.equal([6, 0, 0]);
  });

  it('asks for nothing that is not wanted', () => {
    expect(terms({ actions: 0x1, protocol: 0x7170 }, 6, 0x1ff, 0x1fffff)).to.deep.equal([6, 0x1, 0x7170]);
  });

  it('goes by the bits and never by the version: Postfix offers all actions at version 2', () => {
    expect(terms({ actions: 0xc1, protocol: 0x7170 }, 2, 0x1ff, 0x7f)).to.deep.equal([2, 0xc1, 0x70]);
  });

  it('never waives DATA nor its answer', () => {
    const [, , protocol] = terms({ protocol: 0xffffffff }, 6, 0, 0x1fffff);
    expect(protocol! & 0x10200).to.equal(0);
  });

  it('chooses macros where that is offered', () => {
    const macros = {
      connect: ['j', '{client_ptr}', 'daemon_name'],
      rcpt: [],
      endOfMessage: ['i'],
      endOfHeaders: ['i'],
    };
    const agreed = negotiate(
      { actions: 1, protocol: 0, macros },
      { version: 6, actions: 0x1ff, protocol: 0 },
    );
    expect(agreed.actions).to.equal(0x101);
    expect(agreed.macros).to.deep.equal([
      { stage: 0, names: 'j {client_ptr} {daemon_name}' },
      { stage: 3, names: '' },
      { stage: 5, names: 'i' },
      { stage: 6, names: 'i' },
    ]);
  });

  it('chooses no macros where that is not offered', () => {
    const agreed = negotiate(
      { actions: 1, protocol: 0, macros: { connect: ['j'] } },
      { version: 6, actions: 0xff, protocol: 0 },
    );
    expect([agreed.actions, agreed.macros]).to.deep.equal([1, []]);
  });

  it('does not ask for the choice of macros without a choice to make', () => {
    expect(terms({}, 6, 0x1ff, 0)[1]).to.equal(0xff);
  });

  it('takes the larger of two frame sizes', () => {
    expect(terms({ protocol: 0x30000000 }, 6, 0, 0x30000000)[2]).to.equal(0x20000000);
    expect(terms({ protocol: 0x30000000 }, 6, 0, 0x10000000)[2]).to.equal(0x10000000);
  });
});

describe('The protocol flags of a version', () => {
  for (const [version, flags] of [
    [2, 0x7f],
    [3, 0x17f],
    [4, 0x37f],
    [5, 0x37f],
    [6, 0x1fffff],
  ] as const)
    it(`${version} are 0x${flags.toString(16)}`, () => expect(flagsOfVersion(version)).to.equal(flags));
});
