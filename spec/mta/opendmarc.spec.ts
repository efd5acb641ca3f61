/** OpenDMARC behind us: what it makes of what we say of SPF, and of what strangers say in our name. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { headerFields } from '../support/mta/mail-folder.ts';
import { dmarcOf, OpenDmarc } from '../support/mta/opendmarc.ts';
import { Postfix, POSTFIX_PROGRAMS } from '../support/mta/postfix.ts';
import { CLIENT, PrivateNetwork } from '../support/mta/private-network.ts';
import { requires } from '../support/mta/requirements.ts';
import { PosternService } from '../support/mta/service.ts';
import { startProgram } from '../support/mta/side-by-side.ts';

const RECORD = 'TXT "v=spf1 ip4:192.0.2.10 ip6:2001:db8::10 -all"';
const DMARC = 'TXT "v=DMARC1; p=reject"';

/** 192.0.2.10 and 2001:db8::10 may send for all; the first is also on a whitelist, so that there are more fields. */
const ZONE = [
  `example.net. ${RECORD}`,
  `_dmarc.example.net. ${DMARC}`,
  `news.example.net. ${RECORD}`,
  `mx.example.net. ${RECORD}`,
  `example.com. ${RECORD}`,
  `xn--bcher-kva.example. ${RECORD}`,
  `_dmarc.xn--bcher-kva.example. ${DMARC}`,
  'soft.example.net. TXT "v=spf1 ~all"',
  'wrong.example.net. TXT "v=spf1 moo -all"',
  'broken.example.net. SERVFAIL',
  'none.example.com. A 192.0.2.10',
  '2.0.0.127.list.dnswl.org. A 127.0.10.0',
  '10.2.0.192.list.dnswl.org. A 127.0.5.2',
];

const CONFIG = `spf: { helo_fail: continue, mail_from_fail: continue, skip_networks: [${CLIENT.neighbour}] }
policy: [check_spf, permit_dnswl_client list.dnswl.org=127.0.5.2]
`;

/** Ports of the one Postfix: who sees a message there. */
const PORT = { both: 25, strictly: 31, nobody: 32 };

const FORGED_RESULTS = 'Authentication-Results: mx.example.org; spf=pass smtp.mailfrom=example.net';
const FORGED_RECEIVED = 'Received-SPF: pass (x) identity=mailfrom; envelope-from="alice@example.net"';

interface Mail {
  readonly client?: string;
  /** As it stands behind `MAIL FROM:`. */
  readonly sender?: string;
  readonly header?: readonly string[];
}

