/** What a Received field says of the host before, in the hands of each MTA, and of those who would like to choose. */

import { expect } from 'chai';
import fc from 'fast-check';
import { hopIn } from '../../lib/headers/received.ts';

const BEHIND = 'by relay.example.org (Postfix) with ESMTP id 4XyzQ; Sat, 21 Nov 2026 10:00:00 +0000';

function seen(from: string, behind = BEHIND): string {
  const hop = hopIn(`from ${from}\n\t${behind}`);
  return hop === null ? 'nobody' : `${hop.address.text} ${hop.helo}${hop.authenticated ? ' logged in' : ''}`;
}

describe('Of the host before', () => {
  const rows: readonly (readonly [mta: string, from: string, hop: string])[] = [
    ['Postfix', 'mx.example.net (mx.example.net [192.0.2.10])', '192.0.2.10 mx.example.net'],
    ['Postfix, IPv6', 'mx.example.net (unknown [IPv6:2001:DB8::10])', '2001:db8::10 mx.example.net'],
    [
      'Postfix, TLS',
      'mx (mx.example.net [192.0.2.10])\n\t(using TLSv1.3 with cipher X (256/256 bits))\n\t(No client certificate requested)',
      '192.0.2.10 mx',
    ],
    ['Postfix, a literal HELO', '[203.0.113.1] (unknown [192.0.2.10])', '192.0.2.10 [203.0.113.1]'],
    ['Postfix, the HELO by', 'by (unknown [192.0.2.10])', '192.0.2.10 by'],
    ['Sendmail', 'mx.example.net (mx.example.net [192.0.2.10] (may be forged))', '192.0.2.10 mx.example.net'],
    ['Sendmail, ident', 'mx (IDENT:[203.0.113.1]@mx.example.net [192.0.2.10])', '192.0.2.10 mx'],
    ['Sendmail, no name', 'mx.example.net ([192.0.2.10])', '192.0.2.10 mx.example.net'],
    ['Exim', 'mx.example.net ([192.0.2.10])', '192.0.2.10 mx.example.net'],
    ['Exim, HELO', 'ptr.example.net ([192.0.2.10] helo=mx.example.net)', '192.0.2.10 mx.example.net'],
    [
      'Exim, a HELO that lies',
      'ptr.example.net ([192.0.2.10] helo=[203.0.113.1])',
      '192.0.2.10 [203.0.113.1]',
    ],
    ['Exim, ports', 'ptr ([192.0.2.10]:4711 helo=mx ident=[203.0.113.1])', '192.0.2.10 mx'],
    ['Exim, no name', '[192.0.2.10] (helo=[203.0.113.1])', '192.0.2.10 [203.0.113.1]'],
    ['Exim, no name, ports', '[192.0.2.10]:4711 (port=1 helo=mx)', '192.0.2.10 mx'],
    ['qmail', 'ptr.example.net (192.0.2.10)', '192.0.2.10 ptr.example.net'],
    ['qmail, HELO', 'unknown (HELO [203.0.113.1]) (192.0.2.10)', '192.0.2.10 [203.0.113.1]'],
    ['qmail, ident', 'ptr.example.net (HELO mx) (root@192.0.2.10)', '192.0.2.10 mx'],
    ['Exchange', 'mx.example.net (192.0.2.10)', '192.0.2.10 mx.example.net'],
  ];
  for (const [mta, from, hop] of rows)
    it(`${mta} tells: ${from.replace(/\s+/g, ' ')}`, () => {
      expect(seen(from)).to.equal(hop);
    });

  for (const [title, field] of [
    ['a message that began there', 'by relay.example.org (Postfix, from userid 1000) id 4X; date'],
    ['nothing but what the client said', 'from [192.0.2.10] by relay.example.org; date'],
    ['a comment that is none', 'from mx.example.net (192.0.2.10 by relay.example.org; date'],
    ['a comment without an address', 'from mx (using TLS) (mx [192.0.2.10]) by relay.example.org; date'],
    ['no by', 'from mx.example.net (mx.example.net [192.0.2.10])'],
    ['no address', 'from mx.example.net (mx.example.net [192.0.2]) by relay.example.org; date'],
    ['nothing', ''],
  ] as const)
    it(`nobody tells who was before ${title}`, () => {
      expect(hopIn(field)).to.equal(null);
    });

  it('Exim tells even where the HELO is the address itself, and a client cannot speak for it', () => {
    const exim =
      'by relay.example.org with esmtp (Exim 4.96)\n\t(envelope-from <alice@example.net>)\n\tid 1; date';
    expect(seen('[192.0.2.10]', exim)).to.equal('192.0.2.10 [192.0.2.10]');
    expect(seen('[2001:db8::10]', exim)).to.equal('2001:db8::10 [2001:db8::10]');
    expect(seen('[192.0.2.10]', 'by relay.example.org with esmtp (NotExim)'), 'not Exim').to.equal('nobody');
    expect(seen('mx.example.net', exim), 'no address').to.equal('nobody');
  });

  it('is told whether it had logged in, by the words of RFC 3848', () => {
    const of = (protocol: string): string =>
      seen('x (y [192.0.2.10])', `by relay.example.org (X) with ${protocol} id 1; date`);
    for (const protocol of ['ESMTPA', 'ESMTPSA', 'esmtpsa', 'LMTPSA', 'UTF8SMTPSA', 'asmtp'])
      expect(of(protocol), protocol).to.equal('192.0.2.10 x logged in');
    for (const protocol of ['ESMTP', 'ESMTPS', 'SMTP', 'LMTP', 'UTF8SMTPS', 'Microsoft SMTP Server', 'HTTPA'])
      expect(of(protocol), protocol).to.equal('192.0.2.10 x');
    expect(seen('with (ESMTPSA [192.0.2.10])'), 'said by the client').to.equal('192.0.2.10 with');
  });

  it('nothing that is written makes it fall over, or take long', () => {
    const piece = fc.oneof(
      fc.constantFrom('from ', 'by ', 'with ', '(', ')', '\\', '[', ']', '192.0.2.1', 'helo=', '@', '\n\t'),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const hop = hopIn(`from ${pieces.join('')}`);
        expect(hop === null || hop.address.text !== '').to.equal(true);
      }),
      { numRuns: 3000 },
    );
    for (const many of ['(', ')', '(\\', '[', 'from ', ' helo=', '(a [1.2.3.4] '])
      hopIn(`from x (${many.repeat(100_000)}`);
  });

  it('a client chooses no address, whatever it calls itself in Postfix', () => {
    // Postfix turns blanks, parentheses, quotes and the like of a HELO into question marks (smtpd.c).
    const helo = fc
      .string({ minLength: 1, maxLength: 60 })
      .map((said) => said.replace(/[^!-~]|[<>()\\";@]/g, '?'));
    fc.assert(
      fc.property(helo, (said) => {
        expect(hopIn(`from ${said} (unknown [192.0.2.10])\n\t${BEHIND}`)?.address.text).to.equal(
          '192.0.2.10',
        );
      }),
    );
  });
});
