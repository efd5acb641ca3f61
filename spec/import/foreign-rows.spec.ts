/** Rows of other greylisters' databases: what each says of a triplet, and which say nothing. */

import { expect } from 'chai';
import fc from 'fast-check';
import { LEFT_OUT } from '../../lib/import/foreign-row.ts';
import { readGreylistConf } from '../../lib/import/greylist-conf.ts';
import { milterGreylistTimes, USUAL_TIMES } from '../../lib/import/greylist-times.ts';
import { dumpRow, isDump, type DumpReading } from '../../lib/import/milter-greylist-row.ts';
import { postgreyTimes } from '../../lib/import/postgrey.ts';
import { clientRow, tripletRow } from '../../lib/import/postgrey-row.ts';

const PREFIXES = { ipv4Prefix: 24, ipv6Prefix: 64 };
const TIMES = postgreyTimes(null);

describe('A row of postgrey', () => {
  const row = (key: string, value: string) =>
    tripletRow(Buffer.from(key), Buffer.from(value), TIMES, PREFIXES);

  it('is a triplet that has passed, or waits, by the delay of postgrey', () => {
    const triplet = {
      kind: 'triplet',
      origins: [{ kind: 'network', value: '192.0.2.0/24' }],
      sender: 'alice@example.net',
      recipient: 'bob@example.org',
      passed: true,
      firstMs: 1_700_000_000_000,
      lastMs: 1_700_000_300_000,
    };
    const key = '192.0.2.0/alice@example.net/bob@example.org';
    expect(row(key, '1700000000,1700000300')).to.deep.equal([triplet]);
    expect(row(key, '1700000000,1700000299,host')).to.deep.equal([
      { ...triplet, passed: false, lastMs: 1_700_000_299_000 },
    ]);
  });

  const keys: readonly [key: string, network: string, sender: string, recipient: string][] = [
    ['192.0.2.0//bob@example.org', '192.0.2.0/24', '<>', 'bob@example.org'],
    ['192.0.2.77/32/a@example.net/b@example.org', '192.0.2.0/24', 'a@example.net', 'b@example.org'],
    ['2001:db8:0:0:0:0:0:0/a@example.net/b@example.org', '2001:db8::/64', 'a@example.net', 'b@example.org'],
    ['192.0.2.0/a/b@example.net/c/d@example.org', '192.0.2.0/24', 'a/b@example.net', 'c/d@example.org'],
    ['192.0.2.0/root/b@example.org', '192.0.2.0/24', 'root', 'b@example.org'],
    ['192.0.2.0/a@example.net/postmaster', '192.0.2.0/24', 'a@example.net', 'postmaster'],
    ['192.0.2.0/a@[192.0.2.1]/postmaster', '192.0.2.0/24', 'a@[192.0.2.1]', 'postmaster'],
  ];
  for (const [key, network, sender, recipient] of keys)
    it(`is taken apart: ${key}`, () => {
      const found = row(key, '1700000000,1700000300');
      expect(found).to.be.an('array');
      expect((found as readonly unknown[])[0]).to.deep.include({
        origins: [{ kind: 'network', value: network }],
        sender,
        recipient,
      });
    });

  it('says nothing if it is hashed, or none of postgrey', () => {
    expect(row('0123456789abcdef0123456789abcdef01234567', '1,2')).to.equal('hashed');
    for (const key of [
      '',
      'x',
      '192.0.2.0',
      '192.0.2.0/',
      '192.0.2.0/a@b',
      '192.0.2/a@b/c@d',
      '192.0.2.0/a/',
    ])
      expect(row(key, '1700000000,1700000300'), key).to.equal('damaged');
    for (const value of ['', '1', 'a,b', '-1,2', '1700000000,', '1.5,2', '999999999999,1'])
      expect(row('192.0.2.0/a@b/c@d', value), value).to.equal('damaged');
  });

  it('is a client that need not wait, or is on the way there', () => {
    const client = (key: string, value: string, allowAfter = 5) =>
      clientRow(Buffer.from(key), Buffer.from(value), { ...TIMES, allowAfter });
    const standing = {
      kind: 'standing',
      subject: { kind: 'address', value: '192.0.2.10' },
      count: 5,
      allowed: true,
      lastMs: 1_700_000_000_000,
    };
    expect(client('192.0.2.10', '5,1700000000')).to.deep.equal([standing]);
    expect(client('192.0.2.10', '4,1700000000')).to.deep.equal([{ ...standing, count: 4, allowed: false }]);
    expect(client('192.0.2.10', '5,1700000000', 0)).to.deep.equal([{ ...standing, allowed: false }]);
    expect(client('2001:DB8:0:0:0:0:0:10', '5,1700000000')).to.deep.equal([
      { ...standing, subject: { kind: 'address', value: '2001:db8::/64' } },
    ]);
    expect(client('example.net', '5,1700000000')).to.equal('damaged');
    expect(client('192.0.2.10', 'many')).to.equal('damaged');
  });

  it('is read or left out, whatever it holds', () => {
    const octets = fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes));
    const near = fc.string({ maxLength: 40 }).map((text) => Buffer.from(`192.0.2.0/${text}`));
    fc.assert(
      fc.property(fc.oneof(octets, near), octets, (key, value) => {
        for (const found of [tripletRow(key, value, TIMES, PREFIXES), clientRow(key, value, TIMES)])
          expect(typeof found === 'string' ? LEFT_OUT.includes(found) : found.length > 0).to.equal(true);
      }),
    );
  });
});

