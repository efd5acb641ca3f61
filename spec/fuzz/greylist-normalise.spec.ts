import { expect } from 'chai';
import fc from 'fast-check';
import { normaliseRecipient, normaliseSender } from '../../lib/greylist/normalise.ts';
import { parseMailbox } from '../../lib/mail/mailbox.ts';

/** What addresses are made of when someone means mischief, or works for a mailing list. */
const pieces = fc.constantFrom(
  ...[
    'prvs=4711abcdef=',
    'prvs=',
    '4711abcdef',
    'SRS0',
    'srs1',
    '=',
    '==',
    '+',
    '-',
    '/',
    '.',
    '@',
    '<',
    '>',
    ':',
    '"',
    ' ',
    '\r\n',
  ],
  ...[
    'bob',
    'x.example',
    '12345',
    'deadbeef01',
    '\u0000',
    '\u0130',
    '\ud800',
    '#',
    '~',
    'msprvs1=',
    'btv1==',
  ],
);
const texts = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.array(pieces, { maxLength: 20 }).map((list) => list.join('')),
  fc.string({ unit: pieces, minLength: 150, maxLength: 400 }),
);

describe('normalised addresses, whatever was sent', () => {
  it('normalise to themselves', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const sender = normaliseSender(parseMailbox(text));
        expect(normaliseSender(parseMailbox(sender))).to.equal(sender);
        const recipient = parseMailbox(text);
        if (recipient === null) return;
        const once = normaliseRecipient(recipient);
        expect(normaliseRecipient(parseMailbox(once)!)).to.equal(once);
      }),
      { numRuns: 2000 },
    );
  });

  it('are short, and can be printed to a terminal', () => {
    fc.assert(
      fc.property(texts, texts, (local, domain) => {
        const sender = normaliseSender({ local, domain });
        expect(sender.length).to.be.at.most(511);
        expect(sender).to.match(/^[^\p{Cc}\s]+$/u);
        expect(sender.isWellFormed()).to.equal(true);
      }),
      { numRuns: 1000 },
    );
  });

  it('do not depend on the case they were written in', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme-ascii' }), (text) => {
        expect(normaliseSender(parseMailbox(text.toUpperCase()))).to.equal(
          normaliseSender(parseMailbox(text.toLowerCase())),
        );
      }),
    );
  });
});
