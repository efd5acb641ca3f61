/** `postern import postfix`: its files, its output and its exit codes. */

import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { MAIN, postern } from '../support/program.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

describe('postern import postfix', function () {
  this.timeout(20_000);
  const folder = temporaryFolder();

  function file(name: string, text: string): string {
    const path = join(folder(), name);
    writeFileSync(path, text);
    return path;
  }

  it('reads main.cf, master.cf beside it, and the tables that main.cf names', () => {
    file('table', 'example.com FILTER smtp:[192.0.2.1]\n');
    file('master.cf', 'policy unix - n n - 0 spawn user=nobody argv=/usr/bin/policyd-spf\n');
    const mainCf = file(
      'main.cf',
      'smtpd_sender_restrictions = check_sender_access texthash:$config_directory/table\n' +
        'smtpd_recipient_restrictions = check_policy_service unix:private/policy, check_policy_service inet:127.0.0.1:10023\n',
    );
    const spf = file('spf.conf', 'PermError_reject = True\n');
    const postgrey = file('postgrey', 'POSTGREY_OPTS="--delay=66"\n');
    const { status, stdout, stderr } = postern([
      'import',
      'postfix',
      mainCf,
      '--postgrey',
      postgrey,
      '--policyd-spf',
      spf,
    ]);
    expect({ status, stderr }).to.deep.equal({ status: 0, stderr: '' });
    expect(stdout.replace(/\n# */g, ' ')).to.match(/FILTER .*which only Postfix/);
    expect(stdout).to.match(/check_spf.*\n(?:.*#.*\n)*.*greylist/);
    expect(stdout).to.contain('delay: 66s').and.to.contain('permerror: reject');
  });

  it('reads what postconf -n prints from the standard input', () => {
    const { status, stdout } = spawnSync(process.execPath, [MAIN, 'import', 'postfix', '-'], {
      encoding: 'utf8',
      input: 'smtpd_helo_restrictions = reject_invalid_hostname\n',
    });
    expect(status).to.equal(0);
    expect(stdout)
      .to.contain('from the standard input')
      .and.to.contain('- reject_invalid_helo_hostname # line 1');
  });

  it('is 1 where Postfix itself would refuse something, and prints all the same', () => {
    const mainCf = file('wrong.cf', 'x = 1\nsmtpd_sender_restrictions = reject_unknwon_sender_domain\nfoo\n');
    const { status, stdout, stderr } = postern(['import', 'postfix', mainCf]);
    expect(status).to.equal(1);
    expect(stdout)
      .to.match(/did you mean\n?#? *reject_unknown_sender_domain\?/)
      .and.match(/lines 2, 3: see there/);
    expect(stderr).to.equal(
      `postern: Postfix itself would refuse, or does not know, what stands on lines 2, 3 of ${mainCf}: the comments say what it is\n`,
    );
    expect(postern(['import', 'postfix', '--help']).stdout).to.match(
      /Exit code 1 if main\.cf has something that Postfix/,
    );
  });

  it('does not speak the language of the system', () => {
    const absent = postern(['import', 'postfix', join(folder(), 'absent')]);
    expect(absent.stderr).to.equal(`postern: can't read ${join(folder(), 'absent')}: no such file\n`);
    const { status, stderr } = spawnSync(
      'sh',
      ['-c', `exec "$0" "$1" import postfix - < /tmp`, process.execPath, MAIN],
      {
        encoding: 'utf8',
      },
    );
    expect({ status, stderr }).to.deep.equal({
      status: 1,
      stderr: "postern: can't read -: this is not a file\n",
    });
  });

  it('opens no table for what comes through a pipe, and says that it did not', () => {
    const table = file('piped-table', 'example.com FILTER smtp:[192.0.2.1]\n');
    const { stdout } = spawnSync(process.execPath, [MAIN, 'import', 'postfix', '-'], {
      encoding: 'utf8',
      input: `smtpd_sender_restrictions = check_sender_access hash:${table}\nmynetworks = ${table}\nrelay_domains = hash:${table}\n`,
    });
    const flat = stdout.replace(/\n *# */g, ' ');
    expect(flat).to.match(
      /lines of the text that was piped in, not of a file\. Tables are not opened when main\.cf comes from a pipe; give the file/,
    );
    expect(flat.match(/tables are not opened when main\.cf comes from a pipe/g)).to.have.length(3);
    expect(flat).not.to.match(/could not be read/);
  });

  it('says in one line what it can not read, and is 1', () => {
    const mainCf = file('main.cf', 'x = 1\n');
    mkdirSync(join(folder(), 'directory'));
    for (const args of [
      [join(folder(), 'absent')],
      [join(folder(), 'directory')],
      [mainCf, '--postgrey', join(folder(), 'absent')],
      [file('poem', 'Roses are red\n')],
    ]) {
      const { status, stdout, stderr } = postern(['import', 'postfix', ...args]);
      expect(status, args.join(' ')).to.equal(1);
      expect(stdout).to.equal('');
      expect(stderr).to.match(/^postern: .*\n$/);
    }
  });

  it('reads no file that is none, or that is too large, and says so', () => {
    const large = join(folder(), 'large');
    writeFileSync(large, '#'.repeat((4 << 20) + 1));
    const fifo = join(folder(), 'fifo');
    expect(spawnSync('mkfifo', [fifo]).status).to.equal(0);
    for (const [name, why] of [
      [fifo, /no regular file/],
      ['/dev/zero', /no regular file/],
      [large, /larger than 4 MiB/],
    ] as const) {
      for (const args of [[name], [file('main.cf', 'x = 1\n'), '--postgrey', name]]) {
        const { status, stdout, stderr } = postern(['import', 'postfix', ...args]);
        expect({ status, stdout }, args.join(' ')).to.deep.equal({ status: 1, stdout: '' });
        expect(stderr).to.match(why);
      }
      const mainCf = file(
        'main.cf',
        `mynetworks = ${name}\nmydestination = ${name}\nsmtpd_sender_restrictions = check_sender_access hash:${name}\n`,
      );
      const { status, stdout } = postern(['import', 'postfix', mainCf]);
      expect(status).to.equal(0);
      expect(
        stdout.replace(/\n# */g, ' ').match(new RegExp(`was not read: it is ${why.source}`, 'g')),
      ).to.have.length(3);
    }
    const { status, stderr } = spawnSync(
      'sh',
      ['-c', `exec "$0" "$1" import postfix - < /dev/zero`, process.execPath, MAIN],
      {
        encoding: 'utf8',
      },
    );
    expect(status).to.equal(1);
    expect(stderr).to.match(/larger than 4 MiB/);
  });

  it('prints nothing that would be too long for postern check', () => {
    const networks = Array.from({ length: 25_000 }, (_, i) => `10.${i >> 8}.${i & 255}.0/24`).join(' ');
    const { status, stdout, stderr } = postern([
      'import',
      'postfix',
      file('main.cf', `mynetworks = ${networks}\n`),
    ]);
    expect({ status, stdout }).to.deep.equal({ status: 1, stdout: '' });
    expect(stderr).to.match(/longer than the 262144 characters/);
  });

  const usage: readonly [string[], RegExp][] = [
    [[], /say what: postern import postfix FILE/],
    [['postfx', 'x'], /import postfx: say what/],
    [['postfix'], /name one file/],
    [['postfix', 'a', 'b'], /name one file/],
    [['postfix', '--json', 'a'], /see: postern import postfix --help/],
  ];
  for (const [words, message] of usage)
    it(`import ${words.join(' ')} is wrong usage`, () => {
      const { status, stdout, stderr } = postern(['import', ...words]);
      expect(status).to.equal(2);
      expect(stdout).to.equal('');
      expect(stderr).to.match(message);
    });

  it('has an example in its help', () => {
    expect(postern(['import', '--help']).stdout)
      .to.match(/^usage: postern import postfix/)
      .and.match(/example: postern import/);
  });
});
