/** SPF as clients of a real Postfix see it, with the DNS on port 53 of a private network. */

import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { Postfix, POSTFIX_PROGRAMS } from '../support/mta/postfix.ts';
import { CLIENT, NETWORK_PROGRAMS, OWN_CLIENT, PrivateNetwork } from '../support/mta/private-network.ts';
import { requires } from '../support/mta/requirements.ts';
import { PosternService } from '../support/mta/service.ts';

const ZONE = [
  'mx.example.net. TXT "v=spf1 a -all"',
  'mx.example.net. A 192.0.2.10',
  'mx6.example.net. TXT "v=spf1 a:%{h} -all"',
  'mx6.example.net. AAAA 2001:db8::10',
  'example.net. TXT "v=spf1 include:_spf.example.net -all exp=why.example.net"',
  '_spf.example.net. TXT "v=spf1 ip4:192.0.2.0/28 ip6:2001:db8::/48 ?all"',
  'why.example.net. TXT "100%% no: %{c} as %{s} (see http://why.example.net/?%{S})"',
  'soft.example.net. TXT "v=spf1 mx ~all"',
  'broken.example.net. SERVFAIL',
  'example.org. TXT "v=spf1 -all"',
  'mx.example.org. TXT "v=spf1 -all"',
  'loop.example.net. TXT "v=spf1 include:loop.example.net"',
];

const CONFIG = `dns: { timeout: 2s }
spf: { mail_from_softfail: defer, temperror: defer, permerror: reject }
policy: [permit_mynetworks, permit_sasl_authenticated, check_spf]
`;

describe('With SPF, Postfix', function () {
  this.timeout(60_000);
  let network: PrivateNetwork | undefined;
  let service: PosternService | undefined;
  let postfix: Postfix | undefined;

  before(async function () {
    requires(this, 'Postfix', [...NETWORK_PROGRAMS, ...POSTFIX_PROGRAMS], 'apt-get install postfix');
    network = await PrivateNetwork.open();
    writeFileSync(join(network.folder, 'zone'), ZONE.join('\n'));
    const program = fileURLToPath(new URL('../support/mta/name-server.ts', import.meta.url));
    const names = network.start(process.execPath, [program, join(network.folder, 'zone')]);
    await once(names.stdout, 'data');
    service = new PosternService(network, CONFIG);
    await service.start();
    postfix = await Postfix.start(network, { milters: `unix:${service.unixSocket}` });
  });
  after(async () => {
    await postfix?.stop();
    await service?.stop();
    await network?.close();
    expect(service?.faults() ?? []).to.deep.equal([]);
  });

  const rows: readonly (readonly [
    title: string,
    from: string,
    helo: string,
    sender: string,
    reply: RegExp,
  ])[] = [
    ['takes what passes', CLIENT.named, 'mx.example.net', 'alice@example.net', /^250 /],
    ['takes what passes over IPv6', CLIENT.ipv6, 'mx6.example.net', 'alice@example.net', /^250 /],
    [
      'says why in the words of the domain',
      CLIENT.unnamed,
      'other.example.com',
      'alice+x@example.net',
      /^550 5\.7\.23 <alice\+x@example\.net>: Sender address rejected: SPF MAIL FROM fail: example\.net does not let 198\.51\.100\.7 send its mail; example\.net explains: 100% no: 198\.51\.100\.7 as alice\+x@example\.net \(see http:\/\/why\.example\.net\/\?alice%2Bx%40example\.net\)$/,
    ],
    [
      'refuses a HELO that is forged',
      CLIENT.unnamed,
      'mx.example.net',
      'alice@example.com',
      /^550 5\.7\.23 <mx\.example\.net>: Helo command rejected: SPF HELO fail: /,
    ],
    [
      'refuses a bounce by its HELO',
      CLIENT.unnamed,
      'mx6.example.net',
      '',
      /^550 5\.7\.23 <mx6\.example\.net>: Helo command rejected/,
    ],
    ['puts off a softfail', CLIENT.unnamed, 'x', 'alice@soft.example.net', /^451 4\.7\.23 /],
    ['puts off what can not be told', CLIENT.unnamed, 'x', 'alice@broken.example.net', /^451 4\.7\.24 /],
    [
      'refuses a record that leads in a circle',
      CLIENT.unnamed,
      'x',
      'alice@loop.example.net',
      /^550 5\.7\.24 .* permerror: the record of loop\.example\.net is wrong: more than 10 lookups$/,
    ],
    ['takes all of own networks', OWN_CLIENT, 'mx.example.net', 'alice@example.net', /^250 /],
    // Postfix makes alice@mx.example.org of it, which is not what the client said.
    ['does not ask about a domain that Postfix has added', CLIENT.unnamed, 'x', 'alice', /^250 /],
    ['takes mail without SPF', CLIENT.unnamed, '[198.51.100.7]', 'alice@none.example.net', /^250 /],
  ];
  for (const [title, from, helo, sender, reply] of rows)
    it(title, async () => {
      const smtp = await postfix!.connect(from);
      await smtp.says(`EHLO ${helo}`, '250');
      await smtp.says(`MAIL FROM:<${sender}>`, '250');
      expect(await smtp.says('RCPT TO:<bob@example.org>', '')).to.match(reply);
      await smtp.says('RCPT TO:<postmaster@example.org>', '250');
      await smtp.quits();
    });
});
