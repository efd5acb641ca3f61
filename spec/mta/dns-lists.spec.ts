/**
 * DNS lists in main.cf and in a policy: the same zones, served by rbldnsd and asked through unbound on port 53 of a
 * private network, and the same sessions. Byte by byte the client hears the same.
 */

import { expect } from 'chai';
import { Rbldnsd } from '../support/dns/rbldnsd.ts';
import { requiresServers } from '../support/dns/real-server.ts';
import { Unbound } from '../support/dns/unbound.ts';
import { POSTFIX_PROGRAMS, type Postfix } from '../support/mta/postfix.ts';
import { PrivateNetwork } from '../support/mta/private-network.ts';
import { requires } from '../support/mta/requirements.ts';
import { SideBySide } from '../support/mta/side-by-side.ts';
import { LOCAL_DATA, REFUSED_ZONE, ROWS, ZONES } from './list-rows.ts';
import type { Session } from './word-rows.ts';

const LISTS_PORT = 5353;

describe('DNS lists', function () {
  this.timeout(20_000);
  let network: PrivateNetwork | undefined;
  let sides: SideBySide | undefined;
  let rbldnsd: Rbldnsd | undefined;
  let unbound: Unbound | undefined;

  before(async function () {
    this.timeout(60_000);
    requires(this, 'Postfix', POSTFIX_PROGRAMS, 'apt-get install postfix');
    requiresServers(this, ['rbldnsd', 'unbound']);
    network = await PrivateNetwork.open();
    // So many clients that none of them needs an address of its own.
    await network.run('ip', ['route', 'add', 'local', '198.51.100.0/24', 'dev', 'lo']);
    rbldnsd = await Rbldnsd.start(ZONES, { network, port: LISTS_PORT });
    unbound = await Unbound.start(
      {
        upstream: [{ zones: [...rbldnsd.zones, REFUSED_ZONE], port: LISTS_PORT }],
        localData: LOCAL_DATA,
        // Of several reasons both shall hear the same first.
        lines: ['rrset-roundrobin: no'],
      },
      { network, port: 53 },
    );
    sides = await SideBySide.start(
      network,
      ROWS.map(({ lists }) => ({ postern: lists })),
    );
  });
  after(async () => {
    await sides?.stop();
    await unbound?.close();
    await rbldnsd?.close();
    await network?.close();
  });

  async function hears(server: Postfix, port: number, { from, greeting, lines }: Session): Promise<string[]> {
    const smtp = await server.connect(from, port);
    const heard: string[] = [];
    for (const line of [greeting, ...lines]) heard.push(await smtp.says(line, ''));
    await smtp.quits();
    return heard;
  }

  for (const [i, { lists, does, holds, passes }] of ROWS.entries())
    it(`mean what they mean in main.cf: ${JSON.stringify(lists)}`, async () => {
      for (const [n, session] of [...holds, ...passes].entries()) {
        const said = `${session.from}: ${[session.greeting, ...session.lines].join(' | ')}`;
        const { postfix, postern } = await sides!.both(i, (server, port) => hears(server, port, session));
        const last = postfix.at(-1)!;
        if (does !== null)
          expect(last.startsWith('2'), `${said}: ${last}`).to.equal(
            (does === 'permits') === n < holds.length,
          );
        const { differs } = session;
        if (differs === undefined) expect(postern, said).to.deep.equal(postfix);
        else
          expect([last, postern.at(-1)], `${said}: ${differs.why}`).to.deep.equal([
            differs.postfix,
            differs.postern,
          ]);
      }
    });
});
