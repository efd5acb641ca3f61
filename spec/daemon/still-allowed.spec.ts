/** Where an allowance is taken back, it is told who is not delayed all the same. */

import { expect } from 'chai';
import { readConfig } from '../../lib/config/read-config.ts';
import { carryOut } from '../../lib/daemon/carry-out.ts';
import { openMemoryStore } from '../../lib/greylist/memory-store.ts';
import { attempt, NOON, SECOND, TIMINGS } from '../greylist/attempts.ts';

describe('An allowance that is taken back', () => {
  /** `granted`: by name, or `kind value` of what an older config had; `earned`: addresses. */
  async function still(whom: string, granted: readonly string[], earned: readonly string[] = []) {
    const store = openMemoryStore();
    const loaded = readConfig('', 'postern.yaml', { stateDirectory: '/nonexistent' });
    if (!loaded.ok) throw new Error('the empty config is wrong');
    for (const each of granted) {
      const [kind, value] = each.split(' ');
      if (kind === 'network' && value !== undefined) await store.grant({ kind, value }, null, NOON);
      else await carryOut({ do: 'allow', whom: each, untilMs: null }, store, loaded.config, NOON);
    }
    for (const [i, value] of earned.entries()) {
      const proof = { subjects: [{ kind: 'address', value } as const], ownsSender: false, mayCap: true };
      const one = { ...attempt(i), proof };
      await store.judge(one, NOON - 61 * SECOND, { ...TIMINGS, allowAfter: 1 });
      await store.judge(one, NOON, { ...TIMINGS, allowAfter: 1 });
    }
    const carried = await carryOut({ do: 'withdraw', whom }, store, loaded.config, NOON);
    await store.close();
    if (carried.kind !== 'done') throw new Error(carried.why);
    return [carried.count, ...(carried.still ?? []).map(({ kind, value }) => `${kind} ${value}`)];
  }

  it('of an address leaves the network that it lies in, also where it was not allowed itself', async () => {
    const grants = ['192.0.2.0/24', '198.51.100.0/24'];
    expect(await still('192.0.2.10', [...grants, '192.0.2.10'])).to.deep.equal([1, 'network 192.0.2.0/24']);
    expect(await still('192.0.2.10', grants)).to.deep.equal([0, 'network 192.0.2.0/24']);
    expect(await still('203.0.113.1', [...grants, '203.0.113.1'])).to.deep.equal([1]);
  });

  it('of a network leaves its hosts, those granted before those that have earned it', async () => {
    const hosts = ['192.0.3.1', '192.0.3.2', '192.0.3.3', '192.0.3.4', '192.0.3.5', '192.0.4.1'];
    const told = await still('192.0.2.0/23', ['192.0.2.0/23', '192.0.2.10', '192.0.4.2'], hosts);
    expect(told).to.have.length(6);
    expect(told.slice(0, 2)).to.deep.equal([2, 'address 192.0.2.10']);
    expect(
      told.slice(2).every((each) => hosts.slice(0, 5).some((host) => each === `address ${host}`)),
    ).to.equal(true);
  });

  it('of IPv6 leaves the /64 of the other kind', async () => {
    const both = ['2001:db8::1', '2001:db8::/64'];
    expect(await still('2001:db8::1', both)).to.deep.equal([1, 'network 2001:db8::/64']);
    expect(await still('2001:db8::/64', both)).to.deep.equal([1, 'address 2001:db8::/64']);
  });

  it('of one proof of a domain leaves the other', async () => {
    expect(await still('spf:example.com', ['example.com', 'example.net'])).to.deep.equal([
      1,
      'ptr example.com',
    ]);
    expect(await still('example.com', ['example.com', 'example.net'])).to.deep.equal([2]);
  });

  it('leaves nobody by a network of another prefix than the configured one', async () => {
    expect(await still('192.0.2.10', ['network 192.0.0.0/16', '192.0.2.10'])).to.deep.equal([1]);
  });
});
