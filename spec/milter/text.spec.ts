import { expect } from 'chai';
import { headerName, headerValue, unfoldedLines } from '../../lib/milter/header-text.ts';
import { replyText } from '../../lib/milter/reply-text.ts';

describe('The text of a refusal', () => {
  const cases: readonly (readonly [title: string, text: string | readonly string[], wire: string])[] = [
    ['one line', 'Greylisted', '451 4.7.1 Greylisted'],
    [
      'several lines, all but the last with a hyphen',
      ['a', 'b', 'c'],
      '451-4.7.1 a\r\n451-4.7.1 b\r\n451 4.7.1 c',
    ],
    ['a text of several lines', 'a\nb\r\nc', '451-4.7.1 a\r\n451-4.7.1 b\r\n451 4.7.1 c'],
    ['no text', '', '451 4.7.1'],
    ['no lines', [], '451 4.7.1'],
    ['percent signs doubled', '100% %s', '451 4.7.1 100%% %%s'],
    ['nothing that could end the line or the string', 'a\0b\x7f\u2028é', '451 4.7.1 a?b???'],
    ['no reply of somebody else', 'x\r\n250 ok', '451-4.7.1 x\r\n451 4.7.1 250 ok'],
  ];
  for (const [title, text, wire] of cases)
    it(title, () => expect(replyText({ code: 451, status: '4.7.1', text })).to.equal(wire));

  it('is cut to 512 octets a line, CRLF included, and never between two percent signs', () => {
    for (const text of ['x'.repeat(2000), '%'.repeat(2000), `x${'%'.repeat(2000)}`]) {
      const line = replyText({ code: 550, status: '5.7.1', text });
      expect(line.length).to.be.within(509, 510);
      expect(/%*$/.exec(line)![0].length % 2).to.equal(0);
    }
  });

  it('is cut to 32 lines', () => {
    const lines = replyText({ code: 550, status: '5.7.1', text: 'x\n'.repeat(100) }).split('\r\n');
    expect(lines.length).to.equal(32);
    expect(lines.filter((line) => line.startsWith('550-')).length).to.equal(31);
  });

  const wrong: readonly (readonly [code: number, status: string])[] = [
    [250, '2.0.0'],
    [451, '5.7.1'],
    [550, '4.7.1'],
    [600, '5.7.1'],
    [450.5, '4.7.1'],
    [451, '4.7'],
    [451, '4.7.1 x'],
    [451, ''],
  ];
  for (const [code, status] of wrong)
    it(`does not exist for ${code} ${JSON.stringify(status)}`, () => {
      expect(() => replyText({ code, status, text: 'x' })).to.throw(RangeError);
    });
});

describe('The value of a header', () => {
  const cases: readonly (readonly [title: string, value: string, wire: string])[] = [
    ['one line', 'a b', 'a b'],
    ['folds with LF', 'a\n b\n\tc', 'a\n b\n\tc'],
    ['folds with CRLF become LF: Postfix would write CR CR LF', 'a\r\n b\r\n\tc', 'a\n b\n\tc'],
    ['folds with CR', 'a\r b', 'a\n b'],
    ['an empty line in a fold would end the header', 'a\r\n\r\n b', 'a\n b'],
    ['a line end can begin no other field', 'a\r\nX-Evil: b', 'a X-Evil: b'],
    ['nor two of them', 'a\n\nX-Evil: b', 'a  X-Evil: b'],
    ['nor the body', 'a\r\n\r\n', 'a'],
    ['no NUL', 'a\0b', 'a?b'],
    ['UTF-8', 'é', '\xc3\xa9'],
  ];
  for (const [title, value, wire] of cases) it(title, () => expect(headerValue(value)).to.equal(wire));

  it('comes with LF, whatever the MTA wrote', () => {
    expect(unfoldedLines('a\r\n b\n\tc')).to.equal('a\n b\n\tc');
  });
});

describe('The name of a header', () => {
  it('is printable ASCII without colon and blank', () => {
    expect(headerName('X-Greylist')).to.equal('X-Greylist');
    for (const name of ['', 'X A', 'X:', 'X\n', 'X\0', 'Xé'])
      expect(() => headerName(name)).to.throw(RangeError);
  });
});
