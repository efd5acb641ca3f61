import { expect } from 'chai';
import fc from 'fast-check';
import { readAccessResult } from '../../lib/rules/access-result.ts';
import { statusAbout } from '../../lib/rules/about.ts';

const refuse = (
  code: number | null,
  replyClass: 4 | 5,
  status: string | null,
  text: string | null,
): object => ({
  kind: 'refuse',
  code,
  class: replyClass,
  status,
  text,
});

describe('The result of an access table', () => {
  const cases: readonly [string, object][] = [
    ['OK', { kind: 'permit' }],
    ['ok whatever', { kind: 'permit' }],
    ['1234567890', { kind: 'permit' }],
    ['550', { kind: 'permit' }],
    // `550 $1` with nothing in $1.
    ['550 ', refuse(550, 5, null, null)],
    ['DUNNO', { kind: 'dunno' }],
    ['dunno text', { kind: 'dunno' }],
    ['REJECT', refuse(null, 5, null, null)],
    ['REJECT go away', refuse(null, 5, null, 'go away')],
    ['reject 5.7.25 go away', refuse(null, 5, '5.7.25', 'go away')],
    ['REJECT 4.7.1 go away', refuse(null, 5, '5.7.1', 'go away')],
    ['REJECT 5.7.1', refuse(null, 5, '5.7.1', null)],
    ['DEFER later', refuse(null, 4, null, 'later')],
    ['550 no such user', refuse(550, 5, null, 'no such user')],
    ['550 5.1.1 no such user', refuse(550, 5, '5.1.1', 'no such user')],
    ['421 4.7.0 busy', refuse(421, 4, '4.7.0', 'busy')],
    ['DEFER_IF_PERMIT x', { ...refuse(null, 4, null, 'x'), kind: 'defer_if_permit' }],
    ['DEFER_IF_REJECT', { ...refuse(null, 4, null, null), kind: 'defer_if_reject' }],
    ['DISCARD', { kind: 'discard' }],
    ['HOLD look at it', { kind: 'quarantine', text: 'look at it' }],
    ['HOLD', { kind: 'quarantine', text: null }],
    ['WARN seen', { kind: 'note', text: 'WARN seen' }],
    ['INFO', { kind: 'note', text: 'INFO' }],
  ];
  for (const [text, value] of cases) {
    it(`"${text}" means ${JSON.stringify(value)}`, () => {
      expect(readAccessResult(text)).to.deep.equal({ ok: true, value });
    });
  }

  it('may be policy words', () => {
    for (const [text, words] of [
      ['permit_sasl_authenticated, reject', ['permit_sasl_authenticated', 'reject']],
      ['GREYLIST', ['greylist']],
    ] as const) {
      const read = readAccessResult(text);
      expect(
        read.ok && read.value.kind === 'rules' && read.value.restrictions.map(({ word }) => word),
      ).to.deep.equal(words);
    }
  });

  const wrong: readonly [string, string][] = [
    ['', 'there is no result'],
    ['PREPEND X-Spam: yes', 'PREPEND is for Postfix to carry out'],
    ['filter smtp:[127.0.0.1]:10025', 'FILTER is for Postfix to carry out'],
    ['redirect bob@example.org', 'REDIRECT is for Postfix to carry out'],
    ['REJCT', '"REJCT" is not a policy word'],
    ['250 fine', '250 is no SMTP code that refuses'],
    ['42 x', '42 is no SMTP code that refuses'],
    ['check_client_access hash:/x', 'a table can not name another table'],
    ['reject_unauth_destination', 'reject_unauth_destination stays in main.cf'],
  ];
  for (const [text, what] of wrong) {
    it(`"${text}" is wrong: ${what}`, () => {
      const read = readAccessResult(text);
      expect(read.ok ? read : read.what).to.contain(what);
    });
  }

  it('is read or refused, whatever is written', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void readAccessResult(text)));
  });
});

describe('An enhanced status code about an address', () => {
  const cases = [
    ['sender', '5.1.2', '5.1.8'],
    ['sender', '4.1.1', '4.1.7'],
    ['recipient', '5.1.8', '5.1.2'],
    ['recipient', '5.1.7', '5.1.3'],
    ['recipient', '5.1.99', '5.1.0'],
    ['client', '5.1.8', '5.0.0'],
    ['helo', '5.7.1', '5.7.1'],
  ] as const;
  for (const [about, status, right] of cases) {
    it(`${status} of a ${about} is ${right}`, () => {
      expect(statusAbout(about, status)).to.equal(right);
    });
  }
});
