import { expect } from 'chai';
import fc from 'fast-check';
import {
  asciiDomain,
  hasFullyQualifiedDomain,
  isAddressLiteral,
  isFullyQualified,
  isHostAddress,
  isHostname,
  looksLikeLiteral,
  withoutRootDot,
} from '../../lib/mail/domain.ts';

const long = (length: number): string => 'a'.repeat(length);

describe('A host name', () => {
  const yes = [
    'mx1.example.org',
    'localhost',
    'a-a.b-b',
    'a_b.example.org',
    '_dmarc.example.org',
    'f.2.3.4',
    '1.2.3.4f',
    '192-0-2-1',
    'xn--bcher-kva.example',
    'MX.EXAMPLE.ORG',
    `a.${long(63)}.b`,
    Array.from({ length: 128 }, () => 'a').join('.'),
  ];
  for (const name of yes) {
    it(`may be ${name.slice(0, 70)}`, () => expect(isHostname(name)).to.equal(true));
  }

  const no = [
    '',
    '.',
    '1',
    '192.0.2.1',
    '1.2.3.4.5',
    '1..2.3.4',
    '.example.org',
    'example.org.',
    'a..b',
    '-.a.b',
    'a.-.b',
    '-aa.b.b',
    'aa-.b.b',
    'a.b.bb-',
    'a b.example.org',
    '[192.0.2.1]',
    '2001:db8::1',
    '*.example.org',
    'a@example.org',
    'a/b.example.org',
    'bücher.example',
    'a\n',
    `a.${long(64)}.b`,
    `${Array.from({ length: 128 }, () => 'a').join('.')}.a`,
  ];
  for (const name of no) {
    it(`is not ${JSON.stringify(name.slice(0, 70))}`, () => expect(isHostname(name)).to.equal(false));
  }
});

describe('A host address', () => {
  const yes = [
    '192.0.2.1',
    '192.0.02.001',
    '0.0.0.0',
    '255.255.255.255',
    '::',
    '::1',
    'a::',
    '2001:db8::1',
    'a:a:a:a:a:a:a:a',
    '::192.0.2.1',
    'a:a:a:a:a:1.2.3.4',
    'a:a:a:a:a:a:1.2.3.4',
  ];
  for (const text of yes) it(`may be ${text}`, () => expect(isHostAddress(text)).to.equal(true));

  const no = [
    '',
    '1.2.3',
    '1.2.3.4.5',
    '1.2.3.321',
    '0.255.255.255',
    '.1.2.3.4',
    '1.2.3.4.',
    '1..3.4',
    'f.2.3.4',
    ':',
    ':::',
    ':a::b',
    'a::b:',
    'a:a:a:a:a:a:a:a:a',
    'g:a:a:a:a:a:a:a',
    'a::b::c',
    'a:a:a:a:a:a:a:1.2.3.4',
    'a:a:a:a:a:a:1.2.3',
    '12345::',
    '[::1]',
    'IPv6:::1',
  ];
  for (const text of no) {
    it(`is not ${JSON.stringify(text)}`, () => expect(isHostAddress(text)).to.equal(false));
  }
});

describe('An address literal', () => {
  for (const text of ['[192.0.2.1]', '[IPv6:2001:db8::1]', '[ipv6:::]', '[IPV6:::ffff:192.0.2.1]']) {
    it(`may be ${text}`, () => {
      expect(isAddressLiteral(text)).to.equal(true);
      expect(looksLikeLiteral(text)).to.equal(true);
    });
  }
  for (const text of [
    '',
    '[',
    '[]',
    '192.0.2.1',
    '[192.0.2.1',
    '[2001:db8::1]',
    '[::]',
    '[IPv6:192.0.2.1]',
    '[ipv6::::]',
    '[mail.example.org]',
    '[192.0.2.1] ',
  ]) {
    it(`is not ${JSON.stringify(text)}`, () => expect(isAddressLiteral(text)).to.equal(false));
  }
  it('is looked like by anything in brackets', () => {
    expect(looksLikeLiteral('[junk]')).to.equal(true);
    expect(looksLikeLiteral('[')).to.equal(false);
  });
});

describe('A fully qualified name', () => {
  for (const name of ['mail.example.org', 'mail.example.org.', 'bücher.example', 'a.b']) {
    it(`may be ${name}`, () => expect(isFullyQualified(name)).to.equal(true));
  }
  for (const name of [
    '',
    '.',
    'localhost',
    'localhost.',
    'mail.example.org..',
    '192.0.2.1',
    'a b.example.org',
    'bücher',
    '[192.0.2.1]',
  ]) {
    it(`is not ${JSON.stringify(name)}`, () => expect(isFullyQualified(name)).to.equal(false));
  }
  it('is asked of the domain of an address', () => {
    expect(hasFullyQualifiedDomain({ local: 'bob', domain: 'example.org' })).to.equal(true);
    expect(hasFullyQualifiedDomain({ local: 'bob', domain: '[192.0.2.1]' })).to.equal(true);
    expect(hasFullyQualifiedDomain({ local: 'bob', domain: 'localhost' })).to.equal(false);
    expect(hasFullyQualifiedDomain({ local: 'bob', domain: null })).to.equal(false);
  });
});

describe('The ASCII form of a domain', () => {
  const cases: readonly [string, string | null][] = [
    ['Example.ORG', 'example.org'],
    ['Bücher.example', 'xn--bcher-kva.example'],
    ['bücher。example', 'xn--bcher-kva.example'],
    ['例え.テスト', 'xn--r8jz45g.xn--zckzah'],
    ['faß.example', 'xn--fa-hia.example'],
    ['xn--bcher-kva.example', 'xn--bcher-kva.example'],
    ['', null],
    ['a..b', null],
    ['192.0.2.1', null],
    ['bücher example.org', null],
    ['bücher.example/path', null],
    ['b%41ücher.example', null],
    ['bücher@example.org', null],
    ['bücher.example:53', null],
    // Digits of full width: a URL would make an address of them.
    ['１９２.0.2.1', null],
    ['０x7f.1', null],
    ['bü..example', null],
    ['\u00ad', null],
    ['\ud800.example', null],
    [`${'ü'.repeat(63)}.example`, null],
    ['ü.'.repeat(600), null],
  ];
  for (const [name, ascii] of cases) {
    it(`of ${JSON.stringify(name.slice(0, 40))} is ${ascii}`, () =>
      expect(asciiDomain(name)).to.equal(ascii));
  }

  it('is a host name or null, whatever is given', () => {
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), fc.domain());
    fc.assert(
      fc.property(text, (name) => {
        const ascii = asciiDomain(name);
        return ascii === null || (isHostname(ascii) && ascii === ascii.toLowerCase());
      }),
    );
  });
});

describe('A domain', () => {
  const cases: readonly [string, string][] = [
    ['example.org.', 'example.org'],
    ['example.org', 'example.org'],
    ['example.org..', 'example.org..'],
    ['.', '.'],
    ['', ''],
  ];
  for (const [name, bare] of cases) {
    it(`${JSON.stringify(name)} is ${JSON.stringify(bare)} without the dot of the root`, () => {
      expect(withoutRootDot(name)).to.equal(bare);
    });
  }
});
