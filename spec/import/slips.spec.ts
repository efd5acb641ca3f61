/** What is wrong in a main.cf: what an import says of it, and whether Postfix itself would refuse or not know it. */

import { expect } from 'chai';
import { importPostfix } from '../../lib/import/postfix.ts';

function read(mainCf: string): { flat: string; wrong: readonly number[] } {
  const found = importPostfix({
    mainCf: { file: 'main.cf', text: mainCf },
    directory: '/etc/postfix',
    readFile: () => null,
    masterCf: null,
    postgrey: null,
    policydSpf: null,
  });
  return { flat: (found?.yaml ?? '').replace(/\n *# */g, ' '), wrong: found?.wrong ?? [] };
}

const sender = 'smtpd_sender_restrictions =';

describe('A slip in main.cf', () => {
  const cases: readonly [mainCf: string, said: RegExp, wrong: readonly number[]][] = [
    [`${sender} reject_rbl_clinet`, /reject_rbl_clinet .*a slip: did you mean reject_rbl_client\?/, [1]],
    [`${sender} reject_unlisted_sendr`, /did you mean reject_unlisted_sender\?/, [1]],
    [`${sender} check_sneder_access hash:/x`, /no such table: did you mean check_sender_access\?/, [1]],
    [`smtpd_restriction_classes = heavy\nheavy = reject\n${sender} haevy`, /did you mean heavy\?/, [3]],
    ['smtpd_relay_restrictions = reject_unauth_destinatoin', /did you mean reject_unauth_destination\?/, [1]],
    [
      'x = 1\nsmtpd_helo_restriction = reject_invalid_helo_hostname',
      /smtpd_helo_restriction: Postfix knows no such parameter.*did you mean smtpd_helo_restrictions\?/,
      [2],
    ],
    [
      `${sender} reject_non_fqdn_sender,\n warn_if_reject`,
      /line 2 {2}warn_if_reject at the end of a list has nothing behind it/,
      [],
    ],
    [
      `${sender} check_sender_access inline:{a=REJECTED}`,
      /the result REJECTED, which is no result that Postfix or Postern knows: did you mean REJECT\?/,
      [1],
    ],
    [
      'mynetworks = 127.0.0.0/8\n smtpd_helo_required = yes',
      /line 2 {2}this line begins with a blank: it continues line 1/,
      [2],
    ],
    ['mynetworks = 10.0.0.300/8', /10\.0\.0\.300\/8 is not a network/, [1]],
    ['unknown_client_reject_code = abc', /unknown_client_reject_code: abc: this is no code/, [1]],
    ['x = 1\nfoo bar', /line 2 {2}this is no "name = value"/, [2]],
  ];
  for (const [mainCf, said, wrong] of cases)
    it(`is told of: ${JSON.stringify(mainCf)}`, () => {
      const found = read(mainCf);
      expect(found.flat).to.match(said);
      expect(found.wrong).to.deep.equal(wrong);
      if (wrong.length > 0)
        expect(found.flat).to.contain(`does not know, what stands on line ${wrong.join(', ')}: see there.`);
    });

  const sound = [
    'mynetworks = cidr:/x, /y, !192.0.2.1, $myhostname, [::1]/128',
    'smtpd_restriction_classes = smtpd_sender_restriction\nsmtpd_sender_restriction = reject\nsmtpd_milter_maps = cidr:/x',
    `${sender} check_sender_access inline:{a=FILTER}, check_sender_access ldap:/x, reject_sender_login_mismatch`,
    'unknown_client_reject_code = 550',
    `${sender} check_sender_access\n  inline:{ {a = REJECT} }`,
  ];
  for (const mainCf of sound)
    it(`is not found in ${JSON.stringify(mainCf)}`, () => {
      const { flat, wrong } = read(mainCf);
      expect(wrong).to.deep.equal([]);
      expect(flat).not.to.match(/Postfix itself|begins with a blank|did you mean/);
    });
});

describe('A restriction class', () => {
  it('is said to be written out only where it is', () => {
    const { flat } = read(
      `smtpd_restriction_classes = a, b, c\na = reject_non_fqdn_sender\nb = reject\nc = reject\n${sender} a, check_sender_access inline:{x=b}`,
    );
    expect(flat).to.match(/smtpd_restriction_classes: a: written out in this file/);
    expect(flat).to.match(
      /smtpd_restriction_classes: b: named only by tables, as a result: it stays in main\.cf/,
    );
    expect(flat).to.match(/smtpd_restriction_classes: c: named by nothing that was read/);
  });
});
