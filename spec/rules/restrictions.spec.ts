import { expect } from 'chai';
import fc from 'fast-check';
import { readRestrictions } from '../../lib/rules/restrictions.ts';

const written = (text: string): string[] => readRestrictions(text).restrictions.map((each) => each.written);

const said = (text: string): string[] =>
  readRestrictions(text).remarks.map(
    ({ severity, what, instead, within }) => `${within} ${severity}: ${what}; ${instead}`,
  );

describe('Restrictions as main.cf has them', () => {
  const cases: readonly [string, string[]][] = [
    ['permit_mynetworks', ['permit_mynetworks']],
    ['permit_mynetworks, reject', ['permit_mynetworks', 'reject']],
    ['permit_mynetworks reject', ['permit_mynetworks', 'reject']],
    ['\n  permit_mynetworks,\n  reject,\n', ['permit_mynetworks', 'reject']],
    ['Permit_Mynetworks', ['permit_mynetworks']],
    ['check_client_access cidr:/etc/x reject', ['check_client_access cidr:/etc/x', 'reject']],
    ['check_sender_access hash:/a, hash:/b', ['check_sender_access hash:/a', 'check_sender_access hash:/b']],
    [
      'check_helo_access inline:{ a=REJECT no such, {b = DUNNO, x} }, permit',
      ['check_helo_access inline:{ a=REJECT no such, {b = DUNNO, x} }', 'permit'],
    ],
    [
      'warn_if_reject reject_unknown_helo_hostname, permit',
      ['warn_if_reject reject_unknown_helo_hostname', 'permit'],
    ],
    ['warn_if_reject warn_if_reject reject', ['warn_if_reject reject']],
    [
      'warn_if_reject check_client_access hash:/a, reject',
      ['warn_if_reject check_client_access hash:/a', 'reject'],
    ],
    ['reject_unknown_client', ['reject_unknown_client_hostname']],
    [
      'reject_rbl_client zen.spamhaus.org=127.0.0.[2..11], permit',
      ['reject_rbl_client zen.spamhaus.org=127.0.0.[2..11]', 'permit'],
    ],
    [
      'permit_dnswl_client rep.mailspike.net=127.0.0.[ 18 .. 20 ; 17 ],reject',
      ['permit_dnswl_client rep.mailspike.net=127.0.0.[17..20]', 'reject'],
    ],
    ['reject_rbl ZEN.spamhaus.org.', ['reject_rbl_client zen.spamhaus.org']],
    [
      'warn_if_reject soft_first reject_rhsbl_sender dbl.example=127.0.1.2',
      ['warn_if_reject soft_first reject_rhsbl_sender dbl.example=127.0.1.2'],
    ],
    ['soft_first warn_if_reject reject', ['warn_if_reject soft_first reject']],
    [
      'check_spf mail_from_fail=defer permerror=reject, greylist',
      ['check_spf mail_from_fail=defer permerror=reject', 'greylist'],
    ],
    ['greylist delay=5m permit', ['greylist delay=5m', 'permit']],
    // A bracket that is not closed ends with its word.
    ['reject_rbl_client a.example=127.0.0.[2, permit', ['permit']],
    ['check_client_access cidr:/a[b, reject', ['check_client_access cidr:/a[b', 'reject']],
    // Keys are not to be seen.
    [
      'reject_rbl_client abcdefghijklmnopqrstuvwxyz.zen.dq.spamhaus.net=127.0.0.2',
      ['reject_rbl_client zen.dq.spamhaus.net=127.0.0.2'],
    ],
    ['reject_rbl_client ${dqs}.zen.dq.spamhaus.net', ['reject_rbl_client zen.dq.spamhaus.net']],
  ];
  for (const [text, expected] of cases) {
    it(`${JSON.stringify(text)} → ${expected.join(' | ')}`, () => {
      expect(written(text)).to.deep.equal(expected);
    });
  }

  it('mark what stands behind warn_if_reject, and only that', () => {
    const { restrictions } = readRestrictions('warn_if_reject reject, reject');
    expect(restrictions.map(({ warnOnly }) => warnOnly)).to.deep.equal([true, false]);
  });

  it('mark what stands behind soft_first, and only that', () => {
    const { restrictions } = readRestrictions('soft_first reject, warn_if_reject reject');
    expect(restrictions.map(({ soft, warnOnly }) => [soft, warnOnly])).to.deep.equal([
      [true, false],
      [false, true],
    ]);
  });

  it('know the list behind a word, its secret key included', () => {
    const { list } = readRestrictions('reject_rbl_client k3y.zen.dq.spamhaus.net=127.0.0.[2;3]')
      .restrictions[0]!;
    expect(list).to.deep.include({
      zone: 'k3y.zen.dq.spamhaus.net',
      alias: 'zen.dq.spamhaus.net',
      weight: 1,
    });
    expect(list!.pattern!.text).to.equal('127.0.0.[2..3]');
  });

  it('know the options behind a word', () => {
    const { restrictions } = readRestrictions(
      'greylist delay=5m, greylist, check_spf Helo_Fail=DEFER, check_spf',
    );
    expect(restrictions.map(({ options }) => options)).to.deep.equal([
      { kind: 'greylist', delayMs: 300_000 },
      null,
      { kind: 'spf', answers: { helo_fail: 'defer' } },
      null,
    ]);
  });

  const wrong: readonly [string, string][] = [
    ['', '0 error: there is no rule; write one such as permit_mynetworks'],
    ['permit_mynetwork', '0 error: "permit_mynetwork" is not a policy word; did you mean permit_mynetworks?'],
    [
      'permit, office_hours',
      '8 error: "office_hours" is not a policy word; restriction classes are to be written out; the words are in the README',
    ],
    [
      'permit, reject_unauth_destination',
      '8 error: reject_unauth_destination stays in main.cf: Postern lets mail through when it is away, and that must never open a relay; leave it there, and remove it here',
    ],
    [
      'check_policy_service inet:127.0.0.1:10023, permit',
      '0 error: check_policy_service stays in main.cf: a policy service of its own speaks to Postfix, not to Postern; leave it there, and remove it here',
    ],
    [
      'check_client_access /etc/postfix/clients',
      '0 error: check_client_access needs a table with its type; write check_client_access cidr:/etc/postfix/clients, or hash: regexp: pcre: inline:',
    ],
    [
      'check_client_access',
      '0 error: check_client_access needs a table with its type; write check_client_access cidr:/etc/postern/table, or hash: regexp: pcre: inline:',
    ],
    [
      'hash:/a',
      '0 error: "hash:/a" is a table without a word; write check_client_access hash:/a, or the like',
    ],
    [
      'permit warn_if_reject',
      '7 error: warn_if_reject stands before nothing; write the rule that it is to warn of',
    ],
    [
      'reject_unknown_hostname',
      '0 warning: reject_unknown_hostname is the old spelling; write reject_unknown_helo_hostname',
    ],
  ];
  for (const [text, expected] of wrong) {
    it(`${JSON.stringify(text)}: ${expected}`, () => {
      expect(said(text)).to.deep.equal([expected]);
    });
  }

  it('come to rules or remarks, whatever is written', () => {
    const word = fc.constantFrom(
      'permit',
      'warn_if_reject',
      'check_client_access',
      'hash:/x',
      'reject_rbl_client',
      'soft_first',
      'check_spf',
      'greylist',
      'a.example=127.0.0.[2',
      ']',
      'delay=5m',
      'helo_fail=',
      '{',
      '}',
      ',',
      ' ',
      'sleep',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.array(word).map((all) => all.join(' ')),
        ),
        (text) => {
          const { restrictions, remarks } = readRestrictions(text);
          expect(restrictions.length + remarks.length).to.be.greaterThan(0);
        },
      ),
    );
  });
});
