/** The end of an import: what to do with main.cf, in which order, so that somebody refuses at every moment. */

import { expect } from 'chai';
import { parseDocument } from 'yaml';
import { imported } from './import-setup.ts';

const RULES =
  'smtpd_helo_restrictions = reject_invalid_helo_hostname\n' +
  'smtpd_recipient_restrictions = reject_unauth_destination, reject_non_fqdn_sender, reject_rbl_client a.example=127.0.0.2, check_policy_service unix:private/policyd-spf\n';

function steps(mainCf: string): { head: string; first: string; second: string } {
  const flat = imported(mainCf).replace(/\n *# */g, ' ');
  const [head = '', first = '', second = ''] = flat.split(/main\.cf, step \d/);
  return { head, first, second };
}

describe('The steps of an import', () => {
  it('begin with observe: true in the file, and nothing but smtpd_milters in main.cf', () => {
    expect(parseDocument(imported(RULES)).toJS().observe).to.equal(true);
    const { head, first } = steps(RULES);
    expect(head).to.match(/refuses nobody: .*Only step 2 at the end makes it false\. ?\nobserve: true/);
    expect(first).to.match(/with observe: true: put in nothing but smtpd_milters/);
    expect(first.match(/postconf -e/g)).to.have.length(1);
    expect(first).not.to.match(/_restrictions/);
  });

  it('take out what refuses only behind observe: false', () => {
    const { second } = steps(RULES);
    expect(second).to.match(
      /a\. write observe: false in this file, and reload Postern.*b\. only then .*take out of smtpd_helo/,
    );
    expect(second).to.match(
      /take out of smtpd_rec[^:]*: reject_non_fqdn_sender \(l[^:]*, reject_rbl_client a\.ex.*, check_policy_service unix:\S+ \(line 2\) put in, with observe: false in this file by now,/,
    );
  });

  it('are two, with postscreen too', () => {
    const { second } = steps(
      'smtpd_recipient_restrictions = reject_rbl_client a.example=127.0.0.2\npostscreen_dnsbl_sites = b.example=127.0.0.2\npostscreen_dnsbl_action = drop',
    );
    expect(second).to.match(
      /take out of smtpd_recipient_restrictions: .*take out of postscreen_dnsbl_sites: all/,
    );
  });

  it('need no entry in smtpd_milters that is there', () => {
    const { first } = steps(`smtpd_milters = { inet:127.0.0.1:8891, default_action=accept }\n${RULES}`);
    expect(first)
      .to.match(/smtpd_milters has Postern already/)
      .and.not.to.match(/postconf -e/);
  });

  it('say "change" of what stays in another form, and take out no more than goes', () => {
    const { second } = steps(
      'smtpd_recipient_restrictions = permit_dnswl_client list.dnswl.org=127.0.[0..255].3, reject_unverified_recipient, reject_rbl_client a.example=127.0.0.2',
    );
    expect(second).to.match(/take out of smtpd_recipient_restrictions: reject_rbl_client a\.example\S+ \(l/);
    expect(second).to.contain(
      'change in smtpd_recipient_restrictions: permit_dnswl_client list.dnswl.org=127.0.[0..255].3 (line 1) to permit_dnswl_client list.dnswl.org=127.0.[0..9;11..255].3',
    );
  });

  it('change a class once', () => {
    const { second } = steps(
      'smtpd_restriction_classes = mixed, late\nmixed = reject_non_fqdn_sender, check_policy_service unix:private/policyd-spf, reject_unauth_pipelining\nlate = check_policy_service unix:private/policyd-spf, reject_unlisted_recipient\n' +
        'smtpd_recipient_restrictions = mixed,\n late',
    );
    expect(second.match(/change in \w+: \S+ \(line \d\)/g)).to.deep.equal([
      'change in smtpd_recipient_restrictions: mixed (line 4)',
      'change in smtpd_recipient_restrictions: late (line 5)',
    ]);
    expect(second).to.contain(
      'smtpd_recipient_restrictions = reject_unauth_pipelining, reject_unlisted_recipient',
    );
  });

  it('name a rule of a class by the class, where main.cf has that', () => {
    const { second } = steps(
      'smtpd_restriction_classes = heavy, mixed\nheavy = reject_unknown_client\nmixed = reject_non_fqdn_sender, reject_unauth_pipelining\n' +
        'smtpd_sender_restrictions = reject_unknown_sender_domain,\n heavy,\n mixed',
    );
    expect(second).to.match(
      /take out of smtpd_sender_restrictions: reject_unknown_sender_domain \(line 4\), heavy \(line 5\): reject_unknown_client, mixed \(line 6\): reject_non_fqdn_sender /,
    );
    expect(second).to.contain('change in smtpd_sender_restrictions: mixed (line 6) to reject_unauth_pipe');
  });
});
