/** Who reads our headers: SpamAssassin at delivery and before the queue, OpenDKIM beside us; what they believe. */

import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { eventually } from '../support/mta/eventually.ts';
import { headerFields } from '../support/mta/mail-folder.ts';
import { Postfix, POSTFIX_PROGRAMS } from '../support/mta/postfix.ts';
import { CLIENT, PrivateNetwork } from '../support/mta/private-network.ts';
import { requires } from '../support/mta/requirements.ts';
import { PosternService } from '../support/mta/service.ts';
import { startProgram } from '../support/mta/side-by-side.ts';
import { SpamAssassin, SPAMASSASSIN_PROGRAMS, testsOf } from '../support/mta/spamassassin.ts';

/** 192.0.2.10 is on the XBL, 198.51.100.7 is trusted; with what shows that the lists are sane. */
const ZONE = [
  '2.0.0.127.zen.spamhaus.org. A 127.0.0.2',
  '10.2.0.192.zen.spamhaus.org. A 127.0.0.4',
  '2.0.0.127.list.dnswl.org. A 127.0.10.0',
  '7.100.51.198.list.dnswl.org. A 127.0.5.2',
  'example.net. TXT "v=spf1 ip4:198.51.100.7 -all"',
  'mx.example.net. TXT "v=spf1 ip6:2001:db8::10 -all"',
];

const POLICY = `policy:
  - warn_if_reject reject_rbl_client zen.spamhaus.org=127.0.0.[2..11]
  - permit_dnswl_client list.dnswl.org=127.0.[0..9;11..255].[1..3]
  - check_spf helo_fail=continue mail_from_fail=continue
`;

/** Ports of the one Postfix: who sees a message there. */
const PORT = { postern: 25, nobody: 31, both: 32, spamAssassin: 33, strictly: 34, openDkim: 35 };

/** As a spammer writes it who has read this file. */
const FORGED = [
  'Authentication-Results: mx.example.org; spf=pass smtp.mailfrom=example.com',
  'Authentication-Results: (x) MX.EXAMPLE.ORG 1; spf=pass smtp.mailfrom=example.com',
  'X-DNSBL-Result: mx.example.org; ip=192.0.2.10; list.dnswl.org=127.0.5.3',
  'Received-SPF: pass (mx.example.org: example.net permits 192.0.2.10) receiver=mx.example.org; identity=mailfrom',
];
/** SpamAssassin takes one for the other. */
const FORGED_ARC = ['ARC-Authentication-Results: i=1; mx.example.org; spf=pass smtp.mailfrom=example.com'];

