/** The service with real DNS lists, as an administrator runs it: several of them sick from the start. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { requiresServers } from '../support/dns/real-server.ts';
import { Rbldnsd, TEST_POINTS, THE_WORLD } from '../support/dns/rbldnsd.ts';
import { Unbound } from '../support/dns/unbound.ts';
import { postern, RunningPostern } from '../support/program.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { visit } from '../support/visit.ts';

const LISTS = {
  'sane.example': { ip4set: [':127.0.0.2:see $', ...TEST_POINTS.ip4set, '192.0.2.10'] },
  'mad.example': { ip4set: [':127.0.0.2:see $', ...THE_WORLD] },
  'empty.example': { ip4set: ['192.0.2.11 :127.0.0.2:see $'] },
  'parked.example': { ip4set: [':203.0.113.80:for sale', ...THE_WORLD] },
  'refusing.example': { ip4set: [':127.255.255.254:open resolver', ...THE_WORLD] },
} as const;

/** rbldnsd refuses to answer for it. */
const DEAD = 'dead.example';

const STATES = {
  'sane.example': 'alive',
  'mad.example': 'lists-the-world',
  'empty.example': 'blind',
  'parked.example': 'lists-the-world',
  'refusing.example': 'blind',
  [DEAD]: 'dead',
};

describe('A service with DNS lists of all kinds', function () {
  this.timeout(30_000);
  const folder = temporaryFolder();
  let rbldnsd: Rbldnsd | undefined;
  let unbound: Unbound | undefined;
  let service: RunningPostern | undefined;

  afterEach(async () => {
    await service?.stop('SIGKILL');
    await unbound?.close();
    await rbldnsd?.close();
  });

  async function start(resolver: string): Promise<void> {
    const configFile = join(folder(), 'postern.yaml');
    const policy = Object.keys(STATES).map((zone) => `reject_rbl_client ${zone}`);
    writeFileSync(
      configFile,
      `listen: unix:${folder()}/s\nstore: memory\nlog: { format: json }\nlocal_domains: [example.org]\n` +
        `dns: { servers: ["${resolver}"] }\npolicy: ${JSON.stringify(policy.toReversed())}\n`,
    );
    service = await RunningPostern.start(configFile);
  }

  async function hears(client: string): Promise<string | null> {
    return visit(await service!.connect(), {
      client,
      sender: '<alice@example.net>',
      recipient: '<bob@example.org>',
    });
  }

  for (const way of ['directly', 'through unbound'])
    it(`refuses only by the one that is sane, and tells of each of the others once, ${way}`, async function () {
      requiresServers(this, ['rbldnsd', 'unbound']);
      rbldnsd = await Rbldnsd.start(LISTS);
      const upstream = [{ zones: [...rbldnsd.zones, DEAD], port: rbldnsd.port }];
      unbound = way === 'directly' ? undefined : await Unbound.start({ upstream });
      await start(unbound?.address ?? rbldnsd.address);
      // The first comes before anything is known.
      const first = await Promise.all([hears('192.0.2.10'), hears('198.51.100.7'), hears('192.0.2.11')]);
      expect(first).to.deep.equal([
        '554 5.7.1 Service unavailable; Client host [192.0.2.10] blocked using sane.example; see 192.0.2.10',
        null,
        null,
      ]);
      const lines = (): RunningPostern['log'] => service!.log.filter(({ event }) => event === 'list-changed');
      await service!.until(() => lines().length >= Object.keys(STATES).length);
      expect(Object.fromEntries(lines().map(({ list, to }) => [list, to]))).to.deep.equal(STATES);
      expect(await hears('198.51.100.8')).to.equal(null);
      const { stdout } = postern(['lists', '--json'], { STATE_DIRECTORY: folder() });
      const shown = JSON.parse(stdout) as { lists: { list: string; state: string }[] };
      expect(Object.fromEntries(shown.lists.map(({ list, state }) => [list, state]))).to.deep.equal(STATES);
      expect(lines()).to.have.length(Object.keys(STATES).length);
    });
});
