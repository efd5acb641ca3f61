/** What the doctor says of the running service and its listeners. */

import { once } from 'node:events';
import { chownSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import { listener } from '../../lib/doctor/listener.ts';
import { service } from '../../lib/doctor/service.ts';
import { writtenConfig } from '../../lib/doctor/written-config.ts';
import { createFilter } from '../../lib/milter/index.ts';
import { findings, patientIn, running } from '../support/patient.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { without } from '../support/without.ts';

describe('The doctor looks at the service', () => {
  const folder = temporaryFolder();
  const file = (): string => join(folder(), 'postern.yaml');
  const servers: Server[] = [];

  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });

  async function listens(accept: (socket: Socket) => void): Promise<number> {
    const server = createServer(accept).listen(0, '127.0.0.1');
    servers.push(server);
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  }

  it('finds nothing wrong with one that runs with this config', async () => {
    expect(
      await findings(service, patientIn(folder(), { service: running(file(), { version: '0.1.0' }) })),
    ).to.deep.equal([`ok version 0.1.0 runs, pid 4711, config ${file()}`]);
  });

  it('finds that none runs', async () => {
    const [told] = await findings(service, patientIn(folder()));
    expect(told).to.equal(
      `problem no service of Postern answers at /control.sock: mail is not guarded, or the service has its state in another directory, or it runs without a control socket (its log then says "no control socket"); type: systemctl start postern    (or: postern run --config ${file()})`,
    );
  });

  it('finds a control socket that root has left in the directory of another, who does not replace it', async function () {
    if (process.getuid?.() !== 0) without(this, 'a socket of another user', 'root');
    const path = join(folder(), 'control.sock');
    const server = createServer().listen(path);
    servers.push(server);
    await once(server, 'listening');
    expect((await findings(service, patientIn(folder()))).join()).to.match(
      /; type: systemctl start postern /,
    );
    chownSync(folder(), 12_345, 12_345);
    const told = await findings(service, patientIn(folder()));
    expect(told).to.have.length(1);
    expect(told[0]).to.match(/^problem no service of Postern answers at .*: mail is not guarded, or /);
    expect(told[0]).to.contain(
      `; the socket there is of user id 0 and its directory of user id 12345, whose service does not replace it; type: rm ${path} && systemctl restart postern`,
    );
  });

  it('finds that it may not be asked, or does not answer', async () => {
    const closed = { kind: 'closed', why: 'no permission' } as const;
    expect(await findings(service, patientIn(folder(), { service: closed }))).to.deep.equal([
      'note no permission',
    ]);
    const failed = { kind: 'failed', why: 'it is silent' } as const;
    expect(await findings(service, patientIn(folder(), { service: failed }))).to.deep.equal([
      'warning it is silent; type: systemctl restart postern',
    ]);
  });

  it('finds an older version, and one that only observes', async () => {
    const told = await findings(
      service,
      patientIn(folder(), { service: running(file(), { version: '0.0.9', observe: true }) }),
    );
    expect(told[1]).to.match(
      /^warning this is version .*, and 0\.0\.9 still runs; type: systemctl restart postern$/,
    );
    expect(told[2]).to.match(/^note it only observes/);
  });

  it('finds a config that was changed after it was read', async () => {
    const loaded = new Date('2026-11-21T10:00:00Z');
    const patient = patientIn(folder(), { service: running(file(), { loaded: loaded.toISOString() }) });
    utimesSync(file(), loaded, new Date(loaded.getTime() + 1000));
    expect((await findings(service, patient))[1]).to.equal(
      `warning ${file()} was changed at 2026-11-21T10:00:01.000Z, after the service read it (2026-11-21T10:00:00.000Z); type: postern check && postern reload`,
    );
    utimesSync(file(), loaded, new Date(loaded.getTime() - 1000));
    expect(await findings(service, patient)).to.have.length(1);
  });

  it('finds a key and data of lists that were changed after they were read, or may be read only since', async () => {
    const key = join(folder(), 'dqs.key');
    writeFileSync(key, 'k3y0123456789abcdefghij012\n');
    const config = `policy: ["reject_rbl_client \${dqs}.zen.dq.spamhaus.net=127.0.0.2"]\nlists: { key_files: { dqs: ${key} }, data: ${folder()}/none.json }`;
    const loaded = (ms: number): string => new Date(ms).toISOString();
    const early = running(file(), { loaded: loaded(Date.parse('2020-01-01T00:00:00Z')) });
    const told = await findings(service, patientIn(folder(), { config, service: early }));
    expect(told).to.have.length(3);
    expect(told[2]).to.match(
      new RegExp(`^warning ${key} was changed at .*; type: postern check && postern reload$`),
    );
    expect(await findings(service, patientIn(folder(), { config, service: running(file()) }))).to.have.length(
      1,
    );
  });

  it('finds a service with another config', async () => {
    const told = await findings(
      service,
      patientIn(folder(), { service: running('/etc/postern/other.yaml') }),
    );
    expect(told[1]).to.equal(
      `warning the service that runs has another config than the one looked at here, ${file()}; type: systemctl restart postern    (to run with this one, if its unit names it) && postern doctor --config /etc/postern/other.yaml    (to look at that one)`,
    );
  });

  it('negotiates with a listener as an MTA does', async () => {
    const filter = createFilter({ open: () => null, answer: { rcpt: () => 'continue' } });
    const port = await listens((socket) => void filter.serve(socket));
    const config = `listen: inet:${port}@127.0.0.1`;
    expect(await findings(listener, patientIn(folder(), { config }))).to.deep.equal([
      `ok inet:${port}@127.0.0.1 answers`,
    ]);
    const anywhere = `listen: inet:${port}@0.0.0.0`;
    expect(await findings(listener, patientIn(folder(), { config: anywhere }))).to.deep.equal([
      `ok inet:${port}@0.0.0.0 answers`,
    ]);
  });

  it('finds the port where the config leaves it open', async () => {
    const filter = createFilter({ open: () => null, answer: { rcpt: () => 'continue' } });
    const port = await listens((socket) => void filter.serve(socket));
    const config = 'listen: inet:0@127.0.0.1';
    const known = running(file(), { listening: [`inet:${port}@127.0.0.1`] });
    expect(await findings(listener, patientIn(folder(), { config, service: known }))).to.deep.equal([
      `ok inet:${port}@127.0.0.1 answers`,
    ]);
    expect((await findings(listener, patientIn(folder(), { config })))[0]).to.match(
      /^note .*only the service knows$/,
    );
  });

  it('finds that nobody listens, or somebody else', async () => {
    const port = await listens((socket) => socket.end('220 mx.example.org ESMTP\r\n'));
    const [other] = await findings(
      listener,
      patientIn(folder(), { config: `listen: inet:${port}@127.0.0.1` }),
    );
    expect(other).to.match(/^problem inet:\d+@127\.0\.0\.1 does not answer: .*; type: ss -ltnp/);
    const config = `listen: ["inet:1@127.0.0.1", "unix:${folder()}/none", "fd:systemd"]`;
    const told = await findings(listener, patientIn(folder(), { config }));
    expect(told[0]).to.contain(
      "problem inet:1@127.0.0.1 does not answer: nobody listens there; type: ss -ltnp 'sport = :1'",
    );
    expect(told[1]).to.contain(
      `problem unix:${folder()}/none does not answer: there is no such socket; type: ss -xlp`,
    );
    expect(told[2]).to.match(/^note which sockets systemd handed over/);
  });

  it('repeats the first warning of postern check', async () => {
    expect(await findings(writtenConfig, patientIn(folder()))).to.deep.equal([
      `ok ${file()} has no problems`,
    ]);
    const warnings = ['postern.yaml:1:1: warning: a', 'postern.yaml:2:1: warning: b'];
    expect(await findings(writtenConfig, patientIn(folder(), { warnings }))).to.deep.equal([
      `warning postern.yaml:1:1: warning: a (and 1 more); type: postern check --config ${file()}`,
    ]);
  });
});
