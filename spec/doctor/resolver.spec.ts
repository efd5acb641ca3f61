/** What the doctor says of the DNS servers: answers, lies, and what Spamhaus thinks of them. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { resolver } from '../../lib/doctor/resolver.ts';
import { nameServers } from '../../lib/doctor/resolv-conf.ts';
import { serverAddress, sharedResolver } from '../../lib/doctor/public-resolvers.ts';
import { parseAddress } from '../../lib/mail/network.ts';
import { DnsServer } from '../support/dns/dns-server.ts';
import { findings, patientIn } from '../support/patient.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const LISTS = 'policy: [reject_rbl_client zen.spamhaus.org=127.0.0.2, greylist]';
const HEALTHY = ['2.0.0.127.zen.spamhaus.org. A 127.0.0.2', '2.0.0.127.zen.spamhaus.org. A 127.0.0.10'];

describe('The doctor looks at the resolver', () => {
  const folder = temporaryFolder();
  let server: DnsServer | null = null;

  afterEach(async () => {
    await server?.close();
    server = null;
  });

  async function found(zone: readonly string[], config = LISTS): Promise<string[]> {
    server = await DnsServer.start(zone);
    const told = await findings(resolver, patientIn(folder(), { config, dnsServers: [server.address] }));
    return told.map((line) => line.replaceAll(server!.address, 'SERVER').replace(/\d+ ms/, 'N ms'));
  }

  const cure = (): string =>
    `type: apt-get install unbound && in ${folder()}/postern.yaml write: dns: { servers: [127.0.0.1] } && postern reload`;

  it('finds nothing wrong with one that answers, and that Spamhaus answers', async () => {
    expect(await found(HEALTHY)).to.deep.equal(['ok SERVER answers (N ms)', 'ok Spamhaus answers SERVER']);
    expect(server!.queries).to.have.length(3);
  });

  for (const [address, why] of [
    ['127.255.255.254', 'refuses it as a public or open resolver'],
    ['127.255.255.255', 'refuses it for too many queries'],
    ['127.255.255.252', 'takes the name of its list for a slip'],
  ] as const)
    it(`knows Spamhaus' ${address}, and how to get a resolver of one's own`, async () => {
      const [, told] = await found([`2.0.0.127.zen.spamhaus.org. A ${address}`]);
      expect(told).to.equal(`problem SERVER: Spamhaus ${why} (${address}); ${cure()}`);
    });

  for (const [what, dns, where] of [
    [
      'has servers',
      'dns:\n  timeout: 5s\n  servers: system # all\n',
      'in line 4 of FILE write: servers: [127.0.0.1]',
    ],
    [
      'has none',
      'dns:\n  timeout: 5s\n',
      'in FILE write below line 2 (dns:), as far in as what stands there: servers: [127.0.0.1]',
    ],
    [
      'is in braces',
      'dns: { timeout: 5s }\n',
      'in line 2 of FILE write within the braces of dns: servers: [127.0.0.1],',
    ],
    ['is empty', 'dns:\n', 'in line 2 of FILE write: dns: { servers: [127.0.0.1] }'],
  ] as const)
    it(`says where to name one's own if the section dns ${what}`, async () => {
      const [, told] = await found([], `${LISTS}\n${dns}`);
      expect(told!.replaceAll(`${folder()}/postern.yaml`, 'FILE')).to.contain(
        `type: apt-get install unbound && ${where} && postern reload`,
      );
    });

  it('finds one that Spamhaus tells NXDOMAIN for all', async () => {
    expect((await found([]))[1]).to.match(
      /^problem Spamhaus refuses SERVER and says that nobody is listed .*unbound/,
    );
  });

  it('takes that for a note where the policy asks no list', async () => {
    expect((await found([], 'policy: [greylist]'))[1]).to.match(/^note .*\(the policy asks none\)$/);
  });

  it('finds one that invents addresses', async () => {
    const told = await found([...HEALTHY, '1.0.0.127.zen.spamhaus.org. A 192.0.2.80']);
    expect(told[1]).to.match(
      /^problem SERVER invents addresses .*: 1\.0\.0\.127\.zen\.spamhaus\.org is 192\.0\.2\.80 by its word; .*unbound/,
    );
  });

  it('takes a Spamhaus that can not be reached for a note', async () => {
    const told = await found(['2.0.0.127.zen.spamhaus.org. SERVFAIL']);
    expect(told[1]).to.equal("note Spamhaus can't be reached through SERVER: SERVFAIL");
  });

  it('finds one that does not answer', async () => {
    const gone = await DnsServer.start([]);
    await gone.close();
    const [told] = await findings(resolver, patientIn(folder(), { dnsServers: [gone.address] }));
    const port = gone.address.split(':')[1]!;
    expect(told).to.equal(
      `problem ${gone.address} does not answer: no DNS server listens; type: dig @127.0.0.1 -p ${port} example.org`,
    );
  });

  it('reads the servers of the system, and those behind systemd-resolved', async () => {
    // Nothing is asked there: no port of this machine but 53 would do.
    writeFileSync(join(folder(), 'resolv.conf'), 'nameserver 127.0.0.53\n');
    writeFileSync(
      join(folder(), 'resolved.conf'),
      'nameserver 1.1.1.1\nnameserver 8.8.8.8\nnameserver 1.0.0.1\n',
    );
    const told = await findings(resolver, patientIn(folder(), { config: LISTS, dnsServers: 'system' }));
    expect(told[0]).to.contain('warning 1.1.1.1 and 1.0.0.1 is a public resolver (Cloudflare)');
    expect(told[1]).to.contain('warning 8.8.8.8 is a public resolver (Google)').and.contain('unbound');
  });

  it('does not advise the one on this machine where that is asked already', async () => {
    writeFileSync(join(folder(), 'resolv.conf'), 'nameserver 127.0.0.1\nnameserver 127.0.0.53\n');
    writeFileSync(join(folder(), 'resolved.conf'), 'nameserver 1.1.1.1\n');
    const [told] = await findings(resolver, patientIn(folder(), { config: LISTS, dnsServers: 'system' }));
    expect(told).to.match(
      /^warning 1\.1\.1\.1 is a public resolver.*; type: do: let the resolver on this machine/,
    );
    expect(told).to.not.contain('servers: [127.0.0.1]');
  });

  it('warns of one that all customers of a company share, as long as Spamhaus has not answered', async () => {
    writeFileSync(join(folder(), 'resolv.conf'), 'nameserver 127.0.0.53\n');
    writeFileSync(join(folder(), 'resolved.conf'), 'nameserver 185.12.64.1\n');
    const [told] = await findings(resolver, patientIn(folder(), { config: LISTS, dnsServers: 'system' }));
    expect(told).to.match(/^warning 185\.12\.64\.1 is shared by all customers of Hetzner.*unbound/);
  });

  for (const [address, owner] of [
    ['8.8.4.4', 'Google'],
    ['2001:4860:4860::8888', 'Google'],
    ['1.1.1.2', 'Cloudflare'],
    ['2606:4700:4700::1001', 'Cloudflare'],
    ['9.9.9.9', 'Quad9'],
    ['2620:fe::fe', 'Quad9'],
    ['208.67.222.222', 'OpenDNS'],
    ['208.67.220.123', 'OpenDNS'],
    ['94.140.15.15', 'AdGuard'],
    ['77.88.8.8', 'Yandex'],
    ['4.2.2.2', 'Level3'],
    ['185.12.64.2', 'Hetzner'],
    ['168.63.129.16', 'Azure'],
    ['127.0.0.1', undefined],
    ['192.0.2.53', undefined],
    ['4.2.2.8', undefined],
    ['2001:db8::53', undefined],
  ] as const)
    it(`takes ${address} for ${owner === undefined ? "nobody's that it knows" : `${owner}'s`}`, () => {
      expect(sharedResolver(parseAddress(address)!)?.owner).to.equal(owner);
    });

  for (const [written, address] of [
    ['192.0.2.53:5353', '192.0.2.53'],
    ['[2001:db8::53]:53', '2001:db8::53'],
    ['2001:db8::53', '2001:db8::53'],
    ['dns.example.org', undefined],
  ] as const)
    it(`reads the address of the server ${written}`, () => {
      expect(serverAddress(written)?.text).to.equal(address);
    });

  it('reads resolv.conf as glibc does', () => {
    expect(nameServers('# none\nsearch example.org\n')).to.deep.equal(['127.0.0.1']);
    expect(
      nameServers(
        '#nameserver 192.0.2.1\nnameserver 192.0.2.2\nnameserver\t192.0.2.3 \nnameserver ::1\nnameserver 192.0.2.5\n',
      ),
    ).to.deep.equal(['192.0.2.2', '192.0.2.3', '::1']);
  });
});
