/** Where Postern listens: libmilter's words and Postfix's mean the same. */

import { expect } from 'chai';
import { parseListenAddress } from '../../lib/config/address.ts';

const right: readonly (readonly [written: string, meaning: string])[] = [
  ['inet:8891@127.0.0.1', '127.0.0.1 8891'],
  ['inet:127.0.0.1:8891', '127.0.0.1 8891'],
  ['inet:8891@LocalHost', 'localhost 8891'],
  ['inet:mx-1.example.com:8891', 'mx-1.example.com 8891'],
  ['inet:8891', '0.0.0.0 8891'],
  ['inet6:8891', ':: 8891'],
  ['inet6:8891@::1', '::1 8891'],
  ['inet6:8891@[::1]', '::1 8891'],
  ['inet:8891@[::1]', '::1 8891'],
  ['inet:8891@::1', '::1 8891'],
  ['inet:[::1]:8891', '::1 8891'],
  ['inet6:[2001:DB8::1]:8891', '2001:db8::1 8891'],
  ['inet6:8891@fe80::1%eth0', 'fe80::1%eth0 8891'],
  ['inet:0@127.0.0.1', '127.0.0.1 0'],
  ['inet:65535@127.0.0.1', '127.0.0.1 65535'],
  ['unix:/run/postern.sock', '/run/postern.sock'],
  ['local:/run/postern.sock', '/run/postern.sock'],
  ['unix:///run//postern.sock', '/run/postern.sock'],
  [`unix:/${'a'.repeat(105)}`, `/${'a'.repeat(105)}`],
  ['fd:systemd', 'systemd'],
];

/** The address that should have been written instead. */
const wrong: readonly (readonly [written: string, instead: string])[] = [
  ['8891', 'inet:8891@127.0.0.1'],
  [':8891', 'inet:8891@127.0.0.1'],
  ['127.0.0.1:8891', 'inet:8891@127.0.0.1'],
  ['localhost:8891', 'inet:8891@localhost'],
  ['8891@localhost', 'inet:8891@localhost'],
  ['::1:8891', 'inet6:8891@::1'],
  ['inet:127.0.0.1@8891', 'inet:8891@127.0.0.1'],
  ['inet::8891', 'inet:8891@127.0.0.1'],
  ['inet6:127.0.0.1:8891', 'inet:8891@127.0.0.1'],
  ['inet:::1:8891', 'inet6:8891@::1'],
  ['inet:[127.0.0.1]:8891', 'inet:8891@127.0.0.1'],
  ['INET:8891@127.0.0.1', 'inet:8891@127.0.0.1'],
  ['tcp:127.0.0.1:8891', 'inet:8891@127.0.0.1'],
  ['tcp://[::1]:8891', 'inet6:8891@::1'],
  ['{ inet:127.0.0.1:8891, default_action=accept }', 'inet:8891@127.0.0.1'],
  ['{ unix:/run/postern.sock, connect_timeout = 5s }', 'unix:/run/postern.sock'],
  ['/run/postern.sock', 'unix:/run/postern.sock'],
  ['unix:postern.sock', 'unix:/run/postern/postern.sock'],
  ['unix:/run/', 'unix:/run/postern.sock'],
  ['systemd', 'fd:systemd'],
  ['fd:3', 'fd:systemd'],
];

function meaningOf(written: string): string {
  const address = parseListenAddress(written);
  if (address.kind === 'tcp') return `${address.host} ${address.port}`;
  if (address.kind === 'unix') return address.path;
  return address.kind === 'systemd' ? 'systemd' : `wrong: ${address.what}; ${address.instead}`;
}

describe('A listen address', () => {
  for (const [written, meaning] of right)
    it(`${written} means ${meaning}`, () => {
      expect(meaningOf(written)).to.equal(meaning);
    });

  for (const [written, instead] of wrong)
    it(`${written} should have been ${instead}`, () => {
      const address = parseListenAddress(written);
      expect(address).to.include({ kind: 'wrong', instead: `write ${instead}` });
      expect(parseListenAddress(instead).kind).not.to.equal('wrong');
    });

  for (const written of [
    '',
    'inet:',
    'inet:@',
    'inet:65536@127.0.0.1',
    'inet:smtp@127.0.0.1',
    'inet:8891@127.0.0.256',
    'inet:8891@127.1',
    'inet:8891@a b',
    'inet:8891@-a',
    'inet:8891@a..b',
    'unix:',
    'unix:/a\nb',
    `unix:/${'ä'.repeat(54)}`,
  ])
    it(`${JSON.stringify(written.slice(0, 30))} is refused`, () => {
      expect(parseListenAddress(written).kind).to.equal('wrong');
    });
});
