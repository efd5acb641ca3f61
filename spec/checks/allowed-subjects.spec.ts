import { expect } from 'chai';
import { allowedSubjects } from '../../lib/checks/allowed-subjects.ts';
import type { OriginSettings } from '../../lib/checks/attempt.ts';
import { formatOrigins } from '../../lib/greylist/triplet.ts';

const SETTINGS: OriginSettings = { origins: ['spf', 'ptr', 'network'], ipv4Prefix: 24, ipv6Prefix: 64 };

/** As the store writes them: `a192.0.2.10`, `n192.0.2.0/24`, `sexample.com`, `pexample.com`. */
async function subjects(written: string, settings: Partial<OriginSettings> = {}): Promise<string> {
  const allowed = await allowedSubjects(written, { ...SETTINGS, ...settings });
  return allowed.ok ? formatOrigins(allowed.subjects).replaceAll('\n', ' ') : `wrong: ${allowed.why}`;
}

const GOOD: readonly (readonly [written: string, subjects: string, settings?: Partial<OriginSettings>])[] = [
  ['192.0.2.10', 'a192.0.2.10'],
  [' [192.0.2.10] ', 'a192.0.2.10'],
  ['2001:db8:0:7::1', 'a2001:db8:0:7::/64'],
  ['2001:db8::/96', 'a2001:db8::/64'],
  ['192.0.2.0/24', 'n192.0.2.0/24'],
  ['192.0.2.8/30', 'a192.0.2.8 a192.0.2.9 a192.0.2.10 a192.0.2.11'],
  ['192.0.2.10/32', 'a192.0.2.10'],
  ['198.51.254.0/23', 'n198.51.254.0/24 n198.51.255.0/24'],
  ['198.18.0.0/15', 'n198.18.0.0/16 n198.19.0.0/16', { ipv4Prefix: 16 }],
  ['192.0.2.0/31', 'n192.0.2.0/32 n192.0.2.1/32', { ipv4Prefix: 32 }],
  ['2001:db8:0:fffe::/63', 'n2001:db8:0:fffe::/64 n2001:db8:0:ffff::/64'],
  [
    '2001:db8:0:ff00::/62',
    'a2001:db8:0:ff00::/64 a2001:db8:0:ff01::/64 a2001:db8:0:ff02::/64 a2001:db8:0:ff03::/64',
    { ipv6Prefix: 48 },
  ],
  ['2001:db8::/64', 'a2001:db8::/64', { ipv6Prefix: 80 }],
  ['2001:db8::/80', 'n2001:db8::/80', { ipv6Prefix: 80 }],
  // As a server behind a NAT64 sees IPv4.
  ['64:ff9b::192.0.2.10', 'a192.0.2.10'],
  ['64:ff9b::c000:200/120', 'n192.0.2.0/24'],
  ['64:ff9b::c000:20a/128', 'a192.0.2.10'],
  ['Example.COM.', 'sexample.com pexample.com'],
  ['bücher.example', 'sxn--bcher-kva.example pxn--bcher-kva.example'],
  ['spf:mail.example.com', 'smail.example.com'],
  ['mx.example.net[192.0.2.10]', 'a192.0.2.10'],
  ['unknown[2001:db8::1]', 'a2001:db8::/64'],
  ['spf:example.com', 'sexample.com'],
  ['ptr:example.com', 'pexample.com'],
  ['example.com', 'sexample.com', { origins: ['spf'] }],
];

const WRONG: readonly (readonly [written: string, why: RegExp, settings?: Partial<OriginSettings>])[] = [
  ['192.0.2.1/24', /bits beyond its prefix; write 192\.0\.2\.0\/24$/],
  ['198.51.0.0/15', /bits beyond/],
  ['198.0.0.0/8', /is 65536 networks of greylist: ipv4_prefix: 24, .*skip_clients: \["198\.0\.0\.0\/8"\]/],
  [
    'mx1.example.com',
    /name below example\.com, .* allow example\.com for all hosts .*, or the host's address, or spf:mx1\.example\.com for/,
  ],
  [
    'mx1.example.com',
    /such a name alone; allow the host's address, or spf:mx1/,
    { origins: ['spf', 'network'] },
  ],
  ['2001:db8::/32', /is 4294967296 networks/],
  ['192.0.2.0/33', /is no network; write it as/],
  [
    'alice@example.net',
    /anybody can write a sender; .*greylist allow example\.net; .*release --sender alice@example\.net/,
  ],
  ['co.uk', /public suffix/],
  ['ptr:mx.example.com', /write ptr:example\.com/],
  ['example.com', /names no spf and no ptr/, { origins: ['network'] }],
  ['ptr:example.com', /names no ptr/, { origins: ['spf', 'network'] }],
  ['mx', /no address, network or domain; write 192\.0\.2\.10/],
  ['*.example.com', /no address, network or domain/],
  ['', /no address, network or domain/],
  ['spf:', /no address, network or domain/],
];

describe('Whom an administrator may allow', () => {
  for (const [written, expected, settings] of GOOD)
    it(`${written} is ${expected}${settings === undefined ? '' : ` with ${JSON.stringify(settings)}`}`, async () => {
      expect(await subjects(written, settings)).to.equal(expected);
    });

  for (const [written, why, settings] of WRONG)
    it(`is not ${JSON.stringify(written)}${settings === undefined ? '' : ` with ${JSON.stringify(settings)}`}`, async () => {
      expect(await subjects(written, settings))
        .to.match(/^wrong: /)
        .and.match(why);
    });

  it('is at most 256 networks', async () => {
    expect((await subjects('198.51.0.0/16')).split(' ')).to.have.length(256);
    expect(await subjects('198.50.0.0/15')).to.match(/^wrong/);
  });
});
