/** Services of master.cf that have restrictions of their own: what is said of each, and what keeps Postern away. */

import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { SERVER_PATH } from '../support/mta/private-network.ts';
import { requires } from '../support/mta/requirements.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { imported } from './import-setup.ts';

const MASTER =
  'smtp inet n - y - - smtpd\n' +
  'submission inet n - y - - smtpd\n  -o syslog_name=postfix/submission\n  -o smtpd_helo_restrictions=\n' +
  '10025 inet n - n - - smtpd -o { smtpd_recipient_restrictions = permit_mynetworks, reject } -omynetworks=10.0.0.0/8\n' +
  '2525 inet n - n - - smtpd\n  -o smtpd_sender_restrictions=check_sender_access,inline:{evil.example=REJECT}\n';

function importing(masterCf: string | null, mainCf = 'x = 1'): { flat: string; commands: string[] } {
  const text = imported({
    mainCf: { file: 'main.cf', text: mainCf },
    masterCf: masterCf === null ? null : { file: 'master.cf', text: masterCf },
  });
  return {
    flat: text.replace(/\n# */g, ' '),
    commands: [...text.matchAll(/^# (postconf -P .*)$/gm)].map(([, command]) => command!),
  };
}

describe('A service with restrictions of its own', () => {
  it('is kept away from Postern by a command, with the reason', () => {
    const { flat, commands } = importing(MASTER);
    expect(commands).to.deep.equal([
      "postconf -P 'submission/inet/smtpd_milters='",
      "postconf -P '10025/inet/smtpd_milters='",
      "postconf -P '2525/inet/smtpd_milters='",
    ]);
    expect(flat).to.match(
      /master\.cf line 2: submission overrides main\.cf with -o smtpd_helo_restrictions=: the policy is not made for/,
    );
  });

  it('is shown as it is written, braces too', () => {
    const { flat } = importing(MASTER);
    expect(flat).to.contain('-o smtpd_sender_restrictions=check_sender_access,inline:{evil.example=REJECT}:');
    expect(flat).to.contain(
      '-o smtpd_recipient_restrictions=permit_mynetworks, reject -o mynetworks=10.0.0.0/8:',
    );
  });

  it('keeps the milters that main.cf has', () => {
    const { commands } = importing(
      MASTER,
      'smtpd_milters = { inet:127.0.0.1:8891, default_action=accept }, { inet:localhost:8892, connect_timeout=3s }, unix:a$$b',
    );
    expect(commands[0]).to.equal(
      "postconf -P 'submission/inet/smtpd_milters={inet:localhost:8892,connect_timeout=3s},unix:a$$b'",
    );
  });

  it('gets what the commands say', function () {
    requires(this, 'postconf', ['postconf'], 'apt-get install postfix');
    const { commands } = importing(
      MASTER,
      'smtpd_milters = { inet:localhost:8892, connect_timeout=3s }, unix:/a',
    );
    writeFileSync(join(folder(), 'main.cf'), 'compatibility_level = 3.6\n');
    writeFileSync(join(folder(), 'master.cf'), MASTER);
    for (const command of commands) {
      const { status, stderr } = spawnSync('sh', ['-c', command.replace('postconf', 'postconf -c .')], {
        cwd: folder(),
        encoding: 'utf8',
        env: { ...process.env, PATH: SERVER_PATH },
      });
      expect({ status, stderr }).to.deep.equal({ status: 0, stderr: '' });
    }
    const { flat, commands: more } = importing(readFileSync(join(folder(), 'master.cf'), 'utf8'));
    expect(more).to.deep.equal([]);
    expect(
      flat.match(/-o smtpd_milters=\{inet:localhost:8892,connect_timeout=3s\},unix:\/a/g),
    ).to.have.length(3);
  });

  const left: readonly [masterCf: string, said: RegExp][] = [
    [
      'submission inet n - y - - smtpd\n  -o smtpd_client_restrictions=permit_sasl_authenticated,reject\n  -o smtpd_milters=\n',
      /submission overrides .*=permit_sasl_authenticated,reject .*does not ask Postern/,
    ],
    [
      '10026 inet n - y - - smtpd -o mynetworks=127.0.0.0/8 -o receive_override_options=no_milters,no_header_body_checks\n',
      /with no_milters it does not ask Postern/,
    ],
    [
      'smtpd pass - - y - - smtpd -o smtpd_helo_restrictions=reject\n',
      /smtpd overrides .*these were not read, and what comes in there asks Postern too/,
    ],
    [
      '192.0.2.1:25 inet n - y - - smtpd -o smtpd_helo_restrictions=reject\n',
      /192\.0\.2\.1:25 overrides .*these were not read/,
    ],
    ['587 inet n - y - - smtpd -o smtpd_delay_reject=no\n', /asks Postern too/],
  ];
  for (const [masterCf, said] of left)
    it(`is left as it is: ${JSON.stringify(masterCf)}`, () => {
      const { flat, commands } = importing(masterCf);
      expect(flat).to.match(said);
      expect(commands).to.deep.equal([]);
    });

  it('is asked after where master.cf was not read', () => {
    expect(importing(null, 'smtpd_milters = unix:/a').flat).to.match(
      /master\.cf was not read\. .*postconf -P 'submission\/inet\/smtpd_milters=unix:\/a'/,
    );
  });

  const folder = temporaryFolder();
});
