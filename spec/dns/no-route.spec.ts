/** No way to the DNS server, from the start or while it is asked: told like any other failure, and over as soon as there is a way. */

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { StubResolver } from '../../lib/dns/stub-resolver.ts';
import { without } from '../support/without.ts';

const NEVER = new AbortController().signal;

/** Which nobody may send to without having asked for it (socket(7), SO_BROADCAST): connecting to it fails. */
const NO_WAY = '255.255.255.255';

const ALONE = fileURLToPath(new URL('../support/dns/lost-network.ts', import.meta.url));

describe('A DNS server that there is no way to', () => {
  it('is a failure in words, each time', async () => {
    const resolver = new StubResolver({ servers: [NO_WAY], timeoutMs: 400, now: () => 0 });
    for (let n = 0; n < 3; n++)
      expect(await resolver.a(`h${n}.example.org`, NEVER)).to.deep.equal({
        status: 'temperror',
        why: "the DNS server can't be asked (EACCES)",
      });
  });

  it('is asked as soon as there is one, again and again, by sockets of the address that we have then', function () {
    this.timeout(20_000);
    const { status, stdout } = spawnSync('unshare', ['-rn', process.execPath, ALONE], { encoding: 'utf8' });
    if (status !== 0) without(this, 'A network that comes and goes', 'unshare -rn, and ip');
    expect(stdout.trim().split('\n')).to.deep.equal([
      'down: temperror there is no way to the DNS server (ENETUNREACH)',
      'up: found',
      'down: temperror there is no way to the DNS server (ENETUNREACH)',
      'up, by another address of ours: found',
    ]);
  });
});
