/** The patterns behind the zones of DNS lists, as Postfix's ip_match.c has them, and what they should not match. */

import { expect } from 'chai';
import { matches, parseListPattern, type ListPattern } from '../../lib/lists/list-pattern.ts';
import { parseListSite, writtenSite } from '../../lib/lists/list-site.ts';
import { firstInBoth, without } from '../../lib/lists/pattern-overlap.ts';

function pattern(text: string): ListPattern {
  const read = parseListPattern(text);
  if (!read.ok) throw new Error(`${text}: ${read.what}`);
  return read.pattern;
}

describe('The pattern of a DNS list', () => {
  const right: readonly (readonly [written: string, canonical: string])[] = [
    ['127.0.0.2', '127.0.0.2'],
    ['127.0.0.002', '127.0.0.2'],
    ['0.0.0.0', '0.0.0.0'],
    ['255.255.255.255', '255.255.255.255'],
    ['127.0.0.[2]', '127.0.0.2'],
    ['127.0.0.[2..11]', '127.0.0.[2..11]'],
    ['127.0.0.[4..4]', '127.0.0.4'],
    ['127.0.[0..255].[2;4..7]', '127.0.[0..255].[2;4..7]'],
    ['127.0.0.[9;2;3;4;20..30;25..40]', '127.0.0.[2..4;9;20..40]'],
    ['[127].[0].[0].[2;3]', '127.0.0.[2..3]'],
    ['[1;2].3.4.[5;6]', '[1..2].3.4.[5..6]'],
    // As Postfix: brackets around the whole.
    ['[127.0.0.2]', '127.0.0.2'],
    ['[127.0.0.[2..4]]', '127.0.0.[2..4]'],
    // Not as Postfix, which takes no blanks.
    ['127.0.0.[ 18 .. 20 ; 2 ]', '127.0.0.[2;18..20]'],
  ];
  for (const [written, canonical] of right)
    it(`${written} is ${canonical}`, () => {
      expect(pattern(written).text).to.equal(canonical);
      expect(pattern(canonical)).to.deep.equal(pattern(written));
    });

  const wrong: readonly (readonly [written: string, fault: string])[] = [
    ['', '0: there is no pattern after =; write one such as 127.0.0.[2..11]'],
    ['127.0.0', '7: the pattern has 3 of its four numbers; write one such as 127.0.0.[2..11]'],
    ['127.0.0.', '8: a number from 0 to 255 is missing; write 127.0.0.2, or [2..11] for some'],
    ['127..0.2', '4: a number from 0 to 255 is missing; write 127.0.0.2, or [2..11] for some'],
    ['127.0.0.2.3', '9: there is more behind the four numbers; write four numbers, such as 127.0.0.[2..11]'],
    ['127.0.0.2..11', '9: a range needs brackets; write [2..11]'],
    ['127.0.0.2-11', '9: a range needs brackets; write [2..11]'],
    ['127.0.0.0/8', '9: this is no network; write the answers as a pattern: 127.0.0.[2..11]'],
    ['127.0.0.256', '8: 256 is larger than 255; write a number from 0 to 255'],
    ['127.0.0.[2..256]', '9: 256 is larger than 255; write a number from 0 to 255'],
    ['127.0.0.[11..2]', '9: the range 11..2 is empty; write 2..11'],
    ['127.0.0.[2-11]', '9: a range is written with two dots; write 2..11'],
    ['127.0.0.[2...11]', '9: a range is written with two dots; write 2..11'],
    ['127.0.0.[2,4]', '9: numbers are separated by ; here; write [2;4;9]'],
    ['127.0.0.[]', '9: a number is missing between the brackets; write [2..11], or [2;4;9]'],
    ['127.0.0.[2;]', '11: a number is missing between the brackets; write [2..11], or [2;4;9]'],
    ['127.0.0.[2', '8: a ] is missing; write [2..11], or [2;4;9]'],
    ['127.0.[0.2]', '7: a range is written with two dots; write 0..2'],
    [
      '127.0.0.3[6..9]',
      '9: there is more behind the four numbers; write four numbers, such as 127.0.0.[2..11]',
    ],
    ['127.0.3[6..9].2', '7: a number can not go on with a bracket; write either 2 or [2..11]'],
    ['127.0.0.x', '8: a number from 0 to 255 is missing; write 127.0.0.2, or [2..11] for some'],
    ['127.0. 0.2', '6: a number from 0 to 255 is missing; write 127.0.0.2, or [2..11] for some'],
    [`127.0.0.[${'2;'.repeat(3000)}2]`, '0: the pattern is too long; write ranges such as [2..11]'],
  ];
  for (const [written, fault] of wrong)
    it(`${written.slice(0, 40)} is none: ${fault}`, () => {
      const read = parseListPattern(written);
      expect(read.ok ? read : `${read.within}: ${read.what}; ${read.instead}`).to.equal(fault);
    });

  const answers: readonly (readonly [written: string, address: string, matches: boolean])[] = [
    ['127.0.0.[2..11]', '127.0.0.2', true],
    ['127.0.0.[2..11]', '127.0.0.11', true],
    ['127.0.0.[2..11]', '127.0.0.1', false],
    ['127.0.0.[2..11]', '127.0.0.12', false],
    ['127.0.0.[2..11]', '127.255.255.254', false],
    ['127.0.[0..255].[2..3]', '127.0.10.3', true],
    ['127.0.[0..9;11..255].[2..3]', '127.0.10.3', false],
    ['127.0.[0..9;11..255].[2..3]', '127.0.11.3', true],
    ['127.0.0.2', '::ffff:7f00:2', false],
    ['127.0.0.2', '', false],
    ['127.0.0.2', '127.0.0.2 ', false],
  ];
  for (const [written, address, expected] of answers)
    it(`${written} ${expected ? 'matches' : 'does not match'} "${address}"`, () => {
      expect(matches(pattern(written), address)).to.equal(expected);
    });
});