describe('A line of the dump of milter-greylist', () => {
  const NOW = 1_700_000_000;
  const reading: DumpReading = {
    times: { ...USUAL_TIMES, autowhiteSeconds: 3 * 86_400 },
    prefixes: PREFIXES,
    lifetimeSeconds: 36 * 86_400,
    nowSeconds: NOW,
  };
  const triplet = {
    kind: 'triplet',
    origins: [{ kind: 'network', value: '192.0.2.0/24' }],
    recipient: 'bob@example.org',
  };
  const line = (time: string, from = '<Alice@example.net>'): string =>
    `192.0.2.10\t${from}\t<Bob@example.org>\t${time}`;

  it('is known until its time, and so was used an autowhite before', () => {
    const lastMs = (NOW + 100 - 3 * 86_400) * 1000;
    for (const end of [' AUTO', ' AUTO # 2023-11-14 22:13:20', '\tauto'])
      expect(dumpRow(line(`${NOW + 100}${end}`), reading)).to.deep.equal(
        ['alice@example.net', '<=>alice@example.net'].map((sender) => ({
          ...triplet,
          sender,
          passed: true,
          firstMs: lastMs,
          lastMs,
        })),
      );
    // Nobody is forgotten sooner than there, though lifetime: is shorter here.
    const short = { ...reading, lifetimeSeconds: 86_400 };
    expect(dumpRow(line(`${NOW + 100} AUTO`), short)).to.have.nested.property(
      '[0].lastMs',
      (NOW + 100 - 86_400) * 1000,
    );
  });

  it('waits since its first try, a delay before it would be let in', () => {
    const firstMs = (NOW + 600 - 1800) * 1000;
    for (const time of [`${NOW + 600}`, `${NOW + 600} `, `${NOW + 600} # 2023-11-14 22:13:20`])
      expect(dumpRow(line(time, '<>'), reading)).to.deep.equal([
        { ...triplet, sender: '<>', passed: false, firstMs, lastMs: firstMs },
      ]);
  });

  it('waits no longer than there, whichever entry of the list made it wait', () => {
    const conf = readGreylistConf('greylist 10m\nracl greylist rcpt a@example.org delay 1h\n');
    const times = milterGreylistTimes(conf);
    expect(times).to.include({ delaySeconds: 600, longestDelaySeconds: 3600 });
    const row = dumpRow(line(`${NOW + 60}`), { ...reading, times });
    expect(row).to.have.nested.property('[0].firstMs', (NOW + 60 - 3600) * 1000);
  });

  it('may have a sender of whom only the end is left', () => {
    for (const from of ['=example.org@lists.example>', '<example.org@lists.example>'])
      expect(
        (dumpRow(line(`${NOW} AUTO`, from), reading) as readonly { sender: string }[]).map(
          ({ sender }) => sender,
        ),
      ).to.deep.equal(['example.org@lists.example', '<=>example.org@lists.example']);
  });

  it('lets in whatever comes from that address, with lazyaw', () => {
    const lazy = { ...reading, times: { ...reading.times, lazy: true } };
    expect(dumpRow(line(`${NOW} AUTO`), lazy)).to.deep.include({
      kind: 'standing',
      subject: { kind: 'address', value: '192.0.2.10' },
      count: 1,
      allowed: true,
      lastMs: (NOW - 3 * 86_400) * 1000,
    });
    expect(dumpRow(line(`${NOW}`), lazy)).to.have.length(2);
  });

  it('is left out if it is past its time, of the tarpit, or damaged; comments are nothing', () => {
    expect(dumpRow(line(`${NOW - 1} AUTO`), reading)).to.equal('past');
    expect(dumpRow(line(`${NOW - 432_001}`), reading)).to.equal('past');
    expect(dumpRow(line(`${NOW}\t30 TARPIT # x`), reading)).to.equal('tarpit');
    for (const text of [
      'x',
      '192.0.2.10',
      line('soon'),
      line(`${NOW} MANUAL`),
      line(`${NOW} AUTO x`),
      line('1').slice(1),
    ])
      expect(dumpRow(text, reading), text).to.equal(text === line('1').slice(1) ? 'past' : 'damaged');
    for (const text of ['', '  ', '# stored tuples']) expect(dumpRow(text, reading)).to.equal(null);
  });

  it('shows what the file is', () => {
    expect(
      isDump('#\n# milter-greylist databases, dumped by milter-greylist-4.6.2 on 2026-11-21.\n'),
    ).to.equal(true);
    expect(isDump(`${line('1700000000 AUTO')}\n`)).to.equal(true);
    expect(isDump('racl whitelist default\n')).to.equal(false);
    expect(isDump('addr 192.0.2.1\t<a>\t<b>\t1\n')).to.equal(false);
  });

  it('is read or left out, whatever it holds', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 80, unit: 'binary' }), (text) => {
        const found = dumpRow(text, reading);
        expect(found === null || typeof found === 'string' || found.length > 0).to.equal(true);
      }),
    );
  });
});
