/** Rules that stay because of one that can't move: the cause and the cure are said once, there. */

import { expect } from 'chai';
import { imported } from './import-setup.ts';

function flat(mainCf: string, files: Readonly<Record<string, string>> = {}): string {
  return imported({
    mainCf: { file: 'main.cf', text: mainCf },
    readFile: (path) => files[path] ?? null,
  }).replace(/\n *# */g, ' ');
}

const LIST =
  'smtpd_client_restrictions = check_client_access cidr:/clients.cidr,\n reject_unknown_client_hostname,\n reject_non_fqdn_sender,\n' +
  ' check_policy_service inet:127.0.0.1:10023\n';
const TABLE = '# who\n192.0.2.64/26\tOK\n203.0.113.9\tPREPEND X-Seen:  yes\n';

describe('A whitelist that can not move', () => {
  it('names the line of its table that keeps it, and what moves without that', () => {
    const text = flat(LIST, { '/clients.cidr': TABLE });
    expect(text).to.match(
      /line 1 {2}check_client_access .*which only Postfix can carry out; as it may let in, the 3 rules \(lines 2-4\) behind it stay with it/,
    );
    expect(text).to.contain(
      'move the line "203.0.113.9 PREPEND X-Seen: yes" (clients.cidr:3) into a table of its own and import again; then the 3 rules (lines 2-4) behind it move too',
    );
    expect(text).to.contain('reject_non_fqdn_sender (client): stays with check_client_access (line 1)');
    expect(text.match(/as it may let in/g)).to.have.length(1);
  });

  it('lets them move once that is done', () => {
    const text = flat(
      LIST.replace('cidr:/clients.cidr', 'cidr:/own, check_client_access cidr:/clients.cidr'),
      {
        '/own': '203.0.113.9 PREPEND X-Seen: yes\n',
        '/clients.cidr': '192.0.2.64/26 OK\n',
      },
    );
    expect(text).not.to.match(/stays with/);
    expect(text).to.match(/4 of 5 restrictions move, 1 stay, 0 are dropped\./);
  });

  it('is counted in the head, with the greylister that stays with it', () => {
    expect(flat(LIST, { '/clients.cidr': TABLE })).to.match(
      /0 of 4 restrictions move, 4 stay, 0 are dropped\. postgrey \(line 4\) stays in main\.cf: this file greylists nobody\./,
    );
    expect(flat(LIST, { '/clients.cidr': '192.0.2.1 OK\n' })).not.to.match(/greylists nobody/);
  });

  const causes: readonly [first: string, cure: RegExp][] = [
    ['check_sender_access ldap:/x', /To change that: export it into a file that Postern reads/],
    ['check_sender_access inline:{a=mine}', /write what the class stands for, .* into the line "mine" and/],
    ['check_sender_access inline:{a=REJECTED}', /mend the line "REJECTED" and import again/],
    ['check_policy_service inet:127.0.0.1:4711', /if it lets nobody in, write it behind line 4 in main\.cf/],
  ];
  for (const [first, cure] of causes)
    it(`says what to do about ${first}`, () => {
      const text = flat(
        `smtpd_restriction_classes = mine\nmine = reject\nsmtpd_sender_restrictions = ${first},\n reject_non_fqdn_sender`,
      );
      expect(text)
        .to.match(cure)
        .and.match(/then the rule \(line 4\) behind it moves too/);
    });

  it('is one of many: not each says what can be done, and the text stays short', () => {
    const list = Array.from(
      { length: 499 },
      (_, i) => `check_sender_access ldap:/x${i}, reject_non_fqdn_sender`,
    );
    const text = flat(`smtpd_sender_restrictions = ${list.join(', ')}`);
    expect(text.match(/To change that/g)).to.have.length(50);
    expect(text.length).to.be.lessThan(250_000);
  });

  it('is one of several: each is named', () => {
    const text = flat(
      'smtpd_sender_restrictions = check_sender_access ldap:/x,\n check_sender_access ldap:/y,\n reject_non_fqdn_sender',
    );
    expect(text).to.contain('stays with check_sender_access (line 1), check_sender_access (line 2)');
    expect(text).to.match(/moves too, as far as check_sender_access \(line 2\) let/);
  });
});
