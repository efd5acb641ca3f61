/** What `postern doctor` says of a real Postfix that asks Postern, and that its word on smtpd is smtpd's. */

import { once } from 'node:events';
import { utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { MAIN } from '../support/program.ts';
import { Postfix, POSTFIX_PROGRAMS } from '../support/mta/postfix.ts';
import { CLIENT, type PrivateNetwork } from '../support/mta/private-network.ts';
import { eventually } from '../support/mta/eventually.ts';
import { requires } from '../support/mta/requirements.ts';
import { Scene } from '../support/mta/scene.ts';

/** smtpd ends at it before it greets. */
const BLANKS = 2526;
/** Likewise. */
const LIBMILTERS = 2527;

interface Told {
  readonly ok: boolean;
  readonly findings: readonly { check: string; severity: string; seen: string }[];
}

describe('postern doctor, beside a real Postfix', function () {
  this.timeout(60_000);
  let scene: Scene<Postfix>;

  before(async function () {
    requires(this, 'Postfix', POSTFIX_PROGRAMS, 'apt-get install postfix');
    scene = await Scene.set(async (network, service) => {
      await nameServer(network);
      return Postfix.start(network, {
        milters: `{ unix:${service.unixSocket}, default_action=accept }`,
        services: {
          [BLANKS]: ['smtpd_milters={ inet:127.0.0.1:8891, default_action = accept }'],
          [LIBMILTERS]: ['smtpd_milters=inet:8891@127.0.0.1'],
        },
      });
    });
  });
  after(() => scene?.strike());

  /** Spamhaus answers, as a resolver of one's own hears it. */
  async function nameServer(network: PrivateNetwork): Promise<void> {
    const zone = join(network.folder, 'zone');
    writeFileSync(zone, '2.0.0.127.zen.spamhaus.org. A 127.0.0.2\n');
    const program = fileURLToPath(new URL('../support/mta/name-server.ts', import.meta.url));
    const server = network.start(process.execPath, [program, zone]);
    await once(server.stdout, 'data');
  }

  /** Run inside the private network. */
  async function doctor(): Promise<Told> {
    const { folder } = scene.network;
    const words = [
      'doctor',
      '--json',
      '--config',
      `${folder}/postern.yaml`,
      '--postfix',
      `${folder}/postfix/etc`,
    ];
    const env = ['env', `STATE_DIRECTORY=${folder}`, process.execPath, MAIN, ...words];
    const text = await scene.network.run('sh', ['-c', '"$@" || [ $? = 1 ]', 'sh', ...env]);
    return JSON.parse(text) as Told;
  }

  it('exits with 1 if there is something to do, else with 0', async () => {
    const { folder } = scene.network;
    const judge = async (): Promise<string> => {
      const words = ['doctor', '--config', `${folder}/postern.yaml`, '--postfix', `${folder}/postfix/etc`];
      const env = ['env', `STATE_DIRECTORY=${folder}`, process.execPath, MAIN, ...words];
      return scene.network.run('sh', ['-c', '"$@"; echo "exit code $?"', 'sh', ...env]);
    };
    expect(await judge()).to.match(/\nall is well( \(\d notes?\))?\nexit code 0\n$/);
    utimesSync(join(folder, 'postern.yaml'), new Date(), new Date(Date.now() + 1000));
    const told = await judge();
    utimesSync(join(folder, 'postern.yaml'), 0, 0);
    expect(told)
      .to.match(/^ {2}warning {2}.*postern\.yaml was changed at /m)
      .and.match(/\nexit code 1\n$/);
    expect(told).to.match(/^ +type: postern check && postern reload$/m);
  });

  it('finds Postern where it is, first, and let in while it is away', async () => {
    const { ok, findings } = await doctor();
    const of = (check: string): string[] =>
      findings.filter((each) => each.check === check).map(({ severity, seen }) => `${severity} ${seen}`);
    expect(of('mta').filter((line) => line.startsWith('ok'))).to.include.members([
      'ok smtpd_milters of 25/inet names Postern first',
      'ok default_action=accept: while Postern is away mail is let in',
      'ok smtpd_relay_restrictions close the relay, whether Postern is there or not',
    ]);
    expect(of('mta').filter((line) => /^(?:problem|warning)/.test(line))).to.deep.equal([]);
    expect(of('listener')).to.have.length(2);
    for (const check of ['listener', 'service', 'database'])
      for (const line of of(check)) expect(line).to.match(/^ok /);
    expect(of('resolver').map((line) => line.replace(/\d+ ms/, 'N ms'))).to.deep.equal([
      'ok 127.0.0.1 answers (N ms)',
      'ok Spamhaus answers 127.0.0.1',
    ]);
    expect(ok).to.equal(!findings.some(({ severity }) => /problem|warning/.test(severity)));
  });

  for (const [what, port, said] of [
    ['blanks around the = of a setting', BLANKS, "missing '=' after attribute name"],
    ["libmilter's spelling of an address", LIBMILTERS, 'garbage after numerical service'],
  ] as const)
    it(`${what}: smtpd does end at that, before it greets`, async () => {
      const greeted = await scene.server.connect(CLIENT.named, port).then(
        () => true,
        () => false,
      );
      expect(greeted).to.equal(false);
      const heard = await eventually('the last words of smtpd', () => {
        const lines = scene.network.log.complaints();
        return lines.length === 0 ? undefined : lines.join();
      });
      expect(heard).to.contain(said);
    });
});
