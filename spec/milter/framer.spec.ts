import { expect } from 'chai';
import { Framer } from '../../lib/milter/framer.ts';
import { ProtocolError } from '../../lib/milter/protocol-error.ts';
import { frames } from './wire.ts';

function taken(framer: Framer): string[] {
  const list: string[] = [];
  for (let frame = framer.next(); frame !== null; frame = framer.next()) list.push(frame.toString('latin1'));
  return list;
}

describe('The framer', () => {
  const stream = frames(['D', 'Cj\0mx\0'], ['C', 'h\0U'], ['T'], ['B', 'x'.repeat(300)], ['E']);
  const whole = ['DCj\0mx\0', 'Ch\0U', 'T', `B${'x'.repeat(300)}`, 'E'];

  it('finds the frames of one chunk', () => {
    const framer = new Framer();
    framer.push(stream);
    expect(taken(framer)).to.deep.equal(whole);
    expect(framer.halfReceived).to.equal(false);
  });

  it('finds the same frames wherever the stream is cut', () => {
    for (let cut = 0; cut <= stream.length; cut++) {
      const framer = new Framer();
      framer.push(stream.subarray(0, cut));
      const before = taken(framer);
      framer.push(stream.subarray(cut));
      expect([...before, ...taken(framer)], `cut at ${cut}`).to.deep.equal(whole);
    }
  });

  it('finds the same frames byte by byte', () => {
    const framer = new Framer();
    const list = [...stream].flatMap((byte) => {
      framer.push(Buffer.from([byte]));
      return taken(framer);
    });
    expect(list).to.deep.equal(whole);
  });

  it('takes a long frame byte by byte without copying it over and over, which would take minutes', () => {
    const framer = new Framer();
    framer.limit = 1_048_575;
    const long = frames(['B', 'x'.repeat(1_048_575)]);
    let found = 0;
    for (let at = 0; at < long.length; at++) {
      framer.push(long.subarray(at, at + 1));
      if (framer.next() !== null) found += 1;
    }
    expect(found).to.equal(1);
  });

  it('takes chunks ahead of their reading', () => {
    const framer = new Framer();
    for (let at = 0; at < stream.length; at += 7) framer.push(stream.subarray(at, at + 7));
    expect(taken(framer)).to.deep.equal(whole);
  });

  it('copies no frame that came whole', () => {
    const framer = new Framer();
    framer.push(stream);
    expect(framer.next()!.buffer).to.equal(stream.buffer);
  });

  it('says whether a frame is half received', () => {
    const framer = new Framer();
    framer.push(stream.subarray(0, 3));
    expect(framer.next()).to.equal(null);
    expect(framer.halfReceived).to.equal(true);
    framer.push(stream.subarray(3, 12));
    expect(framer.next()).not.to.equal(null);
    expect(framer.halfReceived).to.equal(false);
  });

  const wrong: readonly (readonly [
    title: string,
    length: readonly number[],
    limit: number,
    message: string,
  ])[] = [
    ['an empty frame', [0, 0, 0, 0], 65_535, 'empty frame'],
    ['a frame one byte too long', [0, 1, 0, 1], 65_535, 'frame of 65537 bytes, at most 65536 allowed'],
    ['a frame of 4 GB', [255, 255, 255, 255], 65_535, 'frame of 4294967295 bytes, at most 65536 allowed'],
    [
      'a frame longer than the negotiated 256K',
      [0, 4, 0, 1],
      262_143,
      'frame of 262145 bytes, at most 262144 allowed',
    ],
  ];
  for (const [title, length, limit, message] of wrong)
    it(`refuses ${title} before any more of it has come`, () => {
      for (const pieces of [[length], length.map((byte) => [byte])]) {
        const framer = new Framer();
        framer.limit = limit;
        expect(() => {
          for (const piece of pieces) {
            framer.push(Buffer.from(piece));
            framer.next();
          }
        }).to.throw(ProtocolError, message);
      }
    });

  it('takes the longest frame of each limit', () => {
    for (const limit of [65_535, 262_143, 1_048_575]) {
      const framer = new Framer();
      framer.limit = limit;
      framer.push(frames(['B', 'x'.repeat(limit)]));
      expect(framer.next()!.length).to.equal(limit + 1);
    }
  });

  it('sets aside no memory for what a length only promises', () => {
    const framer = new Framer();
    framer.limit = 1_048_575;
    const before = process.memoryUsage().arrayBuffers;
    for (let i = 0; i < 100; i++) {
      const other = new Framer();
      other.limit = 1_048_575;
      other.push(Buffer.from([0, 15, 255, 255, 66]));
      other.next();
    }
    expect(process.memoryUsage().arrayBuffers - before).to.be.lessThan(1_000_000);
  });
});
