import { expect } from 'chai';
import { parseReplyPattern, withPattern, type ReplyPattern } from '../../lib/rules/reply-pattern.ts';
import { formatReply, reject, tempfail } from '../../lib/mail/reply.ts';

function pattern(text: string): ReplyPattern {
  const parsed = parseReplyPattern(text);
  if (!('code' in parsed)) throw new Error(parsed.join('; '));
  return parsed;
}

describe("A rule's own reply", () => {
  const usual = reject(554, '5.7.1', 'Access denied');
  const cases: readonly [written: string, reply: string][] = [
    ['Go away', '554 5.7.1 Go away'],
    ['550 Go away', '550 5.7.1 Go away'],
    ['550 5.7.25 Go away', '550 5.7.25 Go away'],
    ['5.7.25 Go away', '554 5.7.25 Go away'],
    ['521', '521 5.7.1 Access denied'],
    ['450 Later', '450 4.7.1 Later'],
    ['450 4.7.25', '450 4.7.25 Access denied'],
    ['%{helo} from %{client_address}', '554 5.7.1 mx.example.net from 192.0.2.10'],
    ['100% of %{helo}s', '554 5.7.1 100% of mx.example.nets'],
  ];
  for (const [written, reply] of cases)
    it(`may be ${written}`, () => {
      const facts = { helo: 'mx.example.net', client_address: '192.0.2.10' };
      expect(formatReply(withPattern(usual, pattern(written), facts))).to.equal(reply);
    });

  it('keeps a deferral one, whatever code is written', () => {
    const later = tempfail(450, '4.1.8', 'Domain not found');
    expect(formatReply(withPattern(later, pattern('550 5.7.1 No'), {}, true))).to.equal('450 4.7.1 No');
    expect(formatReply(withPattern(later, pattern('451 No'), {}, true))).to.equal('451 4.1.8 No');
  });

  it('holds nothing from the network that could end the line, name a placeholder, or go on for ever', () => {
    const { text } = withPattern(usual, pattern('%{helo}'), { helo: 'a\r\n250 ok %{sender}é', sender: 'x' });
    expect(text).to.equal('a??250 ok %{sender}?');
    expect(withPattern(usual, pattern('%{helo}'), { helo: 'a'.repeat(5000) }).text).to.have.length(255);
    expect(withPattern(usual, pattern('%{reason}'), { reason: 'a'.repeat(5000) }).text).to.have.length(500);
  });

  it('ends before what introduces a reason that the list does not give', () => {
    const say = (text: string, reason: string): string =>
      withPattern(usual, pattern(text), { reason, zone: 'bl.example' }).text;
    expect(say('in %{zone}; %{reason}', 'spam')).to.equal('in bl.example; spam');
    expect(say('in %{zone}; %{reason}', '')).to.equal('in bl.example');
    expect(say('%{reason}', '')).to.equal('');
    expect(say('%{zone}: %{reason} (see us)', '')).to.equal('bl.example:  (see us)');
  });

  for (const wrong of [
    '250 ok',
    '600 x',
    '550 4.7.1 x',
    '450 5.7.1 x',
    '2.0.0 x',
    '%{nothing}',
    '%{helo',
    'a\nb',
    'x'.repeat(401),
  ])
    it(`is not ${JSON.stringify(wrong.slice(0, 20))}`, () => {
      expect(parseReplyPattern(wrong)).to.be.an('array');
    });
});
