/** How a transcript is read: what each line means, and what is said of one that means nothing. */

import { expect } from 'chai';
import fc from 'fast-check';
import { clockOf } from '../../lib/explain/clock.ts';
import { formatSmtpCommand, parseSmtpCommand } from '../../lib/explain/smtp-command.ts';
import { textOfReport } from '../../lib/explain/text.ts';
import type { Step } from '../../lib/explain/trace.ts';
import { parseTranscript, type Exchange } from '../../lib/explain/transcript.ts';
import { zoneResolver } from '../../lib/dns/zone-resolver.ts';
import { explainerOn } from './explainers.ts';

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

  it('takes the line ends of Unicode for characters like others: SMTPUTF8 lets them into addresses', () => {
    const transcript = parseTranscript(
      'C: CONNECT 192.0.2.1 x\nC: MAIL FROM:<a\u2028b@example.net>\nC: RCPT TO:<b@c>\nC: DATA\nC: HEADER X-A: b\u2029c\nC: .',
      CLOCK,
    );
    const said = transcript.exchanges.map(({ says }) => says);
    expect(said[1]).to.include({ sender: '<a\u2028b@example.net>' });
    expect(said[4]).to.include({ name: 'X-A', value: 'b\u2029c' });
  });

  it('needs no title, and can be empty', () => {
    expect(parseTranscript('', CLOCK)).to.deep.include({ title: null, exchanges: [] });
  });

  const MESSAGE = 'C: CONNECT 192.0.2.1 x\nC: MAIL FROM:<>\nC: RCPT TO:<b@c>';

  it('takes a message that is given up, one that begins without RSET, and a DATA that is refused', () => {
    const givenUp = `${MESSAGE}\nC: DATA\nC: HEADER X-A: b\nC: RSET`;
    const another = 'C: MAIL FROM:<>\nC: MAIL FROM:<>\nC: RCPT TO:<b@c>';
    const refused = 'C: RCPT TO:<d@c>\nS: 550 no\nC: DATA\nS: 451 later\nC: MAIL FROM:<>';
    expect(parseTranscript([givenUp, another, refused].join('\n'), CLOCK).exchanges).to.have.length(12);
  });

  const wrong: readonly [string, RegExp][] = [
    ['hello', /^line 1: neither #, given, at, C:, S: nor H:, but hello$/],
    ['# a\nS: 451 first', /^line 2: neither/],
    ['C: HELO mx.example.net', /^line 1: a session begins with CONNECT$/],
    ['C: CONNECT 192.0.2.1', /^line 1: write CONNECT address name/],
    ['C: CONNECT 192.0.2.1 x maybe', /^line 1: write CONNECT .*fail, forged, temp$/],
    ['C: CONNECT 192.0.2.1 x\nC: RCPT TO:<b@c>', /^line 2: before RCPT comes MAIL$/],
    ['C: CONNECT 192.0.2.1 x\nC: MAIL FROM:<>\nC: .', /^line 3: before the dot comes DATA$/],
    [`${MESSAGE}\nC: DATA\nC: RCPT TO:<b@c>`, /^line 5: after DATA come HEADER lines and the dot/],
    [`${MESSAGE}\nC: DATA\nC: HELO x`, /^line 5: after DATA come .*write C: \. before it$/],
    [`${MESSAGE}\nC: DATA\nC: MAIL FROM:<>`, /^line 5: after DATA come/],
    ['C: CONNECT 192.0.2.1 x\nC: MAIL FROM:<>\nC: DATA', /^line 3: before DATA comes RCPT$/],
    [`${MESSAGE}\nC: MAIL FROM:<>\nC: DATA`, /^line 5: before DATA comes RCPT$/],
    [`${MESSAGE}\nC: DATA\nS: 451 no\nC: .`, /^line 6: before the dot comes DATA$/],
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

  it('takes no line longer than any MTA would', () => {
    const text = `C: CONNECT 192.0.2.1 x\nC: HELO ${'x'.repeat(5000)}`;
    expect(() => parseTranscript(text, CLOCK)).to.throw(SyntaxError, 'line 2: longer than any line of SMTP');
  });
});

