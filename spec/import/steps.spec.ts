/** The end of an import: what to do with main.cf, in which order, so that somebody refuses at every moment. */

import { expect } from 'chai';
import { parseDocument } from 'yaml';
import { imported } from './import-setup.ts';

const RULES =
  'smtpd_helo_restrictions = reject_invalid_helo_hostname\n' +
  'smtpd_recipient_restrictions = reject_unauth_destination, reject_non_fqdn_sender, reject_rbl_client a.example=127.0.0.2\n';

function steps(mainCf: string): { head: string; first: string; second: string; notYet: string } {
  const flat = imported(mainCf).replace(/\n *# */g, ' ');
  const [head = '', first = '', second = '', notYet = ''] = flat.split(/main\.cf, (?:step \d|NOT YET)/);
  return { head, first, second, notYet };
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
    const { second, notYet } = steps(RULES);
    expect(second).to.match(
      /a\. write observe: false in this file, and reload Postern.*b\. only then .*take out of smtpd_helo/,
    );
    expect(notYet).to.match(
      /^, but when step 2 is done \(observe: false in this file\).*take out of smtpd_rec.* put in, with observe: false in this file by now,/,
    );
  });

  it('name the rules that observe: false would bring too early', () => {
    const { second } = steps(
      'smtpd_recipient_restrictions = permit_dnswl_client list.dnswl.org,\n reject_non_fqdn_sender',
    );
    expect(second).to.match(
      /first write # before reject_non_fqdn_sender \(line 2\), which would hit .*a\. write observe/,
    );
    expect(second).to.match(/b\. nothing: main\.cf stays/);
  });

  it('hold back each greylist of a list of which one waits, and say so of each', () => {
    const { head, second, notYet } = steps(
      'smtpd_recipient_restrictions = check_policy_service inet:127.0.0.1:10023,\n permit_dnswl_client list.dnswl.org,\n check_policy_service inet:127.0.0.1:10023',
    );
    expect(second).to.match(
      /first write # before greylist \(line 1\), greylist \(line 3\), which would .*second time/,
    );
    expect(second).not.to.match(/take out/);
    expect(
      head.match(/its line stays in main\.cf until permit_dnswl_client \(line 2\) is active/g),
    ).to.have.length(2);
    expect(head).not.to.match(/as soon as observe is false/);
    expect(notYet.match(/take out of smtpd_recipient_restrictions/g)).to.have.length(1);
  });

  it('need no entry in smtpd_milters that is there', () => {
    const { first } = steps(`smtpd_milters = { inet:127.0.0.1:8891, default_action=accept }\n${RULES}`);
    expect(first)
      .to.match(/smtpd_milters has Postern already/)
      .and.not.to.match(/postconf -e/);
  });

  it('say why a rule waits that is active already', () => {
    const { notYet } = steps(
      'smtpd_recipient_restrictions = reject_non_fqdn_sender,\n permit_dnswl_client list.dnswl.org,\n reject_non_fqdn_recipient',
    );
    expect(notYet).to.match(
      /here because it stands in one list with permit_dnswl_client \(line 2\): .*active: reject_non_fqdn_sender \(line 1\)/,
    );
    expect(notYet).to.match(
      /here because it stands behind the whitelist permit_dnswl_client \(line 2\), which spares nobody yet: reject_non_fqdn_recipient \(line 3\)/,
    );
    expect(steps(RULES).second).not.to.match(/active already/);
  });

  it('say "change" of what stays in another form, and take out no more than goes', () => {
    const { notYet } = steps(
      'smtpd_recipient_restrictions = permit_dnswl_client list.dnswl.org=127.0.[0..255].3, reject_unverified_recipient, reject_rbl_client a.example=127.0.0.2',
    );
    expect(notYet).to.match(/take out of smtpd_recipient_restrictions: reject_rbl_client a\.example\S+ \(l/);
    expect(notYet).to.contain(
      'change in smtpd_recipient_restrictions: permit_dnswl_client list.dnswl.org=127.0.[0..255].3 (line 1) to permit_dnswl_client list.dnswl.org=127.0.[0..9;11..255].3',
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
