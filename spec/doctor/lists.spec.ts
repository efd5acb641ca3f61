/** What the doctor says of the DNS lists in the policy: their health, their patterns, their keys. */

import { spawnSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { ListReport } from '../../lib/control/list-report.ts';
import { lists } from '../../lib/doctor/lists.ts';
import { resolver } from '../../lib/doctor/resolver.ts';
import { OWN_RESOLVER } from '../../lib/lists/list-tests.ts';
import { DnsServer } from '../support/dns/dns-server.ts';
import { listReport } from '../support/list-reports.ts';
import { findings, patientIn } from '../support/patient.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const GOOD_ZONE = ['2.0.0.127.zen.spamhaus.org. A 127.0.0.2'];

describe('The doctor looks at the lists', () => {
  const folder = temporaryFolder();

  function found(
    policy: string,
    reports: readonly ListReport[] = [],
    more = '',
    env = {},
  ): Promise<string[]> {
    const config = `policy:\n${policy
      .split(', ')
      .map((rule) => `  - ${rule}\n`)
      .join('')}${more}`;
    return findings(lists, patientIn(folder(), { config, env, lists: () => Promise.resolve(reports) }));
  }

  const ZEN = 'reject_rbl_client zen.spamhaus.org=127.0.0.[2..11]';

  it('has nothing to say where none is asked', async () => {
    expect(await found('greylist')).to.deep.equal(['ok the policy asks no DNS list']);
  });

  it('tells those that are alive from those that are not', async () => {
    const told = await found(ZEN, [
      listReport('zen.spamhaus.org'),
      listReport('a.example', { state: 'blind', why: '127.0.0.2 is not listed' }),
      listReport('b.example', { state: 'lists-the-world', why: '127.0.0.1 is listed' }),
      listReport('c.example', { state: 'dead', why: 'SERVFAIL' }),
      listReport('d.example', { state: 'untested' }),
    ]);
    expect(told.map((line) => line.split('; type: ')[0])).to.deep.equal([
      'ok 1 of 5 lists are alive',
      'warning a.example is blind: 127.0.0.2 is not listed; it decides nothing',
      'warning b.example is lists-the-world: 127.0.0.1 is listed; it decides nothing',
      'warning c.example is dead: SERVFAIL; it decides nothing',
      'note d.example is untested',
    ]);
    for (const line of told.slice(1)) expect(line).to.contain('; type: ');
  });

  it('counts one list as one', async () => {
    expect(await found(ZEN, [listReport('zen.spamhaus.org')])).to.deep.equal(['ok the one list is alive']);
  });

  it('has advice behind do:, for only a command is there to be typed', async () => {
    const [told] = await found(ZEN, [listReport('a.example', { state: 'dead' })]);
    expect(told).to.match(/^warning a\.example is dead; it decides nothing; type: do: see whether/);
  });

  it('names those that are alive for want of a test', async () => {
    const untold = { testEntry: null, hits: 0 };
    const reports = [
      listReport('a.example', untold),
      listReport('b.example'),
      listReport('c.example', untold),
    ];
    expect(await found(ZEN, reports)).to.deep.equal([
      'ok 3 of 3 lists are alive',
      'note a.example, c.example: no test entry is known: whether it answers at all is not known',
    ]);
  });

  for (const [what, zone, instead, said] of [
    [
      'is not asked for once Spamhaus answers',
      GOOD_ZONE,
      OWN_RESOLVER,
      /do: nothing at the resolver, which Spamhaus/,
    ],
    ['is asked for while it does not', [], OWN_RESOLVER, /do: let Postern ask a resolver of your own/],
    ['is nothing to a list of our own', GOOD_ZONE, 'add 127.0.0.2 to it', /do: add 127\.0\.0\.2 to it$/],
  ] as const)
    it(`says that another resolver ${what}`, async () => {
      const server = await DnsServer.start(zone);
      try {
        const reports = [listReport('zen.spamhaus.org', { state: 'blind', why: 'because', instead })];
        const patient = patientIn(folder(), {
          config: `policy: ["${ZEN}"]`,
          dnsServers: [server.address],
          lists: () => Promise.resolve(reports),
        });
        expect((await findings(lists, patient))[0]).to.match(said);
      } finally {
        await server.close();
      }
    });

  it('asks the servers once for the resolver and the lists', async () => {
    const server = await DnsServer.start(GOOD_ZONE);
    try {
      const reports = [listReport('zen.spamhaus.org', { state: 'blind', instead: OWN_RESOLVER })];
      const patient = patientIn(folder(), {
        config: `policy: ["${ZEN}"]`,
        dnsServers: [server.address],
        lists: () => Promise.resolve(reports),
      });
      await Promise.all([findings(lists, patient), findings(resolver, patient)]);
      expect(server.queries).to.have.length(3);
    } finally {
      await server.close();
    }
  });

  it('knows lists that are gone, that nobody is sure of, and those without a pattern', async () => {
    expect(await found('reject_rbl_client dnsbl.sorbs.net=127.0.0.2')).to.deep.equal([
      `problem dnsbl.sorbs.net is dead since 2024-06; type: in ${folder()}/postern.yaml take dnsbl.sorbs.net out of policy:`,
    ]);
    expect((await found('reject_rbl_client truncate.gbudb.net=127.0.0.2'))[0]).to.match(
      /^note whether truncate\.gbudb\.net/,
    );
    expect(await found('reject_rbl_client zen.spamhaus.org')).to.deep.equal([
      `warning zen.spamhaus.org has no pattern: an answer that means an error may count as a listing; type: in ${folder()}/postern.yaml write: zen.spamhaus.org=127.0.0.[2..11]`,
    ]);
    expect(await found(ZEN)).to.deep.equal([]);
  });

  const KEYED = 'reject_rbl_client ${dqs}.zen.dq.spamhaus.net=127.0.0.[2..11]';
  const keys = (source: string): string => `lists: { key_files: { dqs: ${source} } }`;

  it('finds keys that are not there, empty, or closed to it', async () => {
    const file = join(folder(), 'dqs.key');
    expect((await found(KEYED, [], keys(file)))[0]).to.equal(
      `problem the file of the key \${dqs} is not there: ${file}; type: editor ${file} && postern reload`,
    );
    writeFileSync(file, '\n');
    expect((await found(KEYED, [], keys(file)))[0]).to.contain('is empty');
    writeFileSync(file, 'secret\n');
    expect(await found(KEYED, [], keys(file))).to.deep.equal([]);
  });

  it('says of a key that it may not read who can', function () {
    if (process.getuid?.() !== 0) this.skip();
    const file = join(folder(), 'dqs.key');
    writeFileSync(file, 'secret\n');
    chmodSync(file, 0o600);
    chmodSync(folder(), 0o755);
    const at = (path: string): string => new URL(path, import.meta.url).href;
    const script = `
      import { lists } from '${at('../../lib/doctor/lists.ts')}';
      import { readConfig } from '${at('../../lib/config/read-config.ts')}';
      const { config } = readConfig(process.argv[1], 'postern.yaml', { stateDirectory: '/' });
      console.log((await lists.look({ config, env: {}, lists: () => [] })).map(({ seen }) => seen).join());`;
    const text = `policy:\n  - ${KEYED}\n${keys(file)}\n`;
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', script, text], {
      ...{ encoding: 'utf8', uid: 65_534, gid: 65_534 },
    });
    expect(stdout + stderr).to.equal(
      `the file of the key \${dqs} is closed to us: ${file}; run this as root\n`,
    );
  });

  it('knows of keys in the environment only what is in its own', async () => {
    expect((await found(KEYED, [], keys('"${DQS_KEY}"')))[0]).to.match(
      /^note the key \$\{dqs\} is in the environment/,
    );
    expect(await found(KEYED, [], keys('"${DQS_KEY}"'), { DQS_KEY: 'secret' })).to.deep.equal([]);
  });

  it('shows no key', async () => {
    const key = 'abcdefgh1jklmnopqrstuvwxyz';
    const told = await found(`reject_rbl_client ${key}.zen.dq.spamhaus.net`, [
      listReport('zen.dq.spamhaus.net'),
    ]);
    expect(told.join()).not.to.contain(key);
    expect(told[1]).to.contain('zen.dq.spamhaus.net=127.0.0.[2..11]');
  });
});
