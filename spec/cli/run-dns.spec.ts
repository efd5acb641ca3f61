/** Whom a running service asks: the name servers of its config, by either resolver, and others when it is told so. */

import { writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { a, rcode, response, soa } from '../support/dns/bytes.ts';
import { HostileServer } from '../support/dns/hostile-server.ts';
import { DnsServer } from '../support/dns/dns-server.ts';
import { serviceUnderTest } from '../support/service-under-test.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { open, visit } from '../support/visit.ts';

const POLICY = 'policy: reject_unknown_sender_domain';
const KNOWN = ['example.net. 300 MX 10 mx.example.net.'];

describe('postern run with name servers of its own', function () {
  this.timeout(30_000);
  const folder = temporaryFolder();
  const start = serviceUnderTest(folder);
  let servers: DnsServer[] = [];
  let hostile: HostileServer | null = null;
  afterEach(async () => {
    await hostile?.close();
    hostile = null;
    await Promise.all(servers.map((server) => server.close()));
    servers = [];
  });

  async function serving(lines: readonly string[]): Promise<DnsServer> {
    const server = await DnsServer.start(lines);
    servers.push(server);
    return server;
  }

  for (const resolver of ['own', 'node'])
    it(`asks them, resolver: ${resolver}, remembers what they say, and takes others on SIGHUP`, async () => {
      const [first, second] = [await serving(KNOWN), await serving([])];
      const dns = (server: DnsServer): string =>
        `${POLICY}\ndns: { servers: "${server.address}", resolver: ${resolver} }`;
      const { configFile, service, hears } = await start({ settings: dns(first) });
      expect(await hears('bob')).to.equal(null);
      expect(await hears('carol')).to.equal(null);
      expect(first.queries).to.deep.equal(['example.net MX']);

      const config = `listen: unix:${folder()}/s\nstore: sqlite:${folder()}/p.db\nlog: { format: json }\n`;
      writeFileSync(configFile, `${config}${dns(first)}\nobserve: false\n`);
      service.kill('SIGHUP');
      await service.logged(({ event }) => event === 'reloaded');
      expect(await hears('dave')).to.equal(null);
      expect(first.queries).to.have.length(1);

      writeFileSync(configFile, `${config}${dns(second)}\n`);
      service.kill('SIGHUP');
      await service.until(() => service.log.filter(({ event }) => event === 'reloaded').length === 2);
      expect(await hears('erin')).to.match(/^450 4\.1\.8 /);
      expect(first.queries).to.have.length(1);
      expect(second.queries).to.have.members(['example.net MX', 'example.net A', 'example.net AAAA']);
    });

  it('goes by its lists whatever one client makes up', async () => {
    const listed = ['2.0.0.127.l.example A', '10.2.0.192.l.example A'];
    const server = await HostileServer.start(({ bytes, question }) => {
      if (question.includes('made-up')) return null;
      if (listed.includes(question)) return response(bytes, { answers: [a(127, 0, 0, 2)] });
      return question === 'example.net A'
        ? response(bytes, { answers: [a(192, 0, 2, 1)] })
        : response(bytes, {
            flags: rcode(question.includes('l.example') ? 3 : 0),
            authorities: [soa(60, 60)],
          });
    });
    hostile = server;
    const policy = 'policy: [ reject_rbl_client l.example=127.0.0.2, reject_unknown_sender_domain ]';
    const { service, hears } = await start({ settings: `${policy}\ndns: { servers: "${server.address}" }` });
    const spammer = await open(await service.connect(), { client: '203.0.113.9', sender: '<>' });
    let n = 0;
    const makeUp = async (): Promise<unknown> => {
      spammer.tell({ kind: 'abort' });
      return spammer.send({ kind: 'mail', sender: `<x@n${n++}.made-up.example>`, args: [] });
    };
    for (let i = 0; i < 2500; i++) await makeUp();
    const over = new AbortController();
    const goesOn = (async () => {
      for (; !over.signal.aborted; await new Promise(setImmediate)) await makeUp();
    })();
    const honest = { client: '198.51.100.1', sender: '<alice@example.net>', recipient: '<bob@example.org>' };
    const heard = await Promise.all([hears('bob'), visit(await service.connect(), honest)]);
    over.abort();
    await goesOn;
    expect(heard[0]).to.match(/^554 5\.7\.1 /);
    expect(heard[1]).to.equal(null);
    spammer.quit();
  });

  it('puts mail off by its rules while there is no way to them, and lives', async () => {
    // Without leave to broadcast (socket(7)), connecting fails.
    const settings = `policy: [ reject_rbl_client l.example, reject_unknown_sender_domain ]\ndns: { servers: 255.255.255.255, timeout: 1s }`;
    const { service, hears } = await start({ settings });
    expect(await hears('bob')).to.match(/^450 4\.1\.8 /);
    expect(await service.stop()).to.equal(0);
    expect(service.log.filter(({ event }) => event === 'bug')).to.deep.equal([]);
  });

  it('survives a bug, from the moment of its start', async () => {
    // Whoever is loaded with it throws in the event loop before it listens.
    const bug = `import { isMainThread } from 'node:worker_threads'; const look = () => { if (process.title !== 'postern') return setImmediate(look); throw new Error('on purpose'); }; if (isMainThread) look();`;
    const { NODE_OPTIONS } = process.env;
    process.env['NODE_OPTIONS'] = `--import data:text/javascript,${encodeURIComponent(bug)}`;
    try {
      const { service, hears } = await start({ settings: 'policy: []' });
      expect(service.log.map(({ event }) => event)).to.include('bug');
      expect(await hears('bob')).to.equal(null);
    } finally {
      if (NODE_OPTIONS === undefined) delete process.env['NODE_OPTIONS'];
      else process.env['NODE_OPTIONS'] = NODE_OPTIONS;
    }
  });
});
