/** Mail through a backup MX: a real Postfix takes it from a stranger, and hands it on to a real Postfix with Postern. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { eventually } from '../support/mta/eventually.ts';
import { headerFields } from '../support/mta/mail-folder.ts';
import { Postfix, POSTFIX_PROGRAMS } from '../support/mta/postfix.ts';
import { CLIENT, NETWORK_PROGRAMS, PrivateNetwork, SERVER } from '../support/mta/private-network.ts';
import { requires } from '../support/mta/requirements.ts';
import { PosternService, type LogLine } from '../support/mta/service.ts';
import { startProgram } from '../support/mta/side-by-side.ts';

const ZONE = [
  '2.0.0.127.zen.spamhaus.org. A 127.0.0.2',
  '10.2.0.192.zen.spamhaus.org. A 127.0.0.4',
  'example.net. TXT "v=spf1 ip4:198.51.100.7 ip6:2001:db8::10 -all"',
  'mx.example.net. A 192.0.2.10',
];

/** Our own machines are in mynetworks too, as a backup MX of ours is. */
const CONFIG = `trusted_relays: [${SERVER.ipv4}]
on_relayed_reject: quarantine
local_domains: [example.org]
policy:
  - permit_mynetworks
  - permit_sasl_authenticated
  - check_recipient_access inline:{ let-in@example.org=OK }
  - reject_rbl_client zen.spamhaus.org=127.0.0.[2..11]
  - check_spf
  - greylist
`;

/** Ports of the one Postfix: as the backup MX, and as the server that it hands on to. */
const PORT = { backup: 41, primary: 42 };

describe('Through a backup MX that is trusted', function () {
  this.timeout(60_000);
  let network: PrivateNetwork | undefined;
  let service: PosternService;
  let postfix: Postfix | undefined;

  before(async function () {
    requires(this, 'Postfix', [...NETWORK_PROGRAMS, ...POSTFIX_PROGRAMS], 'apt-get install postfix');
    network = await PrivateNetwork.open();
    writeFileSync(join(network.folder, 'zone'), ZONE.join('\n'));
    await startProgram(network, 'name-server.ts', join(network.folder, 'zone'));
    service = new PosternService(network, CONFIG);
    await service.start();
    const milters = `unix:${service.unixSocket}`;
    postfix = await Postfix.start(network, {
      milters,
      services: {
        [PORT.backup]: ['smtpd_milters=', `content_filter=smtp:[${SERVER.ipv4}]:${PORT.primary}`],
        [PORT.primary]: [`smtpd_milters=${milters}`, 'content_filter='],
      },
    });
  });
  after(async () => {
    await postfix?.stop();
    await service?.stop();
    await network?.close();
    expect(service?.faults() ?? []).to.deep.equal([]);
  });

  async function sends(subject: string, from: string, ...recipients: string[]): Promise<void> {
    const smtp = await postfix!.connect(from, PORT.backup);
    await smtp.says('EHLO mx.example.net', '250');
    await smtp.says('MAIL FROM:<alice@example.net>', '250');
    for (const recipient of recipients) await smtp.says(`RCPT TO:<${recipient}>`, '250');
    await smtp.sendsMessage(subject, '250', [
      'Authentication-Results: mx.example.org; spf=pass smtp.mailfrom=example.net',
      'Received: from good (good [198.51.100.7]) by other.example.net with ESMTP id 1; Sat, 21 Nov 2026 10:00:00 +0000',
    ]);
    await smtp.quits();
  }

  /** Behind the Received lines of both servers nothing is ours. */
  async function fieldsOf(subject: string): Promise<string[]> {
    const [delivery] = await postfix!.mail.arrives(subject);
    const fields = headerFields(delivery!.text);
    return fields.slice(
      0,
      fields.findIndex((field) => field.startsWith('Received: ')),
    );
  }

  async function told(address: string): Promise<LogLine> {
    return eventually('the end of the message', () =>
      service.log().findLast((line) => line['event'] === 'message' && line['before'] === address),
    );
  }

  it('what passes is delivered at once, and the header tells of the host before', async () => {
    await sends('passes', CLIENT.ipv6, 'bob@example.org');
    expect(await fieldsOf('passes')).to.deep.equal([
      'Authentication-Results: mx.example.org; spf=pass smtp.mailfrom=example.net',
      'Authentication-Results: mx.example.org; spf=none smtp.helo=mx.example.net',
      'Received-SPF: pass (mx.example.org: example.net permits 2001:db8::10) client-ip="2001:db8::10"; envelope-from="alice@example.net"; helo=mx.example.net; identity=mailfrom; receiver=mx.example.org; mechanism="ip6:2001:db8::10"',
      'Received-SPF: none (mx.example.org: mx.example.net does not say whom it permits) client-ip="2001:db8::10"; envelope-from="alice@example.net"; helo=mx.example.net; identity=helo; receiver=mx.example.org',
      'X-DNSBL-Result: mx.example.org; ip=2001:db8::10; zen.spamhaus.org=none',
    ]);
    expect(await told(CLIENT.ipv6)).to.include({ forged: 1, recipients: 1 });
  });

  it('what would be refused is delivered where somebody is to have it', async () => {
    await sends('half wanted', CLIENT.named, 'bob@example.org', 'let-in@example.org');
    const fields = await fieldsOf('half wanted');
    expect(fields[0]).to.equal('Authentication-Results: mx.example.org; spf=fail smtp.mailfrom=example.net');
    expect(fields.at(-1)).to.equal(
      'X-DNSBL-Result: mx.example.org; ip=192.0.2.10; zen.spamhaus.org=127.0.0.4',
    );
    const lines = service.log().filter((line) => line['stage'] === 'relayed');
    expect(lines).to.have.length(1);
    expect(lines[0]).to.include({
      verdict: 'reject',
      observe: true,
      client: `unknown[${CLIENT.named}]`,
      relay: `mx.example.org[${SERVER.ipv4}]`,
      to: 'bob@example.org',
    });
  });

  it('what would be refused for everybody is held, and never refused', async () => {
    await sends('held', CLIENT.named, 'bob@example.org', 'carol@example.org');
    const held = await eventually('the hold', () =>
      network!.log.lines.find((line) => line.includes('milter-hold')),
    );
    // Postfix keeps our reason to itself: the queue id leads to it.
    const queue = / (\w+): milter-hold/.exec(held)?.[1];
    const why = service.log().filter((line) => line['stage'] === 'relayed' && line['queue'] === queue);
    expect(why.map(({ verdict, rule, observe }) => [verdict, rule, observe])).to.deep.equal([
      ['reject', 'reject_rbl_client zen.spamhaus.org=127.0.0.[2..11]', undefined],
      ['reject', 'reject_rbl_client zen.spamhaus.org=127.0.0.[2..11]', undefined],
    ]);
    expect(postfix!.mail.holds('held')).to.deep.equal([]);
  });

  it('the backup itself was never told anything but 250', () => {
    const deferred = network!.log.lines.filter((line) => /status=(?:deferred|bounced)/.test(line));
    expect(deferred).to.deep.equal([]);
    expect(network!.log.complaints().filter((line) => !line.includes('milter-hold'))).to.deep.equal([]);
  });
});
