/** `postern import postgrey`, `milter-greylist` and `policyd-spf`: their files, output, exit codes, and the database. */

import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { readConfig } from '../../lib/config/read-config.ts';
import { readSqlite } from '../../lib/greylist/sqlite-reader.ts';
import { freePort } from '../support/dns/free-port.ts';
import { postern, RunningPostern, type Ran } from '../support/program.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { without } from '../support/without.ts';
import { collected } from '../greylist/scratch.ts';

const HEADER = 'VERSION=3\nformat=print\ntype=btree\nHEADER=END\n';
const GREYLIST = 'policy: [permit_mynetworks, greylist]\n';

describe('postern import of a greylister', function () {
  this.timeout(30_000);
  const folder = temporaryFolder();
  const now = Math.floor(Date.now() / 1000);

  function file(name: string, text: string): string {
    const path = join(folder(), name);
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, text);
    return path;
  }

  /** A directory with dumps of postgrey's databases. */
  function dumped(triplets: string, clients: string | null = null): string {
    file('postgrey/postgrey.dump', triplets);
    if (clients !== null) file('postgrey/postgrey_clients.dump', clients);
    return join(folder(), 'postgrey');
  }

  const row = (n: number): string =>
    ` 192.0.2.0/alice${n}@example.net/bob@example.org\n ${now - 1000},${now - 500}\n`;
  const whole = (...rows: readonly string[]): string => `${HEADER}${rows.join('')}DATA=END\n`;

  function store(directory: string, config = GREYLIST, ...options: readonly string[]): Ran {
    const state = join(folder(), 'state');
    mkdirSync(state, { recursive: true });
    const configFile = file('postern.yaml', config);
    return postern(['import', 'postgrey', directory, '--store', '--config', configFile, ...options], {
      STATE_DIRECTORY: state,
    });
  }

  const database = (): string => join(folder(), 'state', 'postern.db');

  async function senders(): Promise<string[]> {
    const reader = readSqlite(database());
    try {
      return (await collected(reader.list({}, Date.now()))).map(({ sender }) => sender);
    } finally {
      reader.close();
    }
  }

  it('prints a configuration, and what the databases hold, and changes nothing', () => {
    const directory = dumped(whole(row(1), row(2)), whole(` 192.0.2.10\n 5,${now}\n`));
    file('postgrey/whitelist_clients', 'example.com\n');
    file('postgrey/whitelist_clients.local', '192.0.2.25\n');
    file('postgrey/postgrey_whitelist_recipients', 'sales@\n');
    const before = readdirSync(directory);
    const { status, stdout, stderr } = postern(['import', 'postgrey', directory]);
    expect({ status, stderr }).to.deep.equal({ status: 0, stderr: '' });
    expect(stdout.replaceAll(/\n# */g, ' '))
      .to.contain('2 triplets known, 0 waiting, 1 client not delayed any more, 0 on the way there')
      .and.to.contain(`"postern import postgrey ${directory} --store" takes them over`);
    expect(stdout)
      .to.contain('check_client_access inline:{ example.com=OK }')
      .and.to.contain('check_client_access cidr:{ {192.0.2.25/32 OK} }')
      .and.to.contain('check_recipient_access inline:{ sales@=OK }')
      .and.to.contain('# mynetworks: [127.0.0.0/8, "[::1]/128", 192.0.2.0/24]\n');
    expect(readConfig(stdout, 'x', { stateDirectory: '/nonexistent' }).ok).to.equal(true);
    expect(readdirSync(directory)).to.deep.equal(before);
  });

  it('takes what is there into the database, and says how much', async () => {
    const rows = Array.from({ length: 700 }, (_, n) => row(n));
    const directory = dumped(whole(...rows), whole(` 192.0.2.10\n 5,${now}\n`));
    const first = store(directory);
    expect(first.stderr)
      .to.match(/^postern: .*\n$/)
      .and.contain(`${database()} was not there, and was begun: it has to be the one that the service uses`);
    expect(first.status).to.equal(0);
    expect(first.stdout)
      .to.contain('700 triplets known, 0 waiting, 1 client not delayed any more')
      .and.to.contain(`${database()}: 701 taken over, 0 known there as well already, 0 past their time`);
    expect(await senders()).to.have.length(700);
    const second = store(directory, GREYLIST, '--json');
    expect(second.stderr, 'it is there now').to.equal('');
    expect(JSON.parse(second.stdout)).to.deep.equal({
      files: [join(directory, 'postgrey.dump'), join(directory, 'postgrey_clients.dump')],
      store: database(),
      known: 700,
      waiting: 0,
      allowed: 1,
      earning: 0,
      left: {},
      adopted: 0,
      there: 701,
      stale: 0,
    });
  });

  it('writes nothing while the service runs, and says what to do', async () => {
    const config = `${GREYLIST}log: { format: json }\nlisten: inet:${await freePort()}@127.0.0.1\n`;
    const state = join(folder(), 'service');
    mkdirSync(state);
    const service = await RunningPostern.start(file('service/postern.yaml', config));
    try {
      const { status, stdout, stderr } = postern(
        ['import', 'postgrey', dumped(whole(row(1))), '--store', '--config', join(state, 'postern.yaml')],
        { STATE_DIRECTORY: state },
      );
      expect({ status, stdout }).to.deep.equal({ status: 1, stdout: '' });
      expect(stderr)
        .to.match(/^postern: .*postern\.db is in use by another Postern /)
        .and.match(/^postern: stop it for the import .*, and start it again\b/m);
    } finally {
      await service.stop();
    }
  });

  const unfit: readonly [config: string, why: RegExp][] = [
    [
      'greylist: { ipv4_prefix: 28 }',
      /ipv4_prefix: 28 asks for smaller networks than postgrey knows \(\/24\); write ipv4_prefix: 24/,
    ],
    ['greylist: { origin: [spf, ptr] }', /origin: has no network, and postgrey knows nothing else/],
    ['store: memory', /store: memory is seen by the service alone/],
  ];
  for (const [config, why] of unfit)
    it(`writes nothing where some would be delayed again: ${config}`, () => {
      const { status, stdout, stderr } = store(dumped(whole(row(1))), `${GREYLIST}${config}\n`);
      expect({ status, stdout }).to.deep.equal({ status: 1, stdout: '' });
      expect(stderr)
        .to.match(why)
        .and.to.match(/^postern: nothing was written$/m);
      expect(existsSync(database())).to.equal(false);
    });

  it('takes over what comes before a damage, and is 1', async () => {
    const { status, stdout, stderr } = store(dumped(`${HEADER}${row(1)}${row(2)}`));
    expect(status).to.equal(1);
    expect(stdout).to.contain('2 taken over');
    expect(stderr).to.match(/^postern: .*postgrey\.dump: line 8: it ends in the middle\n$/);
    expect(await senders()).to.deep.equal(['alice1@example.net', 'alice2@example.net']);
    const odd = store(dumped(whole(row(3), ' garbage\n in, garbage out\n')));
    expect(odd.status).to.equal(1);
    expect(odd.stdout).to.contain('1 row left out: damaged').and.to.contain('1 taken over');
  });

  it('makes a file of whom the directory belongs to, though root types the command', function () {
    if (process.getuid?.() !== 0) without(this, 'An import by root', 'root');
    const state = join(folder(), 'state');
    mkdirSync(state);
    chownSync(state, 65534, 65534);
    // Root has the right to enter it, and whom the file will belong to needs it.
    chmodSync(folder(), 0o755);
    expect(store(dumped(whole(row(1)))).status).to.equal(0);
    for (const name of readdirSync(state)) expect(statSync(join(state, name)).uid, name).to.equal(65534);
  });

  const wrong: readonly [args: (folder: string) => string[], status: 1 | 2, message: RegExp][] = [
    [() => ['postgrey'], 2, /name its directory: postern import postgrey \/var\/lib\/postgrey/],
    [(at) => ['postgrey', at, '--json'], 2, /--config and --json go with --store/],
    [(at) => ['postgrey', at, '--frobnicate'], 2, /see: postern import postgrey --help/],
    [(at) => ['postgrey', join(at, 'absent')], 1, /absent is no directory/],
    [(at) => ['postgrey', at], 1, /there is nothing of postgrey in/],
    [(at) => ['postgrey', at, '--store'], 1, /there is no postgrey\.db and no postgrey\.dump in/],
    [(at) => ['postgrey', at, '--postgrey', join(at, 'absent')], 1, /can't read .*absent: no such file/],
    [() => ['milter-greylist'], 2, /name its files/],
    [(at) => ['milter-greylist', join(at, 'absent')], 1, /can't read .*absent: no such file/],
    [(at) => ['milter-greylist', join(at, 'poem')], 1, /poem is neither a greylist\.conf nor a dump/],
    [(at) => ['milter-greylist', join(at, 'dump')], 1, /a dump alone says nothing of the configuration/],
    [
      (at) => ['milter-greylist', join(at, 'conf'), '--store'],
      1,
      /no dump was named, and no greylist\.conf that has/,
    ],
    [
      (at) => ['milter-greylist', join(at, 'conf'), join(at, 'conf')],
      1,
      /are both a greylist\.conf: name one/,
    ],
    [() => ['policyd-spf'], 2, /name one file/],
    [(at) => ['policyd-spf', join(at, 'absent')], 1, /can't read .*absent: no such file/],
    [(at) => ['policyd-spf', join(at, 'poem')], 1, /poem is no policyd-spf\.conf/],
    [(at) => ['policyd-spf', join(at, 'main.cf')], 1, /main\.cf is no policyd-spf\.conf/],
  ];
  it('says in one line what is wrong, and what to type', () => {
    file('poem', 'Roses are red\n');
    file('main.cf', 'myhostname = mx.example.org\nmynetworks = 127.0.0.0/8\n');
    file('conf', 'racl whitelist default\n');
    file('dump', '# milter-greylist databases, dumped\n');
    for (const [args, expected, message] of wrong) {
      const { status, stdout, stderr } = postern(['import', ...args(folder())]);
      expect(stderr)
        .to.match(message)
        .and.to.match(/^postern: [^\n]*\n$/);
      expect({ status, stdout }, stderr).to.deep.equal({ status: expected, stdout: '' });
    }
    for (const what of ['', 'postgrey', 'milter-greylist', 'policyd-spf'])
      expect(postern(['import', ...(what === '' ? [] : [what]), '--help']).stdout)
        .to.match(new RegExp(`^usage: postern import ${what}`))
        .and.match(/example: postern import/);
  });

  it('prints of a greylist.conf a policy, and takes over what its dumpfile knows', async () => {
    const dump = file(
      'greylist.db',
      '#\n# milter-greylist databases, dumped by milter-greylist-4.3.9 on 2026-11-21.\n\n' +
        `192.0.2.10\t<alice@example.net>\t<bob@example.org>\t${now + 3600} AUTO # 2026-11-21\n` +
        `192.0.2.10\t<x@example.net>\t<bob@example.org>\t${now + 60} # 2026-11-21\n` +
        '#\n# Summary: 2 records\n#\n',
    );
    const conf = file(
      'greylist.conf',
      `dumpfile "${dump}" 600\nracl whitelist addr 192.0.2.25\nracl greylist default\n`,
    );
    const printed = postern(['import', 'milter-greylist', conf]);
    expect({ status: printed.status, stderr: printed.stderr }).to.deep.equal({ status: 0, stderr: '' });
    expect(printed.stdout.replaceAll(/\n# */g, ' ')).to.contain('1 triplet known, 1 waiting');
    const config = file('postern.yaml', printed.stdout);
    mkdirSync(join(folder(), 'state'));
    const taken = postern(['import', 'milter-greylist', conf, '--store', '--config', config], {
      STATE_DIRECTORY: join(folder(), 'state'),
    });
    expect(taken.status).to.equal(0);
    expect(taken.stderr).to.contain('was not there, and was begun');
    expect(await senders()).to.include.members(['alice@example.net', 'x@example.net']);
  });

  it('says which lines of a greylist.conf milter-greylist itself would refuse, and is 1', () => {
    const conf = file(
      'greylist.conf',
      'racl whitelist addr 192.0.2.25\nrcal blacklist from a@example.com\nracl whitelist form b@example.com\nracl greylst default\n',
    );
    const { status, stdout, stderr } = postern(['import', 'milter-greylist', conf]);
    expect(status).to.equal(1);
    expect(stderr).to.match(/^postern: milter-greylist itself would refuse, .* on lines 2, 3, 4 of .*\n$/);
    expect(stdout.replaceAll(/\n *# */g, ' '))
      .to.contain('line 2 is not taken over: "rcal" is unknown; did you mean racl?')
      .and.to.contain('"form" is unknown; did you mean from?')
      .and.to.contain('"greylst" is unknown; did you mean greylist?')
      .and.to.contain('- greylist # whatever no entry matches');
  });

  it('prints of a policyd-spf.conf its section and a policy that asks SPF', () => {
    const conf = file('policyd-spf.conf', 'HELO_reject = False\nPermError_reject = True\nFrobnicate = 1\n');
    const { status, stdout, stderr } = postern(['import', 'policyd-spf', conf]);
    expect({ status, stderr }).to.deep.equal({ status: 0, stderr: '' });
    expect(stdout)
      .to.contain('  helo_fail: continue\n')
      .and.to.contain('  permerror: reject\n')
      .and.to.contain('# frobnicate = 1 has no key in postern.yaml\n')
      .and.to.match(/policy:\n {2}- permit_mynetworks\n {2}- permit_sasl_authenticated\n {2}- check_spf\n$/);
    expect(readConfig(stdout, 'x', { stateDirectory: '/nonexistent' }).ok).to.equal(true);
    expect(postern(['import', 'policyd-spf', '-'], {}, 'TestOnly = 0\n').stdout).to.contain(
      'from the standard input',
    );
  });
});