const CLIENT = [
  'CONNECT 192.0.2.10 mx.example.net',
  'CONNECT nowhere unknown temp',
  'CONNECT 2001:db8::1 unknown fail',
  'SUBMIT localhost 127.0.0.1',
  'STARTTLS',
  'HELO mx.example.net',
  'HELO',
  'AUTH alice',
  'MAIL FROM:<>',
  'MAIL FROM:<alice@example.net> SIZE=1',
  'RCPT TO:<bob@example.org>',
  'RCPT TO:<trap@example.org>',
  'RCPT TO:<>',
  'DATA',
  '.',
  'QUIT',
  'RSET',
].map((line) => `C: ${line}`);
const OTHER = [
  'C:',
  'S: 451',
  'H: X-A: b',
  '#',
  'given x: y',
  'given zone a. A 192.0.2.1',
  'given zone',
  'at 12:00:00',
  'at',
];

const word = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.constantFrom('\0', '<', '>', '@', 'CONNECT', 'MAIL FROM:<', '%'),
);
const line = fc.oneof(
  { weight: 20, arbitrary: fc.constantFrom(...CLIENT) },
  {
    weight: 2,
    arbitrary: fc.tuple(fc.constantFrom(...CLIENT, ...OTHER), word).map((parts) => parts.join(' ')),
  },
  { weight: 1, arbitrary: word },
);

describe('any text', () => {
  it('is a transcript, or a SyntaxError', () => {
    fc.assert(
      fc.property(fc.array(line, { maxLength: 8 }), (lines) => {
        try {
          const { exchanges, zone } = parseTranscript(lines.join('\n'), CLOCK);
          // What was read can be written, and is the same.
          for (const { says } of exchanges)
            expect(parseSmtpCommand(formatSmtpCommand(says))).to.deep.equal(says);
          zoneResolver(zone);
        } catch (error) {
          if (!(error instanceof SyntaxError)) throw error;
          expect(error.message).not.to.match(/\p{Cc}/u);
        }
      }),
      { numRuns: 5000 },
    );
  });

  it('can be explained if it is one, in lines that no terminal obeys', async () => {
    const policy = [
      'policy:',
      '  sender: [reject_non_fqdn_helo_hostname, { when: { recipient: trap@example.org }, then: discard }]',
      '  recipient: [reject_unknown_sender_domain, reject_multi_recipient_bounce, greylist]',
      'decide_at: helo',
    ].join('\n');
    let played = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 40, size: 'max' }), async (lines) => {
        const exchanges = fitting([...CLIENT.slice(0, 1), 'C: MAIL FROM:<alice@example.net>', ...lines]);
        const explainer = await explainerOn('policy', policy);
        const steps: Step[] = [];
        for (const { says, atMs, line: at } of exchanges) steps.push(await explainer.play(says, atMs, at));
        explainer.close();
        const report = { config: '', store: null, name: '', notes: [], client: null, steps, agrees: true };
        for (const text of textOfReport(report)) expect(text).not.to.match(/[\p{Cc}\p{Cf}]/u);
        played += steps.filter(({ decisions }) => decisions.length > 0).length;
      }),
      { numRuns: 150 },
    );
    expect(played).to.be.above(30);
  });
});

/** Of the lines those that make a transcript together. */
function fitting(lines: readonly string[]): readonly Exchange[] {
  const kept: string[] = [];
  for (const one of lines) {
    try {
      parseTranscript([...kept, one].join('\n'), CLOCK);
      kept.push(one);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
    }
  }
  return parseTranscript(kept.join('\n'), CLOCK).exchanges;
}

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

  for (const text of [
    '',
    '24:00',
    '12:60',
    'tomorrow',
    '2026-13-01T00:00',
    '2026-02-30T00:00',
    'day 0x1 12:00',
    '12:00:00 ',
  ])
    it(`"${text}" is no time`, () => expect(() => clockOf(text, DAY)).to.throw(SyntaxError));
});