describe('What a pattern should not match', () => {
  const cases: readonly (readonly [
    written: string,
    unwanted: string,
    first: string | null,
    left: string | null,
  ])[] = [
    ['127.0.[0..255].[2..3]', '127.0.10.[0..255]', '127.0.10.2', '127.0.[0..9;11..255].[2..3]'],
    ['127.0.0.[0..255]', '127.0.0.1', '127.0.0.1', '127.0.0.[0;2..255]'],
    [
      '127.[0..255].[0..255].[0..255]',
      '127.255.[0..255].[0..255]',
      '127.255.0.0',
      '127.[0..254].[0..255].[0..255]',
    ],
    ['[0..255].0.0.2', '[0..126;128..255].[0..255].[0..255].[0..255]', '0.0.0.2', '127.0.0.2'],
    ['127.0.0.[2..11]', '127.0.0.1', null, '127.0.0.[2..11]'],
    ['127.0.0.1', '127.0.0.1', '127.0.0.1', null],
  ];
  for (const [written, unwanted, first, left] of cases)
    it(`${written} without ${unwanted} is ${left ?? 'nothing'}`, () => {
      expect(firstInBoth(pattern(written), pattern(unwanted))).to.equal(first);
      expect(without(pattern(written), pattern(unwanted))?.text ?? null).to.equal(left);
    });

  const dear: readonly (readonly [written: string, unwanted: string, dear: string, left: string])[] = [
    ['127.0.[0..255].[0..255]', '127.0.0.1', '127.0.0.[2..11]', '127.0.[0..255].[0;2..255]'],
    ['127.0.[0..255].[2..3]', '127.0.10.[0..255]', '127.0.0.2', '127.0.[0..9;11..255].[2..3]'],
    ['127.0.[0..1].[0..3]', '127.0.1.[0..3]', '127.0.0.2', '127.0.0.[0..3]'],
    ['127.0.[0..255].[0..255]', '127.0.0.1', '127.1.0.1', '127.0.[1..255].[0..255]'],
    ['127.0.[0..255].[0..255]', '127.0.0.1', '127.0.0.[1..2]', '127.0.[1..255].[0..255]'],
  ];
  for (const [written, unwanted, kept, left] of dear)
    it(`${written} without ${unwanted}, where ${kept} is dear, is ${left}`, () => {
      expect(without(pattern(written), pattern(unwanted), pattern(kept))?.text).to.equal(left);
    });
});

