/** How a transcript is read: what each line means, and what is said of one that means nothing. */

import { expect } from 'chai';
import fc from 'fast-check';
import { clockOf } from '../../lib/explain/clock.ts';
import { formatSmtpCommand, parseSmtpCommand } from '../../lib/explain/smtp-command.ts';
import { parseTranscript } from '../../lib/explain/transcript.ts';
import { zoneResolver } from '../../lib/dns/zone-resolver.ts';

const DAY = Date.parse('2026-11-21T00:00:00Z');
const CLOCK = { dayMs: DAY, startMs: DAY + 5000 };

describe('parseTranscript', () => {
  it('reads every kind of line, and remembers where it stood', () => {
    const transcript = parseTranscript(
      [
        '# What a sender sees.',
        'given policy:',
        '#  a comment',
        'given   - greylist',
        '',
        'given zone example.net. A 192.0.2.1',
        'C: CONNECT 192.0.2.10 mx.example.net forged',
        'at day 2 12:30:00',
        'C: MAIL FROM:<alice@example.net> SIZE=10',
        'C: RCPT TO:<bob@example.org>\r',
        'S: 451 4.7.1 later',
        'C: DATA',
        'C: .',
        'H: X-A: b',
        'H: X-C: d',
      ].join('\n'),
      CLOCK,
    );
    expect(transcript).to.deep.include({
      title: 'What a sender sees.',
      config: 'policy:\n  - greylist',
      configLines: [2, 4],
      zone: ['example.net. A 192.0.2.1'],
      zoneLines: [6],
    });
    const [connect, mail, rcpt, , end] = transcript.exchanges;
    expect(connect).to.deep.include({
      line: 7,
      says: { kind: 'connect', address: '192.0.2.10', name: 'mx.example.net', resolve: 'forged' },
      atMs: CLOCK.startMs,
      reply: null,
    });
    expect(mail?.says).to.deep.equal({ kind: 'mail', sender: '<alice@example.net>', args: ['SIZE=10'] });
    expect(mail?.atMs).to.equal(Date.parse('2026-11-22T12:30:00Z'));
    expect(rcpt).to.include({ reply: '451 4.7.1 later' });
    expect(end).to.deep.include({ headers: ['X-A: b', 'X-C: d'], says: { kind: 'end' } });
  });

  it('needs no title, and can be empty', () => {
    expect(parseTranscript('', CLOCK)).to.deep.include({ title: null, exchanges: [] });
  });

  const wrong: readonly [string, RegExp][] = [
    ['hello', /^line 1: neither #, given, at, C:, S: nor H:, but hello$/],
    ['# a\nS: 451 first', /^line 2: neither/],
    ['C: HELO mx.example.net', /^line 1: a session begins with CONNECT$/],
    ['C: CONNECT 192.0.2.1', /^line 1: write CONNECT address name/],
    ['C: CONNECT 192.0.2.1 x maybe', /^line 1: write CONNECT .*fail, forged, temp$/],
    ['C: CONNECT 192.0.2.1 x\nC: RCPT TO:<b@c>', /^line 2: before RCPT comes MAIL$/],
    ['C: CONNECT 192.0.2.1 x\nC: MAIL FROM:<>\nC: .', /^line 3: before the dot comes DATA$/],
    ['C: CONNECT 192.0.2.1 x\nC: MAIL FROM:<>\nC: DATA\nC: RCPT TO:<b@c>', /^line 4: before RCPT/],
    ['C: CONNECT 192.0.2.1 x\nC: MAIL FROM:alice', /^line 2: an address stands in angle brackets/],
    ['C: CONNECT 192.0.2.1 x\nC: QUIT\nC: RSET', /^line 3: a session begins/],
    ['C: NOOP', /^line 1: no such command/],
    ['C: AUTH', /^line 1: write AUTH and the login$/],
    ['C: HELO', /^line 1: write HELO and a name$/],
    ['at 25:00:00', /^line 1: not a time/],
    ['at noon', /^line 1: not a time: write 12:00:00/],
    ['\u001b[2J\u202e', /^line 1: .*but \?\[2J\?$/],
  ];
  for (const [text, message] of wrong)
    it(`says of ${JSON.stringify(text)} what is wrong`, () => {
      expect(() => parseTranscript(text, CLOCK))
        .to.throw(SyntaxError)
        .with.property('message')
        .match(message);
    });

  it('returns for any text, or throws SyntaxError', () => {
    const word = fc.constantFrom(
      'C:',
      'S:',
      'H:',
      '#',
      'given',
      'given zone',
      'at',
      'at day',
      'CONNECT',
      'SUBMIT',
      'HELO',
      'MAIL FROM:<a@b>',
      'RCPT TO:<b@c>',
      'DATA',
      '.',
      'QUIT',
      'RSET',
      'AUTH',
      'STARTTLS',
      '192.0.2.1',
      '12:00:00',
      'SIZE=1',
      'A',
      '\0',
    );
    const line = fc.array(fc.oneof({ weight: 4, arbitrary: word }, fc.string({ unit: 'binary' })), {
      maxLength: 5,
    });
    const text = fc
      .array(line, { maxLength: 12 })
      .map((lines) => lines.map((parts) => parts.join(' ')).join('\n'));
    fc.assert(
      fc.property(text, (written) => {
        try {
          const { exchanges, zone } = parseTranscript(written, CLOCK);
          // What was read can be written, and is the same.
          for (const { says } of exchanges)
            expect(parseSmtpCommand(formatSmtpCommand(says))).to.deep.equal(says);
          zoneResolver(zone);
        } catch (error) {
          if (!(error instanceof SyntaxError)) throw error;
          expect(error.message).not.to.match(/[\u0000-\u001f]/);
        }
      }),
      { numRuns: 3000 },
    );
  });
});

describe('clockOf', () => {
  const cases: readonly [string, string][] = [
    ['12:00:00', '2026-11-21T12:00:00.000Z'],
    ['09:05', '2026-11-21T09:05:00.000Z'],
    ['day 3 00:00:01', '2026-11-23T00:00:01.000Z'],
    ['2026-12-24T18:00:00Z', '2026-12-24T18:00:00.000Z'],
    ['2026-12-24 18:00+01:00', '2026-12-24T17:00:00.000Z'],
  ];
  for (const [text, iso] of cases)
    it(`${text} is ${iso}`, () => expect(new Date(clockOf(text, DAY)).toISOString()).to.equal(iso));

  for (const text of ['', '24:00', '12:60', 'tomorrow', '2026-13-01T00:00', 'day 0x1 12:00', '12:00:00 '])
    it(`"${text}" is no time`, () => expect(() => clockOf(text, DAY)).to.throw(SyntaxError));
});