const TESTS = [
  "header T_SPF_PASS eval:check_authres_result('spf', 'pass')",
  'score T_SPF_PASS -1',
  "header T_IPREV_PASS eval:check_authres_result('iprev', 'pass')",
  'score T_IPREV_PASS -1',
];
describe('Who reads our headers', function () {
  this.timeout(60_000);
  let network: PrivateNetwork;
  let service: PosternService;
  let postfix: Postfix;
  let spamAssassin: SpamAssassin;

  before(async function () {
    requires(
      this,
      'SpamAssassin behind Postern',
      [...POSTFIX_PROGRAMS, ...SPAMASSASSIN_PROGRAMS, 'opendkim'],
      'apt-get install spamassassin spamd spamass-milter opendkim',
    );
    network = await PrivateNetwork.open();
    writeFileSync(join(network.folder, 'zone'), ZONE.join('\n'));
    await startProgram(network, 'name-server.ts', join(network.folder, 'zone'));
    service = new PosternService(network, POLICY);
    await service.start();
    spamAssassin = new SpamAssassin(network, 'sa', TESTS);
    const [strictly, all] = await Promise.all([
      new SpamAssassin(network, 'sa-strictly', TESTS).startMilter(7831),
      new SpamAssassin(network, 'sa-all', TESTS, true).startMilter(7832),
    ]);
    const openDkim = await startOpenDkim();
    const postern = `unix:${service.unixSocket}`;
    postfix = await Postfix.start(network, {
      milters: postern,
      services: {
        [PORT.nobody]: ['smtpd_milters='],
        [PORT.both]: [`smtpd_milters=${postern}, ${all}`],
        [PORT.spamAssassin]: [`smtpd_milters=${all}`],
        [PORT.strictly]: [`smtpd_milters=${postern}, ${strictly}`],
        [PORT.openDkim]: [`smtpd_milters=${postern}, ${openDkim}`],
      },
    });
  });
  after(async () => {
    await postfix?.stop();
    await service?.stop();
    await network?.close();
  });

  /** Verifies, and adds an Authentication-Results of its own to every message, in the same name as ours. */
  async function startOpenDkim(): Promise<string> {
    const configFile = join(network.folder, 'opendkim.conf');
    const socket = join(network.folder, 'opendkim.sock');
    const settings = [
      'Mode v',
      'AuthservID mx.example.org',
      'AlwaysAddARHeader yes',
      'UserID root',
      'UMask 0',
    ];
    writeFileSync(configFile, `${settings.join('\n')}\n`);
    const program = network.start('opendkim', ['-f', '-x', configFile, '-p', `local:${socket}`]);
    let said = '';
    program.stderr.on('data', (chunk: Buffer) => void (said += chunk.toString()));
    await eventually('OpenDKIM', () => {
      if (program.exitCode !== null) throw new Error(`OpenDKIM ended: ${said}`);
      return existsSync(socket);
    });
    return `unix:${socket}`;
  }

  let messages = 0;
  /** The message as it is delivered. */
  async function delivered(port: number, from: string, header: readonly string[] = []): Promise<string> {
    const subject = `message ${messages++}`;
    const smtp = await postfix.connect(from, port);
    await smtp.says('EHLO mx.example.net', '250');
    await smtp.says('MAIL FROM:<alice@example.net>', '250');
    await smtp.says('RCPT TO:<bob@example.org>', '250');
    await smtp.sendsMessage(subject, '250', header);
    await smtp.quits();
    const [delivery] = await postfix.mail.arrives(subject);
    return delivery!.text;
  }

  it('SpamAssassin finds nothing wrong with the file that we ship', async () => {
    expect(await spamAssassin.lint()).to.equal('');
  });

  it('SpamAssassin at delivery scores what the lists said', async () => {
    const listed = await spamAssassin.judges(await delivered(PORT.postern, CLIENT.named));
    expect(listed).to.include.members(['POSTERN_XBL', 'T_IPREV_PASS']);
    expect(listed).not.to.include.members(['POSTERN_SBL']);
    const trusted = await spamAssassin.judges(await delivered(PORT.postern, CLIENT.unnamed));
    expect(trusted).to.include('POSTERN_DNSWL_MED');
    for (const test of [
      'POSTERN_DNSWL',
      'POSTERN_DNSWL_HI',
      'POSTERN_XBL',
      'POSTERN_IPREV_FAIL',
      'T_IPREV_PASS',
    ])
      expect(trusted).not.to.include(test);
  });

  it('SpamAssassin at delivery scores SPF, of each identity', async () => {
    const passed = await spamAssassin.judges(await delivered(PORT.postern, CLIENT.unnamed));
    expect(passed).to.include.members(['POSTERN_SPF_PASS', 'POSTERN_SPF_HELO_FAIL', 'T_SPF_PASS']);
    expect(passed).not.to.include('POSTERN_SPF_FAIL');
    const failed = await spamAssassin.judges(await delivered(PORT.postern, CLIENT.ipv6, FORGED));
    expect(failed).to.include('POSTERN_SPF_FAIL');
    for (const test of ['POSTERN_SPF_PASS', 'POSTERN_SPF_HELO_FAIL', 'POSTERN_SPF_SOFTFAIL'])
      expect(failed).not.to.include(test);
  });

  it('what a stranger forges is believed where nobody removes it, and gone behind Postern', async () => {
    const unseen = await spamAssassin.judges(await delivered(PORT.nobody, CLIENT.named, FORGED));
    expect(unseen).to.include.members(['POSTERN_DNSWL_HI', 'POSTERN_SPF_PASS']);
    const seen = await spamAssassin.judges(await delivered(PORT.postern, CLIENT.named, FORGED));
    expect(seen).to.include.members(['POSTERN_XBL', 'T_IPREV_PASS']);
    for (const test of ['POSTERN_DNSWL_HI', 'POSTERN_SPF_PASS', 'T_SPF_PASS'])
      expect(seen).not.to.include(test);
  });

  describe('spamass-milter, which puts a Received line of its own above all', () => {
    it('makes SpamAssassin believe nobody', async () => {
      expect(testsOf(await delivered(PORT.strictly, CLIENT.named))).not.to.include('T_IPREV_PASS');
    });

    it('and with authres_networks all everybody, whom Postern does not silence', async () => {
      for (const forged of [FORGED, FORGED_ARC])
        expect(testsOf(await delivered(PORT.spamAssassin, CLIENT.named, forged))).to.include('T_SPF_PASS');
    });

    it('so that it is safe behind Postern', async () => {
      for (const forged of [FORGED, FORGED_ARC, []]) {
        const tests = testsOf(await delivered(PORT.both, CLIENT.named, forged));
        expect(tests).to.include.members(['T_IPREV_PASS', 'POSTERN_XBL']);
        for (const test of ['POSTERN_DNSWL_HI', 'T_SPF_PASS']) expect(tests).not.to.include(test);
      }
    });
  });

  it('what OpenDKIM behind us says in the same name is left alone', async () => {
    const fields = headerFields(await delivered(PORT.openDkim, CLIENT.named, FORGED));
    const ours = fields.filter((field) => /^Authentication-Results: mx\.example\.org;/i.test(field));
    expect(ours.map((field) => /(\w+)=/.exec(field)?.[1])).to.have.members(['dkim', 'spf', 'spf', 'iprev']);
  });
});