describe('OpenDMARC behind Postern', function () {
  this.timeout(60_000);
  let network: PrivateNetwork;
  let service: PosternService | undefined;
  let postfix: Postfix;
  let openDmarcs: readonly OpenDmarc[] = [];

  before(async function () {
    requires(
      this,
      'OpenDMARC behind Postern',
      [...POSTFIX_PROGRAMS, 'opendmarc'],
      'apt-get install opendmarc',
    );
    network = await PrivateNetwork.open();
    writeFileSync(join(network.folder, 'zone'), ZONE.join('\n'));
    await startProgram(network, 'name-server.ts', join(network.folder, 'zone'));
    await serves();
    const [openDmarc, strict] = await Promise.all([
      OpenDmarc.start(network, 'opendmarc'),
      OpenDmarc.start(network, 'opendmarc-strict', ['RejectFailures true']),
    ]);
    openDmarcs = [openDmarc, strict];
    const postern = `unix:${service!.unixSocket}`;
    postfix = await Postfix.start(network, {
      milters: `${postern}, ${openDmarc.milter}`,
      services: {
        [PORT.strictly]: [`smtpd_milters=${postern}, ${strict.milter}`],
        [PORT.nobody]: [`smtpd_milters=${openDmarc.milter}`],
      },
    });
  });
  after(async () => {
    await postfix?.stop();
    await Promise.all(openDmarcs.map((each) => each.stop()));
    await ends();
    await network?.close();
  });

  /** Instead of the service before. `lines`: of its config. */
  async function serves(lines = ''): Promise<void> {
    await ends();
    service = new PosternService(network, `${CONFIG}${lines}\n`);
    await service.start();
  }

  async function ends(): Promise<void> {
    await service?.stop();
    expect(service?.faults() ?? []).to.deep.equal([]);
  }

  let messages = 0;
  /** A message of alice@example.net; the reply to its end, and, if it is taken, the file that is delivered. */
  async function sends(
    { client = CLIENT.named, sender = '<alice@example.net>', header = [] }: Mail,
    port = PORT.both,
  ): Promise<{ readonly reply: string; readonly text: string }> {
    const subject = `message ${messages++}`;
    const smtp = await postfix.connect(client, port);
    await smtp.says('EHLO mx.example.net', '250');
    await smtp.says(`MAIL FROM:${sender}`, '250');
    await smtp.says('RCPT TO:<bob@example.org>', '250');
    const reply = await smtp.sendsMessage(subject, '', header);
    await smtp.quits();
    return { reply, text: reply.startsWith('250') ? (await postfix.mail.arrives(subject))[0]!.text : '' };
  }

  const from = (domain: string): readonly string[] => [`From: <alice@${domain}>`];

  const rows: readonly (readonly [title: string, result: string, mail: Mail])[] = [
    ['a sender that passes', 'pass', {}],
    ['one over IPv6', 'pass', { client: CLIENT.ipv6 }],
    ['one in capitals', 'pass', { sender: '<Alice@EXAMPLE.NET>' }],
    ['one in quotes', 'pass', { sender: '<"alice b"@example.net>' }],
    ['a subdomain of that of From', 'pass', { sender: '<alice@news.example.net>' }],
    [
      'a name in A-labels',
      'pass',
      { sender: '<alice@xn--bcher-kva.example>', header: from('xn--bcher-kva.example') },
    ],
    [
      'a mailbox in another script',
      'pass',
      { sender: '<älice@xn--bcher-kva.example> SMTPUTF8', header: from('xn--bcher-kva.example') },
    ],
    ['a sender that fails', 'fail', { client: CLIENT.unnamed }],
    ['one that fails softly', 'fail', { sender: '<alice@soft.example.net>' }],
    ['one whose record is wrong', 'fail', { sender: '<alice@wrong.example.net>' }],
    ['one whose record can not be looked up', 'fail', { sender: '<alice@broken.example.net>' }],
    ['one that passes for somebody else', 'fail', { sender: '<alice@example.com>' }],
    ['one without a record', 'fail', { sender: '<alice@none.example.com>' }],
    ['one that was not asked about', 'fail', { client: CLIENT.neighbour }],
    // RFC 7489 §3.1.2 would go by the HELO; OpenDMARC compares with the sender, and there is none.
    ['a bounce, whose HELO passes', 'fail', { sender: '<>', header: from('mx.example.net') }],
    // It compares with what the client said, octet by octet, and passes no domain that is not ASCII.
    [
      'a name in U-labels',
      'fail',
      { sender: '<alice@bücher.example> SMTPUTF8', header: from('xn--bcher-kva.example') },
    ],
    [
      'a domain that says nothing of DMARC',
      'none',
      { sender: '<alice@example.com>', header: from('example.com') },
    ],
  ];
  it('refuses by what we say', async () => {
    const { reply } = await sends({ client: CLIENT.unnamed }, PORT.strictly);
    expect(reply).to.equal('550 5.7.1 rejected by DMARC policy for example.net');
    expect(dmarcOf((await sends({}, PORT.strictly)).text)).to.equal('pass');
  });

  it('reads one field of many', async () => {
    const results = headerFields((await sends({})).text).filter((field) =>
      field.startsWith('Authentication-Results:'),
    );
    expect(
      results.map((field) => field.replace('Authentication-Results: mx.example.org; ', '')),
    ).to.deep.equal([
      'dmarc=pass (p=reject dis=none) header.from=example.net',
      'spf=pass smtp.mailfrom=example.net',
      'spf=pass smtp.helo=mx.example.net',
      'iprev=pass policy.iprev=192.0.2.10 (mx.example.net); dnswl=pass dns.zone=list.dnswl.org policy.ip=127.0.5.2',
    ]);
  });

  /** Where either is enough, one would hide that the other is misread. */
  for (const [told, headers] of [
    ['Authentication-Results and Received-SPF', '{}'],
    ['Authentication-Results alone', '{ received_spf: false }'],
    ['Received-SPF alone', '{ authentication_results: false }'],
  ] as const)
    describe(`told by ${told}`, () => {
      before(async () => serves(`headers: ${headers}`));

      for (const [title, result, mail] of rows)
        it(`finds dmarc=${result} for ${title}`, async () => {
          const { reply, text } = await sends(mail);
          expect(dmarcOf(text), `${reply}\n${text}`).to.equal(result);
        });

      for (const [title, header] of [
        ['results in our name', [FORGED_RESULTS]],
        ['a Received-SPF', [FORGED_RECEIVED]],
        ['both', [FORGED_RECEIVED, FORGED_RESULTS]],
      ] as const)
        it(`believes a stranger who forges ${title}, but never behind us`, async () => {
          const client = CLIENT.unnamed;
          expect(dmarcOf((await sends({ client, header }, PORT.nobody)).text)).to.equal('pass');
          expect(dmarcOf((await sends({ client, header })).text)).to.equal('fail');
          // Where we say nothing of SPF there is nothing of ours above it either.
          expect(dmarcOf((await sends({ client: CLIENT.neighbour, header })).text)).to.equal('fail');
        });
    });
});
