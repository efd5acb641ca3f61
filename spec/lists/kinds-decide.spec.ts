/** By which proof a listing refuses: that of an address of its family, or that of names. */

import { expect } from 'chai';
import { standingId, standingOf } from '../../lib/checks/list-standing.ts';
import { ListsInUse } from '../../lib/lists/lists-in-use.ts';
import { NodeResolver } from '../../lib/dns/node-resolver.ts';
import { Traffic } from '../support/traffic.ts';
import { closesStages, list, SOUND, stage, ZONE, type Stage } from './health-stage.ts';

const LISTED = '2001:db8::99';
const LISTED_NAME = `9.9.0.0.${'0.'.repeat(20)}8.b.d.0.1.0.0.2.${ZONE}. A 127.0.0.2`;
const MAD_IN_IPV6 = `1.0.0.0.0.0.f.7.f.f.f.f.${'0.'.repeat(20)}${ZONE}. A 127.0.0.2`;
const NAMES = [`test.${ZONE}. A 127.0.0.2`, `example.net.${ZONE}. A 127.0.0.2`];

describe('A listing refuses', () => {
  closesStages();

  async function traffic(lines: readonly string[], ...policy: string[]): Promise<[Traffic, Stage]> {
    const scene = await stage([...SOUND, LISTED_NAME, ...lines]);
    const lists = new ListsInUse(scene.health, () => 0);
    lists.hold([list(), list(ZONE, 'name')]);
    const resolver = new NodeResolver({ servers: [scene.dns.address], timeoutMs: 2000 });
    const config = `local_domains: [example.org]\npolicy: ${JSON.stringify(policy)}\n`;
    return [new Traffic({ config, resolver, lists, now: () => scene.clock.now() }), scene];
  }

  it('an IPv6 client while the list is proven for IPv6, and not while it lists all of that', async () => {
    const [good] = await traffic([], `reject_rbl_client ${ZONE}`);
    expect(await good.visit(LISTED)).to.match(
      /^554 5\.7\.1 Service unavailable; Client host \[2001:db8::99\]/,
    );
    expect(await good.visit('2001:db8::98')).to.equal(null);
    const [mad] = await traffic([MAD_IN_IPV6], `reject_rbl_client ${ZONE}`);
    expect(await mad.visit(LISTED)).to.equal(null);
    expect(await mad.visit('192.0.2.99')).to.match(/^554 /);
  });

  it('a name while the list is proven for names, whatever it is for addresses', async () => {
    const policy = [`reject_rbl_client ${ZONE}`, `reject_rhsbl_sender ${ZONE}`];
    const [good] = await traffic(NAMES, ...policy);
    expect(await good.visit('192.0.2.7')).to.match(/^554 5\.7\.1 Service unavailable; Sender address/);
    const [mad] = await traffic([...NAMES, `invalid.${ZONE}. A 127.0.0.2`], ...policy);
    expect(await mad.visit('192.0.2.7')).to.equal(null);
    expect(await mad.visit('192.0.2.99')).to.match(/^554 .* Client host/);
    const [others] = await traffic([...NAMES, `1.0.0.127.${ZONE}. A 127.0.0.2`], ...policy);
    expect(await others.visit('192.0.2.99')).to.match(/^554 .* Sender address/);
  });

  it('nobody by what it says of this machine itself, which no list is asked about by nibbles', async () => {
    const [good, { dns }] = await traffic([], `permit_dnswl_client ${ZONE}`);
    await good.visit('::1');
    await good.visit('192.0.2.7');
    expect(dns.queries.filter((name) => name.length > 64)).to.deep.equal([]);
  });

  it('by a proof that its check names', () => {
    expect(standingOf(standingId('client', ZONE))).to.deep.equal({ subject: 'client', zone: ZONE });
    expect(standingId('helo', ZONE)).to.equal(standingId('sender', ZONE));
    const { subject } = standingOf(standingId('helo', ZONE))!;
    expect(standingId(subject, ZONE)).to.equal(standingId('helo', ZONE));
    expect(standingOf(`health of ${ZONE} for x`)).to.equal(null);
  });
});
