/** Whose Authentication-Results a field claims to be: a name is a name in every spelling, and what is unclear is suspect. */

import { expect } from 'chai';
import * as fc from 'fast-check';
import { arcClaimsToBe, claimsToBe } from '../../lib/headers/claimed-id.ts';

const OWN = 'mx.example.org';

describe('An Authentication-Results field that comes in', () => {
  const ours: readonly string[] = [
    'mx.example.org; spf=pass smtp.mailfrom=example.net',
    'MX.Example.ORG; spf=pass',
    ' \tmx.example.org ; none',
    'mx.example.org 1; spf=pass',
    'mx.example.org(x)1(y); spf=pass',
    'mx.example.org.; spf=pass',
    'mx.example.org...; spf=pass',
    '"mx.example.org"; spf=pass',
    '"mx\\.example\\.org"; spf=pass',
    '" mx.example.org "; spf=pass',
    '(a (nested \\) one)) mx.example.org; spf=pass',
    '(a)(b)\n\t(c)\n mx.example.org\n\t; spf=pass',
    '\n\tmx.example.org; spf=pass',
    // Letters that the IDNA makes the same of.
    'ｍｘ.example.org; spf=pass',
    'mx。example。org; spf=pass',
    'mx.exam\u00adple.org; spf=pass',
    // By no grammar, but some reader may take them so.
    'mx.example.org',
    'mx.example.org spf=pass smtp.mailfrom=example.net',
    'mx.example.org, other.example; spf=pass',
    'mx.example.org/4XyzQ012; spf=pass',
    'mx.example.org:25; spf=pass',
    'mx.example.org 1 2; spf=pass',
    'mx.example.org v1; spf=pass',
    'mx.exam(x)ple.org; spf=pass',
    'mx. example. org; spf=pass',
    'mx.exam\n ple.org; spf=pass',
    '"mx.example.org; spf=pass',
    '"mx.example".org; spf=pass',
    '(open mx.example.org; spf=pass',
    '(open; mx.example.org; spf=pass',
    '; mx.example.org; spf=pass',
    ';;mx.example.org; spf=pass',
    '<mx.example.org>; spf=pass',
    'postmaster@mx.example.org; spf=pass',
    'other.example\r mx.example.org; spf=pass',
    'other.example; spf=pass\rAuthentication-Results: mx.example.org; spf=pass',
    'mx.exam\u200bple.org; spf=pass',
    'mx.\u202eexample.org; spf=pass',
    '=?utf-8?b?bXguZXhhbXBsZS5vcmc=?=; spf=pass',
    '=?us-ascii?Q?mx=2Eexample=2Eorg?=; spf=pass',
    `(${'x'.repeat(5000)}; spf=pass`,
    `${'('.repeat(500)}mx.example.org; spf=pass`,
    `${'('.repeat(500)}x${')'.repeat(500)}mx.example.org; spf=pass`,
  ];
  for (const value of ours)
    it(`claims to be ours: ${JSON.stringify(value).slice(0, 80)}`, () =>
      expect(claimsToBe(OWN, value)).to.equal(true));

  const theirs: readonly string[] = [
    'mx.example.net; spf=pass smtp.mailfrom=example.net',
    'other.mx.example.org; spf=pass',
    'mx.example.org.example.net; spf=pass',
    'notmx.example.org; dkim=pass',
    'example.org; dkim=pass',
    'mx.example.net; spf=pass smtp.mailfrom=mx.example.org',
    'mx.example.net (for mx.example.org); spf=pass',
    'mx.example.net 1 (mx.example.org); spf=pass',
    '"mx.example.net"; none',
    'mx.example.net;',
    // Unreadable, but not in our name.
    'mx.example.net spf=pass',
    'spf=pass smtp.mailfrom=example.net',
    '',
    '(',
    '"',
  ];
  for (const value of theirs)
    it(`is another's: ${JSON.stringify(value)}`, () => expect(claimsToBe(OWN, value)).to.equal(false));

  it('knows our name as A-labels and as U-labels', () => {
    const [ascii, unicode] = ['mx.xn--bcher-kva.example', 'mx.bücher.example'];
    for (const own of [ascii, unicode])
      for (const said of [
        ascii,
        unicode,
        'MX.BÜCHER.example',
        'mx.bu\u0308cher.example',
        '"mx.Bücher.example."',
      ]) {
        expect(claimsToBe(own, `${said}; spf=pass`), `${own} ${said}`).to.equal(true);
        expect(claimsToBe(own, `(${said} spf=pass`), `${own} ${said}, unclear`).to.equal(true);
      }
  });

  it('is compared with a name that is no host name too', () => {
    expect(claimsToBe('Mail Server 1', '"mail server 1"; spf=pass')).to.equal(true);
    expect(claimsToBe('mailhost', 'MAILHOST; spf=pass')).to.equal(true);
    expect(claimsToBe('mailhost', 'mailhost2; spf=pass')).to.equal(false);
  });

  const arc: readonly (readonly [value: string, ours: boolean])[] = [
    ['i=1; mx.example.org; spf=pass', true],
    ['I = 12 ;(x) MX.example.org 1; spf=pass', true],
    ['i=1; mx.example.net; spf=pass smtp.mailfrom=mx.example.org', false],
    ['mx.example.org; spf=pass', true],
    ['mx.example.net; spf=pass', false],
    ['i=x; mx.example.org; spf=pass', true],
    ['i=1 mx.example.org; spf=pass', true],
    ['i=1;', false],
  ];
  for (const [value, isOurs] of arc)
    it(`of ARC is ${isOurs ? 'ours' : "another's"}: ${value}`, () =>
      expect(arcClaimsToBe(OWN, value)).to.equal(isOurs));

  const piece = fc.oneof(
    fc.constantFrom(
      '(',
      ')',
      '"',
      '\\',
      ';',
      '=',
      ' ',
      '\n ',
      '\r',
      OWN,
      'mx',
      '.',
      '1',
      'i=1',
      '\u00ad',
      '=?',
      '?b?',
      '\ud800',
    ),
    fc.string({ unit: 'binary', maxLength: 4 }),
  );
  const pieces = fc.array(piece, { maxLength: 20 }).map((all) => all.join(''));

  it('is judged whatever it is', () => {
    fc.assert(
      fc.property(fc.oneof(pieces, fc.constant(OWN)), pieces, (own, value) => {
        expect(claimsToBe(own, value)).to.be.a('boolean');
        expect(arcClaimsToBe(own, value)).to.be.a('boolean');
      }),
      { numRuns: 10_000 },
    );
  });

  it('is never let through if our name is in it before the first semicolon, and nothing else of a name', () => {
    const blank = fc.constantFrom(' ', '\t', '\n ', '(x)', '(\\))', '((y)z)', '"', '\\', ',', '1', ' 1 ');
    fc.assert(
      fc.property(fc.array(blank), fc.array(blank), (before, behind) => {
        const value = `${before.join('')} ${OWN} ${behind.join('')}; spf=pass`;
        expect(claimsToBe(OWN, value), value).to.equal(true);
      }),
      { numRuns: 3000 },
    );
  });

  it('takes no more time the worse it is: a megabyte of it is read in the blink of an eye', () => {
    const size = 1_000_000;
    const bad = [
      '(',
      '()',
      '((x)',
      '"',
      '"\\',
      '\\',
      'a',
      '.',
      ' ',
      '\n ',
      ';',
      '=?',
      '=?a?b',
      '(\\',
      'mx.example.or',
      '1 ',
      '\ufdfa',
    ];
    for (const text of bad) {
      const value = text.repeat(size / text.length);
      claimsToBe(OWN, value);
      arcClaimsToBe(OWN, `i=1;${value}`);
      claimsToBe(value, 'mx.example.org spf=pass');
    }
  });
});
