import { expect } from 'chai';
import fc from 'fast-check';
import { readRestrictions } from '../../lib/config/restrictions.ts';

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
      'reject_rbl_client zen.example=127.0.0.2, permit',
      '0 error: reject_rbl_client is not in this version yet; leave it in main.cf for now',
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
