/** What the doctor says of Postfix and Sendmail, by real configuration files and Postfix's own postconf. */

import { spawnSync } from 'node:child_process';
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { mta } from '../../lib/doctor/mta.ts';
import { readMilterList } from '../../lib/doctor/milter-list.ts';
import { program, findings, patientIn, type Ills } from '../support/patient.ts';
import { OWN_NETWORK } from '../support/mta/private-network.ts';
import { mainCf, masterCf } from '../support/mta/postfix-config.ts';
import { isInstalled } from '../support/mta/requirements.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { without } from '../support/without.ts';

const OURS = '{ inet:127.0.0.1:8891, default_action=accept }';

describe('The doctor looks at the MTA', function () {
  this.timeout(30_000);
  const folder = temporaryFolder();

  /** What is not `ok` of a Postfix with these lines of main.cf besides the usual ones. */
  type Setup = { readonly main?: string; readonly master?: string; readonly milters?: string } & Ills;

  function set({ main = '', master = masterCf({ milters: '' }), milters = OURS }: Setup): string {
    const directory = join(folder(), 'etc');
    mkdirSync(directory, { recursive: true });
    const tls = { keyFile: '/key.pem', certificateFile: '/cert.pem' };
    writeFileSync(
      join(directory, 'main.cf'),
      `${mainCf(folder(), tls, { milters })}non_smtpd_milters =\n${main}\n`,
    );
    writeFileSync(join(directory, 'master.cf'), master);
    // Postfix reads no file before it is two seconds old: somebody may still be writing.
    for (const name of ['main.cf', 'master.cf']) utimesSync(join(directory, name), 0, 0);
    return directory;
  }

  async function all({ main, master, milters, ...ills }: Setup): Promise<string[]> {
    const given = Object.fromEntries(
      Object.entries({ main, master, milters }).filter(([, value]) => value !== undefined),
    );
    const postfix = set(given);
    // Those of the usual main.cf, unless a spec is about them.
    const config = `${/^mynetworks/m.test(ills.config ?? '') ? '' : `mynetworks: [127.0.0.0/8, ${OWN_NETWORK}]\n`}${ills.config ?? ''}`;
    const found = await findings(mta, patientIn(folder(), { ...ills, config, places: { postfix } }));
    // What is to be typed names the directory of this Postfix, which is not the one of the machine.
    return found.map((line) =>
      line.replaceAll(/(?<=postconf|postfix) -c (\S+)/g, (named, directory) =>
        directory === postfix ? '' : named,
      ),
    );
  }

  async function wrong(setup: Setup): Promise<string[]> {
    return (await all(setup)).filter((line) => !line.startsWith('ok '));
  }

  /** The same by postconf and by the files alone. */
  for (const [how, hide] of [
    ['by postconf', false],
    ['by its files', true],
  ] as const)
    describe(`Postfix, ${how}:`, () => {
      before(function () {
        if (!hide && !isInstalled('postconf')) without(this, 'postconf', 'apt-get install postfix');
      });
      beforeEach(() => {
        // As if it were not there.
        if (hide) program(folder(), 'postconf', 'exit 1');
      });

      const judged = async (setup: Setup): Promise<string[]> => {
        const told = await wrong(setup);
        if (!hide) return told;
        expect(told[0]).to.match(
          /^note main\.cf and master\.cf of .* were read without postconf: postconf says/,
        );
        return told.slice(1);
      };

      it('nothing is wrong with the line of the README', async () => {
        expect(await judged({})).to.deep.equal([]);
        expect(await all({})).to.include.members([
          'ok smtpd_milters of 25/inet names Postern first',
          'ok default_action=accept: while Postern is away mail is let in',
          'ok smtpd_relay_restrictions close the relay, whether Postern is there or not',
        ]);
      });

      for (const milters of [
        'inet:localhost:8891',
        'inet:8891',
        `{${OURS.slice(1, -1)}, command_timeout=15s}`,
      ])
        it(`knows ${milters} for Postern`, async () => {
          expect((await all({ milters })).join()).to.contain('names Postern first');
        });

      it('Postern is missing', async () => {
        expect(await judged({ milters: 'inet:127.0.0.1:8892' })).to.deep.equal([
          `problem smtpd_milters of 25/inet in ${folder()}/etc/main.cf does not name Postern (inet:8891@127.0.0.1); type: postconf -e 'smtpd_milters = ${OURS}, inet:127.0.0.1:8892' && postfix reload`,
        ]);
      });

      it('Postern is missing in a Postfix that is not the usual one of the machine', async () => {
        const postfix = set({ milters: 'inet:127.0.0.1:8892' });
        const found = await findings(mta, patientIn(folder(), { places: { postfix } }));
        expect(found.join()).to.contain(
          `type: postconf -c ${postfix} -e 'smtpd_milters = ${OURS}, inet:127.0.0.1:8892' && postfix -c ${postfix} reload`,
        );
      });

      it('Postern is there for main.cf, but not for port 25', async () => {
        const master = masterCf({ milters: '' }).replace(
          '- - smtpd\n',
          '- - smtpd\n  -o smtpd_milters=$other\n',
        );
        expect(await judged({ master, main: 'other = inet:127.0.0.1:8892' })).to.deep.equal([
          `problem smtpd_milters of 25/inet in ${folder()}/etc/master.cf does not name Postern (inet:8891@127.0.0.1); type: postconf -P '25/inet/smtpd_milters=${OURS}, inet:127.0.0.1:8892' && postfix reload`,
        ]);
      });

      it('another is before Postern', async () => {
        expect(await judged({ milters: `inet:127.0.0.1:8892, ${OURS}` })).to.deep.equal([
          `warning smtpd_milters of 25/inet names inet:127.0.0.1:8892 before Postern: it works on mail that Postern would refuse; type: postconf -e 'smtpd_milters = ${OURS}, inet:127.0.0.1:8892' && postfix reload`,
        ]);
      });

      it('mail would be deferred while Postern is away', async () => {
        expect(
          await judged({ milters: 'inet:127.0.0.1:8891', main: 'milter_default_action = tempfail' }),
        ).to.deep.equal([
          `warning default_action is tempfail: all mail is told to try later while Postern is away; type: postconf -e 'smtpd_milters = ${OURS}' && postfix reload`,
        ]);
        expect(
          await judged({ milters: 'inet:127.0.0.1:8891', main: 'milter_default_action = accept' }),
        ).to.deep.equal([]);
      });

      it('an old protocol and short times', async () => {
        const main = 'milter_protocol = 2\nmilter_command_timeout = 5s\nmilter_content_timeout = 1m';
        const told = await judged({ main });
        expect(told).to.have.length(2);
        expect(told[0]).to.match(/^warning milter_protocol is 2: .*default_action=accept, protocol=6 \}/);
        expect(told[1]).to.match(
          /^warning command_timeout is 5s: Postern may take 8 s.*command_timeout=10s \}/,
        );
        const milters = '{ inet:127.0.0.1:8891, default_action=accept, protocol=6, command_timeout=20s }';
        expect(await judged({ main, milters })).to.deep.equal([]);
      });

      it('own networks that Postern takes for strangers', async () => {
        const written = (networks: string): string =>
          `in ${folder()}/postern.yaml write: mynetworks: [${networks}] && postern reload`;
        expect(await judged({ config: 'mynetworks: [127.0.0.0/8, "[::1]/128"]' })).to.deep.equal([
          `warning mynetworks of Postfix has 203.0.113.0/24, and ours has not: these machines are greylisted and judged as strangers; type: ${written('127.0.0.0/8, "[::1]/128", 203.0.113.0/24')}`,
        ]);
        const main =
          'mynetworks = 127.0.0.0/8 [::ffff:127.0.0.0]/104 [::1]/128 [2001:db8::]/64, 192.0.2.0/24 198.51.100.7';
        expect(await judged({ main, config: 'mynetworks: [192.0.2.0/25]' })).to.deep.equal([
          `warning mynetworks of Postfix has 2001:db8::/64, 192.0.2.0/24, 198.51.100.7/32, and ours has not: these machines are greylisted and judged as strangers; type: ${written('192.0.2.0/25, "[2001:db8::]/64", 192.0.2.0/24, 198.51.100.7/32')}`,
        ]);
        expect(
          await judged({
            main,
            config: 'mynetworks: ["2001:db8::/32", 192.0.2.0/25, 192.0.2.128/25, 198.51.100.0/29]',
          }),
        ).to.deep.equal([
          "note mynetworks of postern.yaml has 2001:db8::/32, 198.51.100.0/29, and Postfix's has not: nothing that comes from there is judged",
        ]);
      });

      it('own networks in a file, or all but some', async () => {
        const main =
          'mynetworks = 127.0.0.0/8 !192.0.2.7 192.0.2.0/24 cidr:/etc/postfix/networks 198.51.100.0/24';
        const told = await judged({ main, config: 'mynetworks: [127.0.0.0/8]' });
        expect(told[0]).to.match(/^warning mynetworks of Postfix has 198\.51\.100\.0\/24, and/);
        expect(told.slice(1)).to.deep.equal([
          'note mynetworks of Postfix names cidr:/etc/postfix/networks, which was not compared with ours',
        ]);
      });

      it('a service that asks no milter', async () => {
        expect(await judged({ main: 'receive_override_options = no_milters' })).to.deep.equal([
          'problem 25/inet has receive_override_options=no_milters: it does not ask Postern',
        ]);
      });

      it('submission that goes without is well', async () => {
        const master = `${masterCf({ milters: '' })}submission inet n - n - - smtpd\n  -o smtpd_milters=\n`;
        expect(await judged({ master })).to.deep.equal([]);
        expect((await all({ master })).join()).to.contain('ok submission/inet: Postern is not asked there');
      });

      it('a relay that nothing closes, or only what may be passed by', async () => {
        const [open] = await judged({ main: 'smtpd_relay_restrictions =\nsmtpd_recipient_restrictions =' });
        expect(open).to.match(
          /^problem nothing closes the relay.*reject_unauth_destination' && postfix reload$/,
        );
        const [weak] = await judged({
          main: 'smtpd_relay_restrictions =\nsmtpd_recipient_restrictions = permit_mynetworks, reject_unauth_destination',
        });
        expect(weak).to.match(/^warning relay control rests on smtpd_recipient_restrictions alone/);
      });

      it('lists that are asked twice, and decisions before RCPT', async () => {
        const told = await judged({
          main: `smtpd_client_restrictions = permit_mynetworks,
  reject_rbl_client k3y0123456789abcdefghij012.zen.dq.spamhaus.net=127.0.0.[2..11]
smtpd_recipient_restrictions = check_policy_service inet:127.0.0.1:10023
smtpd_delay_reject = no`,
        });
        expect(told).to.have.length(3);
        expect(told[0]).to.match(/^note smtpd_delay_reject = no/);
        expect(told[1]).to.match(
          /^note smtpd_client_restrictions still has reject_rbl_client zen\.dq\.spamhaus\.net=127/,
        );
        expect(told[2]).to.match(
          /^note smtpd_recipient_restrictions still has check_policy_service inet:127\.0\.0\.1:10023/,
        );
      });

      it('postscreen asks lists itself', async () => {
        const master = `${masterCf({ milters: '' })}smtp inet n - n - 1 postscreen\nsmtpd pass - - n - - smtpd\n`;
        const sites = 'postscreen_dnsbl_sites = zen.spamhaus.org*2';
        expect(await judged({ master, main: `${sites}\npostscreen_dnsbl_action = enforce` })).to.have.length(
          1,
        );
        expect(await judged({ master, main: sites })).to.deep.equal([]);
        expect(await judged({ main: `${sites}\npostscreen_dnsbl_action = enforce` })).to.deep.equal([]);
      });

      it('another name in our headers than the MTA has', async () => {
        expect(await judged({ config: 'authserv_id: mx.example.org' })).to.deep.equal([]);
        const [other] = await judged({ config: 'authserv_id: mx.example.net' });
        expect(other).to.match(
          /^warning authserv_id is mx\.example\.net, but myhostname is mx\.example\.org.*write: authserv_id: mx\.example\.org && postern reload$/,
        );
        const [domain] = await judged({ config: 'authserv_id: example.org' });
        expect(domain).to.match(/^note authserv_id is example\.org and myhostname mx\.example\.org/);
      });

      it('Postern for local mail, and milters for some clients', async () => {
        const told = await judged({
          main: `non_smtpd_milters = ${OURS}\nsmtpd_milter_maps = cidr:/etc/postfix/milters`,
        });
        expect(told).to.have.length(2);
        expect(told[0]).to.match(/^note non_smtpd_milters names Postern too/);
        expect(told[1]).to.match(/^note smtpd_milter_maps = cidr/);
      });

      describe('a unix socket', () => {
        const chrooted = masterCf({ milters: '' }).replace('25 inet n - n', '25 inet n - y');
        const inside = (): string => `listen: unix:${folder()}/spool/postern/s`;
        const outside = (): string => `listen: unix:${folder()}/s`;

        beforeEach(() => mkdirSync(join(folder(), 'spool/postern'), { recursive: true }));

        it('in the queue directory is found from the chroot and from outside it', async () => {
          const milters = '{ unix:postern/s, default_action=accept }';
          expect(await judged({ config: inside(), milters, master: chrooted })).to.deep.equal([]);
          expect(await judged({ config: inside(), milters })).to.deep.equal([]);
          const absolute = `{ unix:${folder()}/spool/postern/s, default_action=accept }`;
          expect(await judged({ config: inside(), milters: absolute })).to.deep.equal([]);
          const jailed = '{ unix:/postern/s, default_action=accept }';
          expect(await judged({ config: inside(), milters: jailed, master: chrooted })).to.deep.equal([]);
        });

        it('outside of it is out of reach for a chrooted smtpd', async () => {
          const milters = `{ unix:${folder()}/s, default_action=accept }`;
          expect(await judged({ config: outside(), milters })).to.deep.equal([]);
          const [told] = await judged({ config: outside(), milters, master: chrooted });
          expect(told).to.contain(
            `problem 25/inet is locked into ${folder()}/spool (chroot) and can't see unix:${folder()}/s`,
          );
          expect(told).to.contain('{ unix:postern/postern.sock, default_action=accept }');
          const [missing] = await judged({
            config: outside(),
            milters: 'inet:127.0.0.1:8892',
            master: chrooted,
          });
          expect(missing)
            .to.contain('does not name Postern')
            .and.contain('{ unix:postern/postern.sock, default');
          const both = `listen: [unix:${folder()}/s, inet:8891@127.0.0.1]`;
          expect((await judged({ config: both, milters: '', master: chrooted }))[0]).to.contain(OURS);
        });
      });
    });

  for (const [milters, why] of [
    ['{ inet:127.0.0.1:8891, default_action = accept }', /no blank may stand around the =/],
    ['{ inet:127.0.0.1:8891, default_acton=accept }', /default_acton is no setting of a milter/],
    ['{ inet:127.0.0.1:8891, default_action=accept', /a \} is missing/],
  ] as const)
    it(`smtpd would not start with ${milters}`, async () => {
      program(folder(), 'postconf', 'exit 1');
      const told = await wrong({ milters });
      expect(told[1])
        .to.match(/^problem smtpd_milters of 25\/inet: smtpd does not start with/)
        .and.match(why);
    });

  it("smtpd would not start with another's slip: nothing is taken out for that", async () => {
    program(folder(), 'postconf', 'exit 1');
    const [, told] = await wrong({ milters: `${OURS}, { inet:127.0.0.1:8892, protocol = 6 }` });
    expect(told).to.match(/^problem .*type: postconf smtpd_milters    \(and mend it there\)$/);
  });

  it("libmilter's spelling means nothing to Postfix", async () => {
    program(folder(), 'postconf', 'exit 1');
    const [, told] = await wrong({ milters: 'inet:8891@127.0.0.1' });
    expect(told).to.match(
      /^problem .*: Postfix does not understand inet:8891@127\.0\.0\.1; type: .*\{ inet:127\.0\.0\.1:8891, /,
    );
  });

  it('postconf that never ends is not waited for', async () => {
    program(folder(), 'postconf', 'exec sleep 60');
    const { programsOn } = await import('../../lib/doctor/programs.ts');
    const programs = programsOn(`${folder()}/bin:${process.env['PATH']}`, 50);
    expect((await wrong({ programs }))[0]).to.contain('postconf did not end in time');
  });

  it('says so where there is no MTA', async () => {
    expect(await findings(mta, patientIn(folder()))).to.deep.equal([
      `note there is neither ${folder()}/postfix/main.cf nor ${folder()}/sendmail.cf: whether an MTA asks Postern can't be told; type: postern doctor --postfix DIRECTORY`,
    ]);
  });

  describe('Sendmail:', () => {
    async function judged(lines: string, config = ''): Promise<string[]> {
      writeFileSync(join(folder(), 'sendmail.cf'), `${lines}\n`);
      return findings(mta, patientIn(folder(), { config }));
    }

    const FILTER = 'Xpostern, S=inet:8891@127.0.0.1, T=C:10s;S:10s;R:10s;E:5m';

    it('nothing is wrong with the line of the README', async () => {
      expect(await judged(`O InputMailFilters=postern\n${FILTER}`)).to.deep.equal([
        `ok InputMailFilters of ${folder()}/sendmail.cf names Postern first`,
        'ok no F= flag: while Postern is away mail is let in',
      ]);
    });

    it('knows a unix socket', async () => {
      const lines = 'O InputMailFilters=postern\nXpostern, S=local:/run/postern/s';
      expect((await judged(lines, 'listen: unix:/run/postern/s'))[0]).to.match(/^ok /);
    });

    it('Postern is missing, not used, or not first', async () => {
      expect((await judged('O InputMailFilters=dkim\nXdkim, S=inet:8892@127.0.0.1'))[0]).to.match(
        /^problem .*sendmail\.cf does not name Postern \(inet:8891@127\.0\.0\.1\); type: in sendmail\.mc write: INPUT_MAIL_FILTER/,
      );
      expect((await judged(`O InputMailFilters=dkim\n${FILTER}`))[0]).to.match(/^problem .*does not use it/);
      expect((await judged(`O InputMailFilters=dkim,postern\n${FILTER}`))[0]).to.match(
        /^warning .*names dkim before/,
      );
    });

    it('mail would be deferred while Postern is away, or its answers not be awaited', async () => {
      const told = await judged('O InputMailFilters=postern\nXpostern, S=inet:8891@localhost, F=T, T=R:5s');
      expect(told[1]).to.match(/^warning F=T: all mail is told to try later/);
      expect(told[2]).to.match(/^warning Sendmail waits 5 s/);
    });
  });

  it('lists of milters are read as smtpd reads them', function () {
    if (!isInstalled('postconf')) this.skip();
    // What postconf prints of it is what was written: the reading itself is milter.c's.
    const value = '{ inet:127.0.0.1:8891, default_action=accept }, unix:a/b inet:h:1';
    const directory = set({ milters: value });
    const { stdout } = spawnSync('postconf', ['-c', directory, '-h', 'smtpd_milters'], { encoding: 'utf8' });
    expect(readMilterList(stdout).map(({ address }) => address)).to.deep.equal([
      'inet:127.0.0.1:8891',
      'unix:a/b',
      'inet:h:1',
    ]);
  });
});
