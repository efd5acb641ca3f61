/** The commands that do not serve mail: help, version, check, greylist; their output and exit codes. */

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { openSqliteStore } from '../../lib/greylist/sqlite-store.ts';
import { quotedPath } from '../../lib/shell-path.ts';
import { postern } from '../support/program.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const SHIPPED = fileURLToPath(new URL('../../etc/postern.yaml', import.meta.url));

const TIMINGS = { delayMs: 60_000, windowMs: 172_800_000, lifetimeMs: 3_110_400_000 };

/** Without the lines that they stand in. */
function problemLines(stdout: string): string[] {
  return stdout
    .trim()
    .split('\n')
    .filter((line) => !line.startsWith('    '));
}

describe('postern', function () {
  this.timeout(20_000);
  const folder = temporaryFolder();

  function config(lines: string): string {
    const file = join(folder(), 'postern.yaml');
    writeFileSync(file, `${lines}\n`);
    return file;
  }

  it('--version and --help are good, no command is wrong usage', () => {
    expect(postern(['--version']))
      .to.deep.include({ status: 0 })
      .and.property('stdout')
      .match(/^postern \d+\.\d+\.\d+\n$/);
    expect(postern(['--help']).stdout)
      .to.contain('greylist list|show|stats')
      .and.match(/check .*--json/);
    expect(postern(['-V']).stdout).to.equal(postern(['--version']).stdout);
    expect(postern([])).to.include({ status: 2, stdout: '' });
  });

  for (const command of ['run', 'check', 'explain', 'greylist', 'lists', 'reload', 'doctor', 'top']) {
    it(`${command} --help has an example`, () => {
      const { status, stdout } = postern([command, '--help']);
      expect(status).to.equal(0);
      expect(stdout)
        .to.match(/^usage: postern /)
        .and.match(/example: postern /);
    });
  }

  const usage: readonly [string[], RegExp][] = [
    [['chekc'], /^postern: chekc: no such command; did you mean check\? see: postern --help\n$/],
    [['greylst', 'list'], /^postern: greylst: no such command; did you mean greylist\?/],
    [['frobnicate'], /^postern: frobnicate: no such command; see: postern --help\n$/],
    [['greylist', 'relase'], /greylist relase: no such command; did you mean release\?/],
    [['--version', 'extra'], /--version stands alone/],
    [['top', 'x'], /top: takes no argument x; see: postern top --help/],
    [['lists', 'zen'], /lists: takes no argument zen/],
    [
      ['reload', 'x.yaml'],
      /takes no argument x\.yaml: the service rereads the file that it was started with/,
    ],
    [['greylist', '--json'], /say what: postern greylist list/],
    [['greylist'], /say what: postern greylist list/],
    [['greylist', 'list', '--state', 'gone'], /write waiting, passed, expired/],
    [['greylist', 'list', '--since', '5'], /5 has no unit; write 5s for seconds, 5m for minutes/],
    [['check', '--confg', 'x'], /see: postern check --help/],
    [['check', 'x.yaml'], /postern check --config x\.yaml/],
    [['run', 'now'], /takes no argument now/],
  ];
  for (const [words, message] of usage) {
    it(`${words.join(' ')} is wrong usage, said in one line`, () => {
      const { status, stdout, stderr } = postern(words);
      expect(status).to.equal(2);
      expect(stdout).to.equal('');
      expect(stderr).to.match(message);
      expect(stderr.trim().split('\n')).to.have.length(1);
    });
  }

  describe('check', () => {
    it('finds nothing in the config that is shipped', () => {
      const { status, stdout } = postern(['check', '--config', SHIPPED]);
      expect(status).to.equal(0);
      expect(stdout).to.equal(`${SHIPPED}: no problems found\n`);
    });

    it('warns of what may be on this machine by the time of a start, and is good all the same', () => {
      const file = config(
        ['listen: [inet:8891@127.0.0.1, unix:/run/no-such-postern/p.sock]', 'socket_owner: root:root'].join(
          '\n',
        ),
      );
      const { status, stdout } = postern(['check', '--config', file]);
      expect(problemLines(stdout)).to.deep.equal([
        `${file}:1:31: warning: listen: there is no directory /run/no-such-postern; type: install -d -o root -g root -m 0750 /run/no-such-postern`,
      ]);
      expect(status).to.equal(0);
    });

    it('finds an error where a socket is to belong to nobody, and a start fails of it; without one it warns', () => {
      const owner = 'store: memory\nsocket_owner: no-such-user:no-such-group\n';
      const told = (mark: string, behind: string): string[] =>
        [
          `2:15: ${mark}socket_owner: there is no user no-such-user${behind}; type: useradd --system no-such-user, or write one that getent passwd prints`,
          `2:28: ${mark}socket_owner: there is no group no-such-group${behind}; type: groupadd --system no-such-group, or write one that getent group prints`,
        ].map((line) => `${file}:${line}`);
      const file = config(`${owner}listen: unix:${folder()}/s`);
      const found = postern(['check', '--config', file]);
      expect(problemLines(found.stdout)).to.deep.equal(told('', ', and Postern does not start without it'));
      expect(found.status).to.equal(1);
      const started = postern(['run', '--config', file]);
      expect(started.status).to.equal(1);
      expect(started.stderr).to.contain('no-such-user');
      config(owner);
      const unasked = postern(['check', '--config', file]);
      expect(problemLines(unasked.stdout)).to.deep.equal(told('warning: ', ''));
      expect(unasked.status).to.equal(0);
    });

    for (const [key, line, place, name, cure] of [
      [
        ...(['store', "store: 'sqlite:FOLDER/a b/p.db'", '1:8', 'a b'] as const),
        "install -d -o postern -m 0750 'FOLDER/a b' (with the user that runs postern), or write sqlite:postern.db",
      ],
      ['listen', 'listen: [unix:FOLDER/a/p.sock]\nstore: memory', '1:10', 'a', 'mkdir -p FOLDER/a'],
    ] as const)
      it(`finds an error where the directory of ${key} is missing, and a start fails of it as well`, () => {
        const file = config(line.replace('FOLDER', folder()));
        const missing = join(folder(), name);
        const { status, stdout } = postern(['check', '--config', file]);
        expect(problemLines(stdout)).to.deep.equal([
          `${file}:${place}: ${key}: there is no directory ${missing}, and Postern does not start without it; type: ${cure.replace('FOLDER', folder())}`,
        ]);
        expect(status).to.equal(1);
        const started = postern(['run', '--config', file]);
        expect(started.status).to.equal(1);
        expect(started.stderr)
          .to.match(/; type: (?:mkdir|install) /)
          .and.contain(quotedPath(missing));
        mkdirSync(missing);
        expect(postern(['check', '--config', file])).to.include({ status: 0 });
      });

    it('finds an error where something else is in the place of a socket or of the database, and a start fails of it', () => {
      mkdirSync(join(folder(), 'dir'));
      writeFileSync(join(folder(), 'file'), 'mine');
      const file = config(
        `listen: [unix:${folder()}/file, unix:${folder()}/dir]\nstore: sqlite:${folder()}/dir`,
      );
      const expected = [
        `1:10: listen: ${folder()}/file is there, and is not a socket, and Postern does not start there; move it away, or choose another path`,
        `1:${22 + folder().length}: listen: ${folder()}/dir is a directory, and Postern does not start there; move it away, or choose another path`,
        `2:8: store: ${folder()}/dir is a directory, and Postern does not start with it; write a file in it: sqlite:${folder()}/dir/postern.db`,
      ].map((line) => `${file}:${line}`);
      const found = postern(['check', '--config', file]);
      expect(problemLines(found.stdout)).to.deep.equal(expected);
      expect(found.status).to.equal(1);
      const started = postern(['run', '--config', file]);
      expect(started.status).to.equal(1);
      for (const line of expected) expect(started.stderr).to.contain(line);
      expect(readFileSync(join(folder(), 'file'), 'utf8')).to.equal('mine');
    });

    it("finds an error where somebody's text is to be the database, and leaves it alone", () => {
      const file = config(`store: sqlite:${folder()}/notes`);
      writeFileSync(join(folder(), 'notes'), 'hello\n');
      const expected = `${file}:1:8: store: ${folder()}/notes is a text file and no database, and Postern does not start with it; write another path, or sqlite:postern.db`;
      expect(problemLines(postern(['check', '--config', file]).stdout)).to.deep.equal([expected]);
      expect(postern(['run', '--config', file]).stderr).to.contain(expected);
      expect(readFileSync(join(folder(), 'notes'), 'utf8')).to.equal('hello\n');
    });

    it('warns of a file with nothing in it, which a reload would not take', () => {
      const { status, stdout } = postern(['check', '--config', config('# later')]);
      expect(stdout).to.match(
        /:1:1: warning: there is nothing in it: .* such as observe: false\n    # later\n    \^\n$/,
      );
      expect(status).to.equal(0);
    });

    it('prints all problems with line and column, and exits with 1', () => {
      const file = config('listen: 8891\ngreylist: { delay: 60 }');
      const { status, stdout } = postern(['check', '--config', file]);
      expect(status).to.equal(1);
      expect(problemLines(stdout)).to.have.length(2);
      expect(stdout).to.contain(`${file}:1:9: listen:`).and.contain(`${file}:2:20: greylist.delay:`);
      expect(stdout)
        .to.contain('\n    listen: 8891\n            ^\n')
        .and.contain('\n    greylist: { delay: 60 }\n');
    });

    it('prints the problems of tables with those of the config', () => {
      const config = join(folder(), 'postern.yaml');
      const table = join(folder(), 'clients');
      writeFileSync(table, '192.0.2.0/24 REJECT\n192.0.2.0/33 OK\n198.51.100.0/24 PREPEND X: y\n');
      writeFileSync(
        config,
        `store: memory\npolicy:\n  - permit_mynetworks\n  - permit\n  - check_client_access cidr:${table}\n`,
      );
      const { status, stdout } = postern(['check', '--config', config]);
      expect(status).to.equal(1);
      const lines = problemLines(stdout);
      expect(lines).to.have.length(3);
      expect(lines[0]).to.contain(`${config}:5:5: warning: policy: check_client_access`);
      expect(lines[1]).to.contain(`${table}:2:`);
      expect(lines[2]).to.contain(`${table}:3:`).and.contain('PREPEND is for Postfix to carry out');
    });

    it('tells of rules and tables that are right, though others are wrong, and of patterns where they stand', () => {
      const table = join(folder(), 'missing');
      const file = config(
        [
          'policy:',
          '  - permt_mynetworks',
          '  - { when: { helo: "/^[/" }, then: reject }',
          `  - check_client_access cidr:${table}`,
          '  - reject',
          '  - greylist',
        ].join('\n'),
      );
      const { status, stdout } = postern(['check', '--config', file]);
      expect(status).to.equal(1);
      const lines = problemLines(stdout);
      expect(lines).to.have.length(4);
      expect(lines[0]).to.contain(`${file}:2:5: policy: "permt_mynetworks" is not a policy word`);
      expect(lines[1]).to.contain(`${file}:3:21: policy: /^[/: `);
      expect(lines[2]).to.contain(
        `${file}:4:5: policy: ${table}: no such file; write it, or correct its name`,
      );
      expect(lines[3]).to.contain(`${file}:6:5: warning: policy: greylist is never reached`);
    });

    it('tells of a table of local_domains that is not there where it is named', () => {
      const table = join(folder(), 'relay_domains');
      const { status, stdout } = postern([
        'check',
        '--config',
        config(`observe: true\nlocal_domains: [example.com, "hash:${table}"]`),
      ]);
      expect(status).to.equal(1);
      expect(problemLines(stdout)[0]).to.contain(`:2:30: local_domains: ${table}: no such file`);
    });

    it('tells of every table that is not there in its line, whatever else is wrong, also with what names it', () => {
      const file = config(
        [
          'observe: yes',
          `local_domains: [bob@example.com, "hash:${folder()}/domains"]`,
          'policy:',
          '  - when:',
          '      ptr: generic',
          '      client:',
          '        - mx.example.net',
          `        - cidr:${folder()}/facts`,
          '    then: rejct',
          '  - greylist',
          'greylist:',
          '  delay: 60',
          '  skip_clients:',
          '    - 192.0.2.1/24',
          `    - cidr:${folder()}/skips`,
        ].join('\n'),
      );
      const { status, stdout } = postern(['check', '--config', file]);
      expect(status).to.equal(1);
      const missing = (place: string, key: string, name: string): string =>
        `${file}:${place}: ${key}: ${folder()}/${name}: no such file; write it, or correct its name`;
      const lines = problemLines(stdout);
      expect(lines).to.have.length(8);
      expect(lines.filter((line) => line.includes('no such file'))).to.deep.equal([
        missing('2:34', 'local_domains', 'domains'),
        missing('8:11', 'policy', 'facts'),
        missing('15:7', 'greylist.skip_clients', 'skips'),
      ]);
    });

    it('shows no line that may hold the key of a list, however it is spelled', () => {
      const key = 'abcdefgh1jklmnopqrstuvwxyz';
      const file = config(
        [
          'policy:',
          `  - reject_rbl_client ${key}.zen.dq.spamhaus.ent`,
          `  - reject_rbl_client ${key}.zen.dq.spamhaus,net`,
          `  - "reject_rbl_client ${key}.`,
          '    zen.dq.spamhaus.net"',
          'lists:',
          '  key_files:',
          `    spamhaus: ${key}`,
        ].join('\n'),
      );
      const { stdout } = postern(['check', '--config', file]);
      expect(stdout).to.contain('a key is in a file or in the environment');
      expect(stdout).not.to.contain(key);
    });

    it('prints them as JSON', () => {
      const { status, stdout } = postern(['check', '--json', '--config', config('observ: true')]);
      expect(status).to.equal(1);
      const told = JSON.parse(stdout) as { ok: boolean; problems: object[] };
      expect(told.ok).to.equal(false);
      expect(told.problems[0]).to.include({
        line: 1,
        column: 1,
        severity: 'error',
        instead: 'did you mean observe?',
      });
    });

    it('says of a file that it can not read why', () => {
      expect(postern(['check', '--config', join(folder(), 'none.yaml')])).to.include({ status: 1 });
      mkdirSync(join(folder(), 'd'));
      expect(postern(['check', '--config', join(folder(), 'd')]).stdout).to.contain('this is not a file');
    });

    it('takes the config file from the environment', () => {
      const file = config('observ: true');
      expect(postern(['check'], { POSTERN_CONFIG: file }).stdout).to.contain(file);
    });
  });

  describe('schema', () => {
    it('prints the JSON Schema of the config file', () => {
      const { status, stdout } = postern(['schema']);
      expect(status).to.equal(0);
      const schema = JSON.parse(stdout) as { properties: Record<string, unknown> };
      expect(schema.properties).to.include.keys('listen', 'policy', 'greylist');
      expect(postern(['schema', 'x']).status).to.equal(2);
    });
  });

  describe('greylist', () => {
    async function stored(): Promise<string> {
      const file = join(folder(), 'p.db');
      const store = await openSqliteStore(file, { onEvent: () => {}, now: Date.now });
      const now = Date.now();
      const attempt = (network: string, recipient: string) => ({
        origins: [{ kind: 'network' as const, value: network }],
        sender: 'alice@example.net',
        recipient,
      });
      await store.judge(attempt('192.0.2.0/24', 'bob@example.org'), now - 120_000, TIMINGS);
      await store.judge(attempt('192.0.2.0/24', 'bob@example.org'), now, TIMINGS);
      await store.judge(attempt('198.51.100.0/24', 'carol@example.org'), now, TIMINGS);
      await store.close();
      return config(`store: sqlite:${file}`);
    }

    it('list shows every triplet, and as JSON a line each', async () => {
      const file = await stored();
      const { status, stdout } = postern(['greylist', 'list', '--config', file]);
      expect(status).to.equal(0);
      expect(stdout.trim().split('\n')).to.have.length(3);
      expect(stdout).to.match(
        /passed .* alice@example\.net .* bob@example\.org .* network 192\.0\.2\.0\/24\n/,
      );
      const lines = postern(['greylist', 'list', '--json', '--config', file]).stdout.trim().split('\n');
      expect(JSON.parse(lines[1]!)).to.include({
        state: 'waiting',
        recipient: 'carol@example.org',
        tries: 1,
      });
    });

    for (const [words, found] of [
      [['--client', '192.0.2.77'], ['bob']],
      [['--rcpt', 'carol'], ['carol']],
      [['--sender', '*@example.net', '--state', 'passed'], ['bob']],
      [
        ['--since', '1h'],
        ['bob', 'carol'],
      ],
      [['--sender', 'nobody'], []],
    ] as const) {
      it(`list ${words.join(' ')} finds ${found.length === 0 ? 'nothing' : found.join(' and ')}`, async () => {
        const { stdout } = postern(['greylist', 'list', '--json', '--config', await stored(), ...words]);
        const recipients = stdout.split('\n').filter((line) => line !== '');
        expect(
          recipients.map((line) => (JSON.parse(line) as { recipient: string }).recipient.split('@')[0]),
        ).to.deep.equal([...found]);
      });
    }

    it('list says so where nothing fits, and is good', async () => {
      const words = ['greylist', 'list', '--json', '--sender', 'nobody', '--config', await stored()];
      expect(postern(words)).to.deep.equal({ status: 0, stdout: '', stderr: 'no triplet fits\n' });
    });

    it('stats counts', async () => {
      const file = await stored();
      expect(postern(['greylist', 'stats', '--config', file]).stdout).to.match(
        /^file\s+\/.*\/p\.db\ntriplets\s+2\n\s+waiting\s+1\n\s+passed\s+1\n/,
      );
      expect(JSON.parse(postern(['greylist', 'stats', '--json', '--config', file]).stdout)).to.include({
        file: join(folder(), 'p.db'),
        triplets: 2,
        waiting: 1,
        passed: 1,
        expired: 0,
      });
    });

    it('says in one line what it can not read', () => {
      const none = postern(['greylist', 'list', '--config', config(`store: sqlite:${folder()}/none.db`)]);
      expect(none).to.include({ status: 1, stdout: '' });
      expect(none.stderr)
        .to.contain('there is no')
        .and.match(/^.*\n$/);
      writeFileSync(join(folder(), 'noise.db'), 'x'.repeat(10_000));
      const noise = postern(['greylist', 'stats', '--config', config(`store: sqlite:${folder()}/noise.db`)]);
      expect(noise.status).to.equal(1);
      expect(noise.stderr.trim().split('\n')).to.have.length(1);
      expect(postern(['greylist', 'list', '--config', config('store: memory')])).to.include({ status: 1 });
    });
  });
});
