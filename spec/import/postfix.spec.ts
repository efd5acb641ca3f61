/** What an import says of single restrictions: where each goes, and why. */

import { expect } from 'chai';
import { parseDocument } from 'yaml';
import { imported } from './import-setup.ts';

interface Outcome {
  readonly policy: unknown;
  readonly text: string;
  /** The line of the setting, as it is to be put into main.cf. */
  readonly put: (name: string) => string | undefined;
}

function outcome(mainCf: string, files: Readonly<Record<string, string>> = {}): Outcome {
  const text = imported({
    mainCf: { file: 'main.cf', text: mainCf },
    readFile: (path) => files[path] ?? null,
    masterCf: files['master.cf'] === undefined ? null : { file: 'master.cf', text: files['master.cf'] },
  });
  const document = parseDocument(text);
  expect(document.errors).to.deep.equal([]);
  return {
    policy: document.toJS().policy,
    text,
    put: (name) => new RegExp(`^# (${name} =.*)$`, 'm').exec(text)?.[1],
  };
}

const recipient = (restrictions: string): string => `smtpd_recipient_restrictions = ${restrictions}`;
const NOTHING = ['permit_mynetworks', 'permit_sasl_authenticated'];

describe('import postfix', () => {
  it('leaves relay and recipient checks where they are', () => {
    const { policy, text, put } = outcome(
      recipient('permit_mynetworks, reject_unauth_destination, reject_unlisted_recipient'),
    );
    expect(policy).to.deep.equal(NOTHING);
    expect(put('smtpd_recipient_restrictions')).to.equal(undefined);
    expect(text).to.match(/line 1 {2}reject_unauth_destination \(recipient\): .*must\n# +never open a relay/);
    expect(text).to.match(/reject_unlisted_recipient \(recipient\): only Postfix knows/);
  });

  it('moves a list together with the whitelists before it, which stay too for what they spare there', () => {
    const { policy, put } = outcome(
      recipient(
        'permit_mynetworks, reject_unauth_destination, permit_sasl_authenticated, reject_rbl_client bl.example=127.0.0.2',
      ),
    );
    expect(policy).to.deep.equal([
      'permit_mynetworks',
      'permit_sasl_authenticated',
      'reject_rbl_client bl.example=127.0.0.2',
    ]);
    expect(put('smtpd_recipient_restrictions')).to.equal(
      recipient('permit_mynetworks, reject_unauth_destination'),
    );
  });

  it('keeps rules behind a whitelist that can not move', () => {
    for (const guard of [
      'check_client_access mysql:/etc/postfix/x.cf',
      'permit_mx_backup',
      'check_policy_service inet:127.0.0.1:10040',
    ]) {
      const { policy, text, put } = outcome(
        recipient(`reject_non_fqdn_sender, ${guard}, reject_rbl_client bl.example=127.0.0.2`),
      );
      expect(policy, guard).to.deep.equal(['reject_non_fqdn_sender']);
      expect(put('smtpd_recipient_restrictions')).to.equal(
        recipient(`${guard}, reject_rbl_client bl.example=127.0.0.2`),
      );
      expect(text.replace(/\n# */g, ' ')).to.match(
        /as it may let in, the rule \(line 1\) behind it stays with it/,
      );
    }
  });

  it('moves rules past what stays and lets nobody in', () => {
    for (const stays of [
      'check_sender_mx_access hash:/x',
      'reject_unauth_pipelining',
      'permit_tls_clientcerts',
    ])
      expect(
        outcome(recipient(`${stays}, reject_rbl_client bl.example=127.0.0.2`)).policy,
        stays,
      ).to.deep.equal(['reject_rbl_client bl.example=127.0.0.2']);
  });

  it('keeps what closes a door for everybody, and the whitelists before it', () => {
    const { policy, put } = outcome(
      'smtpd_client_restrictions = check_client_access cidr:/etc/postfix/in, reject, permit_mynetworks',
    );
    expect(policy).to.deep.equal(['check_client_access cidr:/etc/postfix/in']);
    expect(put('smtpd_client_restrictions')).to.equal(undefined);
  });

  it('writes one list where one has rules, and Postfix’s by name where more have', () => {
    const one = 'smtpd_helo_restrictions = reject_invalid_helo_hostname';
    expect(outcome(one).policy).to.deep.equal(['reject_invalid_helo_hostname']);
    expect(outcome(`${one}\nsmtpd_sender_restrictions = reject_non_fqdn_sender`).policy).to.deep.equal({
      helo: ['reject_invalid_helo_hostname'],
      sender: ['reject_non_fqdn_sender'],
    });
  });

  it('reads old spellings, bare tables, warn_if_reject and classes', () => {
    const { policy, text } = outcome(
      'smtpd_restriction_classes = strict, empty\nstrict = reject_non_fqdn_hostname,\n  reject_unknown_client\nempty =\n' +
        'maps_rbl_domains = a.example=127.0.0.2, b.example=127.0.0.2\n' +
        'smtpd_helo_restrictions = Permit_Mynetworks, warn_if_reject strict, empty, hash:/etc/postfix/helo\n' +
        'smtpd_client_restrictions = reject_maps_rbl, warn_if_reject reject_rbl c.example=127.0.0.2, REJECT_RBL_CLIENT d.example=127.0.0.2',
    );
    expect(policy).to.deep.equal({
      client: [
        'reject_rbl_client a.example=127.0.0.2',
        'reject_rbl_client b.example=127.0.0.2',
        'warn_if_reject reject_rbl_client c.example=127.0.0.2',
        'reject_rbl_client d.example=127.0.0.2',
      ],
      helo: [
        'permit_mynetworks',
        'warn_if_reject reject_non_fqdn_helo_hostname',
        'warn_if_reject reject_unknown_client_hostname',
        'check_helo_access hash:/etc/postfix/helo',
      ],
    });
    expect(text).to.contain(
      '- warn_if_reject reject_unknown_client_hostname # line 3, class warn_if_reject strict',
    );
    expect(text).to.match(/the restriction class empty is empty/);
  });

  it('does not follow classes in a circle', () => {
    const { policy, text } = outcome(
      'smtpd_restriction_classes = a, b\na = b\nb = a, reject_non_fqdn_sender\nsmtpd_sender_restrictions = a',
    );
    expect(policy).to.deep.equal(['reject_non_fqdn_sender']);
    expect(text).to.match(/class a names itself/);
  });

  it('keeps a class by its name where nothing of it moves', () => {
    const { put } = outcome(
      'smtpd_restriction_classes = mine\nmine = reject_unlisted_recipient, reject_unverified_recipient\n' +
        recipient('mine, reject_unknown_sender_domain'),
    );
    expect(put('smtpd_recipient_restrictions')).to.equal(recipient('mine'));
  });

  const dangerous: readonly [written: string, policy: readonly string[], said: RegExp][] = [
    [
      'reject_rbl_client zen.spamhaus.org',
      ['reject_rbl_client zen.spamhaus.org=127.0.0.[2..11]'],
      /made safe by =127\.0\.0\.\[2\.\.11\]/,
    ],
    [
      'reject_rbl_client Zen.Spamhaus.org.',
      ['reject_rbl_client Zen.Spamhaus.org.=127.0.0.[2..11]'],
      /made safe by =127\.0\.0\.\[2\.\.11\]/,
    ],
    [
      'reject_rbl_client SECRETKEY.ZEN.dq.spamhaus.net.=127.0.0.2',
      ['reject_rbl_client ${spamhaus}.ZEN.dq.spamhaus.net.=127.0.0.2'],
      /the key of ZEN\.dq\.spamhaus\.net\. is not in this file/,
    ],
    [
      'reject_rbl_client SECRETKEY.zen.dq.spamhaus.net',
      ['reject_rbl_client ${spamhaus}.zen.dq.spamhaus.net=127.0.0.[2..11]'],
      /made safe/,
    ],
    [
      'reject_rbl_client dnsbl.sorbs.net',
      NOTHING,
      /sorbs\.net is not taken over: this list is dead since 2024-06/,
    ],
    [
      'permit_dnswl_client sa-trusted.bondedsender.org, reject_non_fqdn_sender',
      ['reject_non_fqdn_sender'],
      /not taken over/,
    ],
    [
      'permit_dnswl_client list.dnswl.org=127.0.[0..255].[2..3], reject_non_fqdn_sender',
      ['permit_dnswl_client list.dnswl.org=127.0.[0..9;11..255].[2..3]', 'reject_non_fqdn_sender'],
      /takes 127\.0\.10\.\d, which is an error/,
    ],
    [
      'permit_dnswl_client list.dnswl.org=127.0.10.3, reject_non_fqdn_sender',
      ['reject_non_fqdn_sender'],
      /takes 127\.0\.10\.\d, which is an error/,
    ],
    [
      'permit_dnswl_client wl.example, reject_non_fqdn_sender',
      ['permit_dnswl_client wl.example=127.0.0.[2..254]', 'reject_non_fqdn_sender'],
      /Postern does not know this list: it decides nothing until it lists 127\.0\.0\.2, and not 127\.0\.0\.1 \(RFC 5782\)[^;]*; meanwhile those whom .* 450.*its error answers would let everybody in/,
    ],
    [
      'reject_rbl_client our.lists.example.=127.0.0.2',
      ['reject_rbl_client our.lists.example.=127.0.0.2'],
      /does not know this list: it decides nothing until it lists 127\.0\.0\.2, and not 127\.0\.0\.1 \(RFC 5782\), as a list of your own must, too(?!;)/,
    ],
    [
      'reject_rhsbl_sender our.names.example=127.0.0.2',
      ['reject_rhsbl_sender our.names.example=127.0.0.2'],
      /decides nothing until it lists the name test, and not the name invalid \(RFC 5782\)/,
    ],
    [
      'reject_rbl_client a.example=[0..255].0.0.2',
      ['reject_rbl_client a.example=127.0.0.2'],
      /takes 0\.0\.0\.2, which is an error/,
    ],
    [
      'reject_rbl_client dbl.spamhaus.org',
      ['reject_rbl_client dbl.spamhaus.org=127.0.1.[2..99]'],
      /this list knows names, not addresses, and lists no client/,
    ],
    [
      'reject_rhsbl_sender zen.spamhaus.org=127.0.0.2',
      ['reject_rhsbl_sender zen.spamhaus.org=127.0.0.2'],
      /this list knows addresses, not names/,
    ],
    [
      'permit_dnswl_client zen.spamhaus.org, reject_non_fqdn_sender',
      ['permit_dnswl_client zen.spamhaus.org', 'reject_non_fqdn_sender'],
      /one of bad senders, and this lets them in.*without a pattern it decides nothing/,
    ],
    [
      'reject_rbl_client list.dnswl.org=127.0.5.3',
      ['reject_rbl_client list.dnswl.org=127.0.5.3'],
      /one of good senders, and this is against them/,
    ],
    [
      'reject_rbl_client truncate.gbudb.net=127.0.0.2',
      ['reject_rbl_client truncate.gbudb.net=127.0.0.2'],
      /not established/,
    ],
  ];
  for (const [written, policy, said] of dangerous)
    it(`makes safe what was dangerous: ${written}`, () => {
      const found = outcome(recipient(written));
      expect(found.policy).to.deep.equal(policy);
      expect(found.text.replace(/\n# */g, ' ').replace(/\n +# /g, ' ')).to.match(said);
    });

  it('shows the key of a zone nowhere, and says where it goes', () => {
    const other = 'abcdef0123456789abcdef0123456789';
    const { policy, text } = outcome(
      recipient(
        'permit_dnswl_client list.dnswl.org=127.0.[0..9;11..255].3, reject_unverified_recipient, reject_rbl_client SECRETKEY.zen.dq.spamhaus.net, reject_rhsbl_sender secretkey.dbl.dq.spamhaus.net=127.0.1.[2..99], check_client_access ldap:/x, reject_rbl_client SECRETKEY.zen.dq.spamhaus.net',
      ) +
        `\nsmtpd_client_restrictions = reject_rbl_client OTHERKEY.combined.mail.abusix.zone,\n reject_rbl_client SECONDKEY.zen.dq.spamhaus.net, reject_rbl_client ${other}.lists.example=127.0.0.2`,
    );
    expect(text).not.to.match(/secretkey|otherkey|secondkey|abcdef0123/i);
    expect(policy).to.deep.equal({
      client: [
        'reject_rbl_client ${abusix}.combined.mail.abusix.zone=127.0.0.[2..4;11..12;200]',
        'reject_rbl_client ${spamhaus}.zen.dq.spamhaus.net=127.0.0.[2..11]',
        'reject_rbl_client ${list}.lists.example=127.0.0.2',
      ],
      recipient: [
        'permit_dnswl_client list.dnswl.org=127.0.[0..9;11..255].3',
        'reject_rbl_client ${spamhaus_2}.zen.dq.spamhaus.net=127.0.0.[2..11]',
        'reject_rhsbl_sender ${spamhaus_2}.dbl.dq.spamhaus.net=127.0.1.[2..99]',
      ],
    });
    expect(parseDocument(text).toJS().lists).to.deep.equal({
      key_files: {
        abusix: '/etc/postern/abusix.key',
        spamhaus: '/etc/postern/spamhaus.key',
        list: '/etc/postern/list.key',
        spamhaus_2: '/etc/postern/spamhaus_2.key',
      },
    });
    expect(text.replace(/\n *# */g, ' ')).to.match(
      /line 1: the key of zen\.dq\.spamhaus\.net is not in this file\. Write it, which stands before zen\.dq\.spamhaus\.net in main\.cf, into \/etc\/postern\/spamhaus_2\.key, and nothing else/,
    );
  });

  it('names no key file for a list that stays', () => {
    const { text } = outcome(
      recipient('check_client_access ldap:/x, reject_rbl_client SECRETKEY.zen.dq.spamhaus.net'),
    );
    expect(text).not.to.match(/key_files|SECRETKEY/);
  });

  it('makes safe, too, what stays in main.cf', () => {
    const { put } = outcome(
      recipient(
        'permit_dnswl_client list.dnswl.org=127.0.[0..255].3, reject_unverified_recipient, reject_rbl_client a.example=127.0.0.2',
      ),
    );
    expect(put('smtpd_recipient_restrictions')).to.equal(
      recipient('permit_dnswl_client list.dnswl.org=127.0.[0..9;11..255].3, reject_unverified_recipient'),
    );
  });

  it('keeps tables whose results only Postfix can carry out', () => {
    const files = {
      '/a': 'x@example.com FILTER smtp:[192.0.2.1]\n',
      '/b': 'example.com mine\n',
      '/c': 'example.com OK\n',
    };
    const { policy, text } = outcome(
      'smtpd_restriction_classes = mine\nmine = reject_unverified_sender\n' +
        'smtpd_sender_restrictions = check_sender_access hash:/c, check_sender_access hash:/a, check_sender_access hash:/b, reject_non_fqdn_sender',
      files,
    );
    expect(policy).to.deep.equal(['check_sender_access hash:/c']);
    expect(text.replace(/\n# */g, ' ')).to.match(/FILTER smtp:\[192\.0\.2\.1\], which only Postfix/);
  });

  it('knows a permit in a table from a table of refusals', () => {
    const rules = recipient(
      'check_sender_access hash:/t, reject_unlisted_recipient, reject_rbl_client a.example=127.0.0.2',
    );
    expect(outcome(rules, { '/t': 'a.example REJECT\n' }).put('smtpd_recipient_restrictions')).to.equal(
      recipient('reject_unlisted_recipient'),
    );
    expect(outcome(rules, { '/t': 'a.example OK\n' }).put('smtpd_recipient_restrictions')).to.equal(
      recipient('check_sender_access hash:/t, reject_unlisted_recipient'),
    );
  });

  it('asks greylist behind the refusals that a greylister of Postfix gave way to', () => {
    expect(
      outcome(
        recipient(
          'check_policy_service inet:127.0.0.1:10023, reject_rbl_client a.example=127.0.0.2, permit_mynetworks, reject_non_fqdn_sender',
        ),
      ).policy,
    ).to.deep.equal([
      'reject_rbl_client a.example=127.0.0.2',
      'greylist',
      'permit_mynetworks',
      'reject_non_fqdn_sender',
    ]);
  });

  it('moves reject_multi_recipient_bounce from the list of DATA with those whom it spares', () => {
    const data = 'smtpd_data_restrictions = permit_mynetworks, reject_multi_recipient_bounce';
    expect(
      outcome(`${data}\n${recipient('permit_mynetworks, reject_rbl_client a.example=127.0.0.2')}`).policy,
    ).to.deep.equal([
      'permit_mynetworks',
      'reject_multi_recipient_bounce',
      'reject_rbl_client a.example=127.0.0.2',
    ]);
    const alone = outcome(`${data}\n${recipient('reject_rbl_client a.example=127.0.0.2')}`);
    expect(alone.policy).to.deep.equal(['reject_rbl_client a.example=127.0.0.2']);
    expect(alone.put('smtpd_data_restrictions')).to.equal(undefined);
    expect(
      outcome('smtpd_data_restrictions = reject_unauth_pipelining, reject_multi_recipient_bounce').policy,
    ).to.deep.equal(['reject_multi_recipient_bounce']);
  });

  it('keeps codes and replies of main.cf', () => {
    const { policy } = outcome(
      'unknown_client_reject_code = 550\nnon_fqdn_reject_code = 504\nmaps_rbl_reject_code = 450\n' +
        'smtpd_client_restrictions = reject_unknown_client_hostname, reject_non_fqdn_sender, reject_rhsbl_sender a.example=127.0.0.2',
    );
    expect(policy).to.deep.equal([
      {
        rule: 'reject_unknown_client_hostname',
        reply: '550 5.7.25 Client host rejected: cannot find your hostname, [%{client_address}]',
      },
      'reject_non_fqdn_sender',
      {
        rule: 'reject_rhsbl_sender a.example=127.0.0.2',
        reply: '450 4.7.1',
      },
    ]);
  });

  it('reads replies from rbl_reply_maps by the pattern, then by the zone', () => {
    const { policy } = outcome(
      'rbl_reply_maps = hash:/r\ndefault_rbl_reply = $rbl_code no: $rbl_domain ${rbl_txt}$$\n' +
        'smtpd_client_restrictions = reject_rbl_client a.example=127.0.0.2, reject_rbl_client a.example=127.0.0.3, reject_rbl_client b.example=127.0.0.2',
      { '/r': 'a.example=127.0.0.2 521 5.7.9 $helo_name from $client_name\na.example 550 $sender_name no\n' },
    );
    expect(policy).to.deep.equal([
      { rule: 'reject_rbl_client a.example=127.0.0.2', reply: '521 5.7.9 %{helo} from %{client_name}' },
      { rule: 'reject_rbl_client a.example=127.0.0.3', reply: '550 5.7.1 no' },
      { rule: 'reject_rbl_client b.example=127.0.0.2', reply: '554 5.7.1 no: %{zone} %{reason}$' },
    ]);
  });

  it('makes dnsbl_score of postscreen’s sites, unless these refused nobody', () => {
    const sites =
      'postscreen_dnsbl_sites = zen.spamhaus.org*2, list.dnswl.org=127.0.[0..255].3*-5\npostscreen_dnsbl_threshold = 2\n';
    expect(outcome(`${sites}postscreen_dnsbl_action = drop`).policy).to.deep.equal([
      'permit_mynetworks',
      'permit_sasl_authenticated',
      {
        dnsbl_score: {
          sites: ['zen.spamhaus.org=127.0.0.[2..11]*2', 'list.dnswl.org=127.0.[0..9;11..255].3*-5'],
          reject: 2,
        },
        reply: '521 5.7.1 Service unavailable; client [%{client_address}] blocked using %{zone}',
      },
    ]);
    for (const [mainCf, masterCf] of [
      [sites, undefined],
      [`${sites}postscreen_dnsbl_action = enforce`, 'smtp inet n - y - - smtpd\n'],
    ] as const) {
      const { policy, text, put } = outcome(mainCf, masterCf === undefined ? {} : { 'master.cf': masterCf });
      expect(policy).to.deep.equal(NOTHING);
      expect(text).to.match(/refuse nobody today/);
      expect(text).to.match(/switched off here as it is there, and so no rule/);
      expect(put('postscreen_dnsbl_sites')).to.equal(undefined);
    }
  });

  it('leaves postscreen the whitelists that spare clients its other tests', () => {
    const sites =
      'postscreen_dnsbl_action = enforce\npostscreen_dnsbl_sites = zen.spamhaus.org*3, list.dnswl.org=127.0.[0..255].3*-5, KEY.wl.dq.spamhaus.net=127.0.0.2*-1\n';
    const { policy, text, put } = outcome(`${sites}postscreen_dnsbl_allowlist_threshold = -4`);
    expect((policy as { dnsbl_score?: object }[]).at(-1)?.dnsbl_score).to.deep.include({
      reject: 1,
      permit: -4,
    });
    expect(put('postscreen_dnsbl_sites')).to.equal(
      'postscreen_dnsbl_sites = list.dnswl.org=127.0.[0..9;11..255].3*-5, wl.dq.spamhaus.net=127.0.0.2*-1',
    );
    expect(text).to.match(/\(postscreen_dnsbl_sites holds what can't be shown: change it with an editor\)/);
    expect(outcome(sites).put('postscreen_dnsbl_sites')).to.equal('postscreen_dnsbl_sites =');
  });

  it('takes over whom postscreen lets in, but not whom it only would reject', () => {
    const main = (action: string): string =>
      `postscreen_dnsbl_action = enforce\npostscreen_dnsbl_sites = zen.spamhaus.org\npostscreen_access_list = cidr:/p, cidr:/r\n${action}`;
    const files = { '/p': '192.0.2.1 permit\n192.0.2.2 dunno\n', '/r': '192.0.2.3 reject\n' };
    const ignoring = outcome(main(''), files);
    expect((ignoring.policy as unknown[]).slice(0, -1)).to.deep.equal([
      'check_client_access cidr:/p',
      'permit_sasl_authenticated',
    ]);
    expect(ignoring.text.replace(/\n *# */g, ' ')).to.match(
      /cidr:\/r: whom it rejects is let in there \(postscreen_denylist_action is ignore\)/,
    );
    expect(outcome(main('postscreen_denylist_action = enforce'), files).policy).to.include(
      'check_client_access cidr:/r',
    );
  });

  it('puts Postern first among the milters, on a port that is free, with no blanks around =', () => {
    expect(outcome('x = 1').put('smtpd_milters')).to.equal(
      'smtpd_milters = { inet:127.0.0.1:8891, default_action=accept }',
    );
    const { text, put } = outcome('smtpd_milters = inet:localhost:8891, unix:spamass/spamass.sock');
    expect(put('smtpd_milters')).to.equal(
      'smtpd_milters = { inet:127.0.0.1:8894, default_action=accept }, inet:localhost:8891, unix:spamass/spamass.sock',
    );
    expect(text).to.contain('\nlisten: inet:8894@127.0.0.1\n');
    expect(
      outcome('smtpd_milters = { inet:127.0.0.1:8891, default_action=accept }').put('smtpd_milters'),
    ).to.equal(undefined);
  });

  const networks: readonly [written: string, read: readonly string[], said: RegExp | null][] = [
    ['127.0.0.0/8 [::1]/128, 192.0.2.1', ['127.0.0.0/8', '[::1]/128', '192.0.2.1/32'], null],
    ['192.0.2.77/24', ['192.0.2.0/24'], /bits beyond/],
    ['127.0.0.0/8 !192.0.2.1', ['127.0.0.0/8'], /!192\.0\.2\.1 can't be taken over/],
    ['cidr:/etc/postfix/networks', [], /can't be taken over/],
    ['/n', ['192.0.2.0/24', '198.51.100.1/32'], /from \/n/],
  ];
  for (const [written, read, said] of networks)
    it(`takes over mynetworks = ${written}`, () => {
      const text = imported({
        mainCf: { file: 'main.cf', text: `mynetworks = ${written}` },
        readFile: (path) => (path === '/n' ? '192.0.2.0/24\n# no\n198.51.100.1 /n\n' : null),
      });
      expect(parseDocument(text).toJS().mynetworks).to.deep.equal(read);
      if (said !== null) expect(text).to.match(said);
    });

  const DOMAIN_FILES: Readonly<Record<string, string>> = {
    '/d': 'd.example\n',
    '/t': 'd.example OK\n',
    '/bad': 'd.example\n',
    '/virtual':
      '# domains, and addresses in them\nv.example anything\ninfo@v.example bob\n@w.example bob\nroot bob\n',
  };
  const domains: readonly [written: string, read: readonly string[] | undefined, said: RegExp | null][] = [
    [
      'myhostname = mx.example.org\nmydestination = $myhostname, localhost.$mydomain, localhost',
      ['mx.example.org', 'localhost.example.org'],
      null,
    ],
    [
      'mydestination = a.example b.example\nrelay_domains = .c.example, a.example',
      ['a.example', 'b.example', '.c.example'],
      null,
    ],
    [
      'relay_domains = hash:/t, hash:/gone, ldap:/x',
      ['hash:/t'],
      /hash:\/gone is not among them.*ldap:\/x is not among/s,
    ],
    ['virtual_mailbox_domains = /d', ['d.example'], null],
    ['mydestination =', undefined, null],
    ['x = 1', undefined, /mydestination = \$\{myhostname\}, localhost\.\$\{mydomain\} is not among/],
    ['myhostname = mx.example.org', ['mx.example.org', 'localhost.example.org'], null],
    ['myhostname = mx\nmydestination = $mydomain', ['localdomain'], null],
    [
      'mydestination = $myhostname, a.example, $mydomain',
      ['a.example'],
      /mydestination = \$\{myhostname\}, \$\{mydomain\} is not among them: main\.cf does not set \$myhostname, \$mydomain/,
    ],
    ['mydestination =\nvirtual_alias_maps = hash:/virtual', ['v.example'], null],
    ['mydestination =\nvirtual_mailbox_maps = proxy:hash:/virtual', ['v.example'], null],
    [
      'mydestination =\nvirtual_alias_maps = mysql:/x, hash:/gone, regexp:/virtual',
      undefined,
      /virtual_alias_maps = mysql:\/x is not.*hash:\/gone is not.*regexp:\/virtual is not among/s,
    ],
    [
      'mydestination =\nvirtual_alias_maps = hash:/virtual\nvirtual_alias_domains = a.example',
      ['a.example'],
      null,
    ],
    [
      'mydestination = proxy:hash:/t, hash:/bad',
      ['hash:/t'],
      /hash:\/bad is not among them: line 1: .*no result/,
    ],
    ['mydestination = null, yes, a.example', ['null', 'yes', 'a.example'], null],
  ];
  for (const [written, read, said] of domains)
    it(`takes over the domains of ${JSON.stringify(written)}`, () => {
      const text = imported({
        mainCf: { file: 'main.cf', text: written },
        readFile: (path) => DOMAIN_FILES[path] ?? null,
      });
      expect(parseDocument(text).toJS().local_domains).to.deep.equal(read);
      if (said !== null) expect(text.replace(/\n# */g, ' ')).to.match(said);
    });

  const services: readonly [service: string, policy: readonly string[], said: RegExp][] = [
    ['inet:127.0.0.1:10023', ['greylist'], /was postgrey/],
    ['unix:/var/spool/postfix/postgrey/socket', ['greylist'], /was postgrey/],
    ['{ inet:localhost:10023, timeout=10s, default_action=DUNNO }', ['greylist'], /was postgrey/],
    ['inet:192.0.2.9:10023', ['greylist'], /on another machine, perhaps for several servers/],
    ['inet:127.0.0.1:2501', ['greylist'], /was sqlgrey/],
    ['unix:private/policyd-spf', ['check_spf'], /was policyd-spf/],
    ['unix:private/policy', ['check_spf'], /was policyd-spf/],
    ['inet:127.0.0.1:10031', NOTHING, /cluebringer \(policyd\) speaks to Postfix/],
    ['inet:127.0.0.1:4711', NOTHING, /does not know speaks to Postfix/],
  ];
  for (const [service, policy, said] of services)
    it(`knows the policy service ${service}`, () => {
      const found = outcome(recipient(`check_policy_service ${service}`), {
        'master.cf': 'policy unix - n n - 0 spawn\n  user=nobody argv=/usr/bin/policyd-spf\n',
      });
      expect(found.policy).to.deep.equal(policy);
      expect(found.text.replace(/\n *# */g, ' ')).to.match(said);
    });

  it('says when relay control rests on one list alone, and keeps $ what it is', () => {
    const { text, put } = outcome(
      `smtpd_relay_restrictions =\n${recipient('reject_unauth_destination, check_ccert_access inline:{a=b$$}, reject_non_fqdn_sender')}`,
    );
    expect(text).to.match(/smtpd_relay_restrictions: empty: relay control rests/);
    expect(put('smtpd_recipient_restrictions')).to.equal(undefined);
    expect(outcome('smtpd_milters = unix:/a$$b').put('smtpd_milters')).to.match(/, unix:\/a\$\$b$/);
  });

  it('explains an unknown word, a list without a zone, and what is never asked', () => {
    const { policy, text } = outcome(
      recipient('reject_unknwon, permit, reject_rbl_client a.example=127.0.0.2, reject_rbl_client'),
    );
    expect(policy).to.deep.equal(NOTHING);
    const flat = text.replace(/\n# */g, ' ');
    expect(flat).to.match(/reject_unknwon \(recipient\): neither Postfix 3\.7 nor Postern knows/);
    expect(flat).to.match(
      /reject_rbl_client a\.example=127\.0\.0\.2 \(recipient\): it was never asked: permit/,
    );
  });

  it('never takes $mydomain for nothing: a table whose name only the machine knows stays as it was', () => {
    const rules =
      'smtpd_helo_restrictions = check_helo_access hash:/etc/$mydomain.helo, reject_invalid_helo_hostname\n' +
      'smtpd_sender_restrictions = reject_non_fqdn_sender, check_sender_mx_access hash:/etc/${mydomain}.mx\n';
    const { policy, text, put } = outcome(rules);
    expect(policy).to.deep.equal(['reject_non_fqdn_sender']);
    expect(text.replace(/\n# */g, ' ')).to.match(
      /check_helo_access hash:\/etc\/\$\{mydomain\}\.helo \(helo\): main\.cf does not set \$mydomain/,
    );
    expect(put('smtpd_sender_restrictions')).to.equal(
      'smtpd_sender_restrictions = check_sender_mx_access hash:/etc/${mydomain}.mx',
    );
    expect(outcome(`myhostname = mail.example.com\n${rules}`).policy).to.deep.equal({
      helo: ['check_helo_access hash:/etc/example.com.helo', 'reject_invalid_helo_hostname'],
      sender: ['reject_non_fqdn_sender'],
    });
  });

  it('takes policyd-spf out of main.cf with the rest, and the whitelists that spare it', () => {
    const { policy, text } = outcome(
      recipient(
        'permit_mynetworks, reject_unauth_destination, permit_dnswl_client list.dnswl.org=127.0.[0..255].3, check_policy_service unix:private/policyd-spf, check_policy_service inet:127.0.0.1:10023',
      ),
    );
    expect(policy).to.deep.equal([
      'permit_mynetworks',
      'permit_dnswl_client list.dnswl.org=127.0.[0..9;11..255].3',
      'check_spf',
      'greylist',
    ]);
    expect(text).to.contain(`\n# ${recipient('permit_mynetworks, reject_unauth_destination')}\n`);
    expect(text).not.to.match(/NOT YET|not active|until then/);
  });

  it('takes over policyd-spf behind warn_if_reject, too', () => {
    const { policy } = outcome(
      recipient('reject_non_fqdn_sender, warn_if_reject check_policy_service unix:private/policyd-spf'),
    );
    expect(policy).to.deep.equal(['reject_non_fqdn_sender', 'warn_if_reject check_spf']);
  });

  it('says what greylist refuses later than a greylister of Postfix did', () => {
    const flat = (mainCf: string): string => outcome(mainCf).text.replace(/\n *# */g, ' ');
    expect(
      flat(
        recipient(
          'check_policy_service inet:127.0.0.1:10023, check_client_access inline:{192.0.2.10=OK}, reject_non_fqdn_sender',
        ),
      ),
    ).to.match(
      /whom reject_non_fqdn_sender \(line 1\) refuses, which stays behind the whitelist check_client_access \(line 1\), is delayed first now/,
    );
    expect(
      flat(
        `smtpd_client_restrictions = check_policy_service inet:127.0.0.1:10023\n${recipient('reject_non_fqdn_sender')}`,
      ),
    ).to.match(/refuses, which stands in a list behind this one, is delayed first now/);
    expect(flat(recipient('check_policy_service inet:127.0.0.1:10023, reject_non_fqdn_sender'))).not.to.match(
      /delayed first/,
    );
  });

  const kept: readonly [table: string, why: RegExp][] = [
    [
      'inline:{ example.org=permit_auth_destination }',
      /the result permit_auth_destination, which only Postfix/,
    ],
    ['inline:{a.example=HOLD, b.example=REDIRECT}', /the result REDIRECT, which only Postfix/],
    ['inline:{a.example={FILTER smtp:x}}', /Postern would not take its table|FILTER/],
    ['inline:{a.example=mine}', /the result mine \(a restriction class\), which only Postfix/],
    ['inline:{a.example=GREYLIST}', /the result GREYLIST, which Postfix does not know/],
    ['regexp:{ { !/@example\\.org$$/ mine } }', /the result mine \(a restriction class\)/],
    ['pcre:{{/(a)/ PREPEND X: $$1}}', /the result PREPEND X: \$1, which only Postfix/],
    ['cidr:{{192.0.2.0/24 BCC}}', /the result BCC, which only Postfix/],
    ['inline:{"x: !!foo"=REJECT}', /would not take its table \(its entry 1: .* is no key=value/],
    ['pcre:{{/a[/ REJECT}}', /would not take its table \(its entry 1: a \[ is not closed/],
    ['cidr:{{192.0.2.300 OK}}', /would not take its table \(its entry 1: /],
    ['hash:/bad', /would not take its table \(line 2: "a" has no result/],
    ['hash:/\ufffd', /would not take it: the value is not UTF-8/],
  ];
  for (const [table, why] of kept)
    it(`leaves ${JSON.stringify(table)} in main.cf, and what it may spare`, () => {
      const { policy, text } = outcome(
        `smtpd_restriction_classes = mine\nmine = permit_mynetworks, reject\n${recipient(`reject_non_fqdn_sender, check_sender_access ${table}`)}`,
        { '/bad': 'b REJECT\na\n' },
      );
      expect(policy).to.deep.equal(['reject_non_fqdn_sender']);
      expect(text.replace(/\n# */g, ' ')).to.match(why);
    });

  it('takes tables in their names over like files: with what they permit', () => {
    const rules = (table: string): string =>
      recipient(`check_client_access ${table}, reject_unlisted_recipient, reject_non_fqdn_sender`);
    expect(outcome(rules('cidr:{{192.0.2.0/24 REJECT}}')).put('smtpd_recipient_restrictions')).to.equal(
      recipient('reject_unlisted_recipient'),
    );
    expect(outcome(rules('cidr:{{192.0.2.0/24 OK}}')).put('smtpd_recipient_restrictions')).to.equal(
      recipient('check_client_access cidr:{{192.0.2.0/24 OK}}, reject_unlisted_recipient'),
    );
  });

  it('moves a table at once whose results ask DNS lists', () => {
    const { policy, text, put } = outcome(
      recipient('check_client_access cidr:{{192.0.2.0/24 reject_rbl_client a.example=127.0.0.2}}'),
    );
    expect(policy).to.have.length(1);
    expect(text).not.to.contain('NOT YET');
    expect(put('smtpd_recipient_restrictions')).to.equal('smtpd_recipient_restrictions =');
  });

  it('leaves out sites of postscreen and settings that Postern would refuse, with the reason', () => {
    const { policy, text } = outcome(
      'postscreen_dnsbl_sites = zen.spamhaus.org*3, *3, x.example*99999999999999999999, "a*1\npostscreen_dnsbl_threshold = 0\n' +
        'postscreen_dnsbl_action = enforce\npostscreen_access_list = cidr:{{192.0.2.0/33 permit}}\nrecipient_delimiter = "#\n' +
        'smtpd_sender_restrictions = check_sender_access inline:{a=OK}, reject_non_fqdn_sender',
    );
    expect(policy).to.deep.equal({
      client: [
        'permit_sasl_authenticated',
        { dnsbl_score: { sites: ['zen.spamhaus.org=127.0.0.[2..11]*3'], reject: 1 } },
      ],
      sender: ['check_sender_access inline:{a=OK}', 'reject_non_fqdn_sender'],
    });
    const flat = text.replace(/\n *# */g, ' ');
    expect(flat).to.match(/\*3 is left out: the zone of the list is missing/);
    expect(flat).to.match(/x\.example\*9+ is left out: the weight/);
    expect(flat).to.match(/recipient_delimiter = "# is not taken over/);
    expect(flat).to.match(
      /postscreen_access_list = cidr:\{\{192\.0\.2\.0\/33 permit\}\}: Postern would not take/,
    );
  });

  it('knows the default of smtpd_relay_restrictions by compatibility_level', () => {
    const rest = recipient('check_recipient_access inline:{vip@example.org=OK}, reject_unauth_destination');
    for (const level of ['', 'compatibility_level = 0\n']) {
      const flat = outcome(level + rest).text.replace(/\n# */g, ' ');
      expect(flat).to.match(
        /smtpd_relay_restrictions: empty by default .* whoever is let in before it there may relay/,
      );
      expect(flat).not.to.match(/defer_unauth_destination/);
    }
    for (const level of ['1', '2', '3.6', '3.10'])
      expect(outcome(`compatibility_level = ${level}\n${rest}`).text)
        .to.match(/default {2}smtpd_relay_restrictions as a whole/)
        .and.not.to.match(/may relay/);
  });

  it('speaks of what else changes answers', () => {
    const flat = outcome(
      'access_map_defer_code = 451\nsmtpd_milter_maps = cidr:/etc/postfix/milters\n' +
        'unknown_address_tempfail_action = defer\nunknown_helo_hostname_tempfail_action = permit\n',
    ).text.replace(/\n# */g, ' ');
    expect(flat).to.match(/access_map_defer_code: 451: DEFER in a table is 450 in Postern/);
    expect(flat).to.match(
      /smtpd_milter_maps: cidr:\S+: takes the place of smtpd_milters for the clients in it/,
    );
    expect(flat).to.match(/unknown_address_tempfail_action: Postern defers .*if nothing later refuses/);
    expect(flat).to.match(
      /unknown_helo_hostname_tempfail_action: permit: .*does not start .*on_lookup_failure: continue/,
    );
  });

  const THREE = (most: number, last: string): string =>
    `smtpd_restriction_classes =${Array.from({ length: most + 1 }, (_, i) => ` c${i}`).join('')}\n` +
    `${Array.from({ length: most }, (_, i) => `c${i} = c${i + 1} c${i + 1} c${i + 1}`).join('\n')}\nc${most} = ${last}\n`;
  const bombs: readonly [title: string, mainCf: string][] = [
    ['classes that multiply', `${THREE(12, 'reject_non_fqdn_sender')}${recipient('c0, reject')}`],
    ['classes that multiply and come to nothing', `${THREE(19, '')}${recipient('c0, reject')}`],
    ['more classes than anybody nests', `${THREE(29, 'reject_non_fqdn_sender')}${recipient('c0')}`],
    [
      'names that multiply',
      `${Array.from({ length: 12 }, (_, i) => `x${i} = ${`$x${i + 1} `.repeat(10)}`).join('\n')}\nx12 = permit_mynetworks\n${recipient('$x0, reject_non_fqdn_sender')}`,
    ],
    ['a long list', recipient('reject_non_fqdn_sender, '.repeat(1001))],
  ];
  for (const [title, mainCf] of bombs)
    it(`leaves a list as it is that has ${title}, and reads the others`, function () {
      this.timeout(1000);
      const { policy, text, put } = outcome(
        `${mainCf}\nsmtpd_helo_restrictions = reject_invalid_helo_hostname`,
      );
      expect(policy).to.deep.equal(['reject_invalid_helo_hostname']);
      expect(put('smtpd_recipient_restrictions')).to.equal(undefined);
      expect(text.replace(/\n# */g, ' ')).to.match(
        /smtpd_recipient_restrictions as a whole: with its classes and \$names written out it comes to more than 1000/,
      );
      expect(text.length).to.be.lessThan(20_000);
    });
});
