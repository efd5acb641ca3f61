/** What `postern doctor` says of a real Postfix that asks Postern, and that its word on smtpd is smtpd's. */

import { expect } from 'chai';
import { MAIN } from '../support/program.ts';
import { Postfix, POSTFIX_PROGRAMS } from '../support/mta/postfix.ts';
import { CLIENT } from '../support/mta/private-network.ts';
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
    scene = await Scene.set((network, service) =>
      Postfix.start(network, {
        milters: `{ unix:${service.unixSocket}, default_action=accept }`,
        services: {
          [BLANKS]: ['smtpd_milters={ inet:127.0.0.1:8891, default_action = accept }'],
          [LIBMILTERS]: ['smtpd_milters=inet:8891@127.0.0.1'],
        },
      }),
    );
  });
  after(() => scene?.strike());

  /** Run inside the private network; it exits with 1 because of what has no DNS there. */
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
    expect(of('resolver').join()).to.contain('problem 127.0.0.1 does not answer');
    expect(ok).to.equal(false);
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
