import { expect } from 'chai';
import { toBytes, toText } from '../../lib/milter/bytes.ts';

describe('Bytes from the wire, as text', () => {
  const cases: readonly (readonly [string, bytes: string, text: string])[] = [
    ['ASCII is itself', 'mx.example.org', 'mx.example.org'],
    ['valid UTF-8 is read as UTF-8', 'Gr\xc3\xbc\xc3\x9fe', 'Grüße'],
    ['what is not valid UTF-8 is read as latin-1', 'Gr\xfc\xdfe', 'Grüße'],
    ['a truncated UTF-8 sequence is read as latin-1', 'a\xe2\x82', 'a\xe2\x82'],
    ['an overlong form is not UTF-8', '\xc0\xaf', '\xc0\xaf'],
    ['any octets have a reading', '\xff\xfe\x80', '\xff\xfe\x80'],
  ];
  for (const [title, bytes, text] of cases) it(title, () => expect(toText(bytes)).to.equal(text));

  it('go back to UTF-8', () => {
    expect(toBytes('Grüße €')).to.equal('Gr\xc3\xbc\xc3\x9fe \xe2\x82\xac');
    expect(toBytes('plain')).to.equal('plain');
  });
});