describe('A DNS list as a rule names it', () => {
  const right: readonly (readonly [written: string, zone: string, shown: string])[] = [
    ['zen.spamhaus.org', 'zen.spamhaus.org', 'zen.spamhaus.org'],
    ['Zen.Spamhaus.Org.', 'zen.spamhaus.org', 'zen.spamhaus.org'],
    ['_lists.example', '_lists.example', '_lists.example'],
    ['zen.spamhaus.org=127.0.0.[2;3]*3', 'zen.spamhaus.org', 'zen.spamhaus.org=127.0.0.[2..3]*3'],
    ['list.dnswl.org=127.0.0.2*-4', 'list.dnswl.org', 'list.dnswl.org=127.0.0.2*-4'],
    ['bl.example*+1', 'bl.example', 'bl.example'],
    ['K3Y.zen.dq.spamhaus.net', 'k3y.zen.dq.spamhaus.net', 'zen.dq.spamhaus.net'],
    ['zen.dq.spamhaus.net', 'zen.dq.spamhaus.net', 'zen.dq.spamhaus.net'],
    [
      'a.b.combined.mail.abusix.zone=127.0.0.2',
      'a.b.combined.mail.abusix.zone',
      'combined.mail.abusix.zone=127.0.0.2',
    ],
    ['${dqs}.zen.dq.spamhaus.net', '${dqs}.zen.dq.spamhaus.net', 'zen.dq.spamhaus.net'],
    // What looks like a key is one wherever it stands.
    ['0123456789abcdef0123456789.list.example', '0123456789abcdef0123456789.list.example', 'list.example'],
    ['0123456789abcdef0123456789-x.zen.example', '0123456789abcdef0123456789-x.zen.example', 'zen.example'],
    ['x.0123456789abcdef0123456789.bl.example', 'x.0123456789abcdef0123456789.bl.example', 'bl.example'],
    ['0123456789abcdef0123456789.example', '0123456789abcdef0123456789.example', 'KEY.example'],
    ['0123456789abcdef0123456789', '0123456789abcdef0123456789', 'KEY'],
  ];
  for (const [written, zone, shown] of right)
    it(`${written} is shown as ${shown}`, () => {
      const read = parseListSite(written);
      if (!read.ok) throw new Error(read.what);
      expect(read.site.zone).to.equal(zone);
      expect(writtenSite(read.site)).to.equal(shown);
    });

  for (const [written, what] of [
    ['', 'the zone of the list is missing'],
    ['=127.0.0.2', 'the zone of the list is missing'],
    ['zen..spamhaus.org', 'the zone is not a host name'],
    ['-zen.spamhaus.org', 'the zone is not a host name'],
    ['192.0.2.1', 'the zone is not a host name'],
    ['zen spamhaus', 'the zone is not a host name'],
    [`${'a.'.repeat(130)}example`, 'the zone is longer than a name of the DNS can be'],
    ['zen.spamhaus.org=127.0.0.2*x', 'the weight after * is not a whole number'],
    ['zen.spamhaus.org*', 'the weight after * is not a whole number'],
    ['zen.spamhaus.org*1.5', 'the weight after * is not a whole number'],
    ['https://www.spamhaus.org', 'a list is named by its zone, not by a URL'],
    [
      '$dqs.zen.spamhaus.org',
      "a key is named by ${name} before the first dot; main.cf's $names mean nothing here",
    ],
    ['zen.spamhaus.org=', 'there is no pattern after ='],
  ] as const)
    it(`"${written.slice(0, 40)}" is none: ${what}`, () => {
      const read = parseListSite(written);
      expect(read.ok ? read : read.what).to.equal(what);
    });
});
