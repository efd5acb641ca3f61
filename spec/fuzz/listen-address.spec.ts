/** Writes anything where Postern is told to listen: it is an address or a reason, and an address means one thing. */

import { isIPv6 } from 'node:net';
import { expect } from 'chai';
import fc from 'fast-check';
import { parseListenAddress } from '../../lib/config/address.ts';

const PIECES = [
  ...['inet:', 'inet6:', 'unix:', 'local:', 'fd:', 'fd:systemd', 'tcp://', 'INET:'],
  ...[
    '8891',
    '0',
    '65535',
    '65536',
    '127.0.0.1',
    '256.0.0.1',
    '::1',
    '::',
    'fe80::1%eth0',
    'mx-1.Example.com',
  ],
  ...['@', ':', '[', ']', '%', '.', '-', '_', '/', '//', '/run/s', '{ ', ' }', ', ', ' ', '\n', '\0', 'ä'],
];

/** Mostly what looks like an address from afar. */
const nearAddress = fc.oneof(
  fc.array(fc.constantFrom(...PIECES), { maxLength: 8 }).map((pieces) => pieces.join('')),
  fc
    .array(fc.oneof(fc.constantFrom(...PIECES), fc.string({ unit: 'binary', maxLength: 4 })), {
      maxLength: 6,
    })
    .map((pieces) => pieces.join('')),
  fc.string({ unit: 'binary', maxLength: 300 }),
);

const host = fc.oneof(
  fc.ipV4(),
  fc.ipV6(),
  fc.ipV6().map((address) => `${address}%eth0`),
  fc.domain().filter(({ length }) => length <= 253),
  fc
    .domain()
    .filter(({ length }) => length <= 253)
    .map((name) => name.toUpperCase()),
);
const port = fc.nat(65_535);

/** Of names with anything but control characters in them, no longer than a socket's may be. */
const path = fc
  .array(
    fc.oneof(
      ...(['binary', 'binary-ascii'] as const).map((unit) =>
        fc.string({ unit, minLength: 1, maxLength: 20 }),
      ),
    ),
    { minLength: 1, maxLength: 4 },
  )
  .map((names) => names.map((name) => `/${name.replace(/[/\p{Cc}]/gu, 'x')}`).join(''))
  .filter((text) => Buffer.byteLength(text) <= 106);

/** Every way to write them, libmilter's and Postfix's. */
function spellings(toHost: string, toPort: number): string[] {
  const inBrackets = `[${toHost}]`;
  return isIPv6(toHost)
    ? [
        ...['inet', 'inet6'].flatMap((scheme) => [
          `${scheme}:${toPort}@${toHost}`,
          `${scheme}:${toPort}@${inBrackets}`,
          `${scheme}:${inBrackets}:${toPort}`,
        ]),
      ]
    : [`inet:${toPort}@${toHost}`, `inet:${toHost}:${toPort}`];
}

/** What it means, without how it was written; null: it was refused. */
function meaning(written: string): object | null {
  const { written: _, ...means } = { written: '', ...parseListenAddress(written) };
  return means.kind === 'wrong' ? null : means;
}

describe('Any text as a listen address', () => {
  it('is taken as it stands, or refused with a reason and something to write', () => {
    fc.assert(
      fc.property(nearAddress, (written) => {
        const address = parseListenAddress(written);
        if (address.kind !== 'wrong') expect(address.written).to.equal(written);
        else {
          expect(address.what).to.match(/\w/);
          expect(address.instead).to.match(/^write \S/);
        }
      }),
      { numRuns: 5000 },
    );
  });

  it('that is taken means the same in every other spelling', () => {
    fc.assert(
      fc.property(nearAddress, (written) => {
        const address = parseListenAddress(written);
        const means = meaning(written);
        if (address.kind === 'tcp')
          for (const again of spellings(address.host, address.port))
            expect(meaning(again), again).to.deep.equal(means);
        if (address.kind === 'unix')
          for (const again of [`unix:${address.path}`, `local:${address.path}`])
            expect(meaning(again), again).to.deep.equal(means);
      }),
      { numRuns: 5000 },
    );
  });

  it('that is a host and a port means them in every spelling', () => {
    fc.assert(
      fc.property(host, port, (toHost, toPort) => {
        for (const written of spellings(toHost, toPort))
          expect(meaning(written), written).to.deep.equal({
            kind: 'tcp',
            host: toHost.toLowerCase(),
            port: toPort,
          });
      }),
    );
  });

  it('that is a path means it in every spelling', () => {
    fc.assert(
      fc.property(path, (path) => {
        for (const written of [`unix:${path}`, `local:${path}`])
          expect(meaning(written), written).to.deep.equal({ kind: 'unix', path });
      }),
    );
  });
});
