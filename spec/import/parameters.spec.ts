/** main.cf as text: comments, continued lines, settings made twice, and what `$` stands for, as postconf(5) has it. */

import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { readMainCf } from '../../lib/import/main-cf.ts';
import { Parameters } from '../../lib/import/parameters.ts';
import { SERVER_PATH } from '../support/mta/private-network.ts';
import { requires } from '../support/mta/requirements.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

function parametersOf(text: string): Parameters {
  return new Parameters(readMainCf(text), '/etc/postfix');
}

function valueOf(name: string, text: string): string {
  return parametersOf(text).text(name);
}

describe('A main.cf', () => {
  const folder = temporaryFolder();
  const values: readonly [title: string, text: string, value: string][] = [
    ['a plain setting', 'x = a b', 'a b'],
    ['no blanks around =', 'x=a', 'a'],
    ['an empty value', 'x =', ''],
    ['a continued value', 'x = a,\n  b', 'a, b'],
    ['comments and blank lines within a value', 'x = a\n# no\n\n   # no\n\tb', 'a b'],
    ['Windows line ends', 'x = a\r\n b\r\n', 'a b'],
    ['the later of two settings', 'x = a\nx = b', 'b'],
    ['$name', 'y = a\nx = $y b', 'a b'],
    ['$(name) and ${name}', 'y = a\nx = $(y)${y}', 'aa'],
    ['names of names', 'z = a\ny = $z\nx = $y', 'a'],
    ['$$', 'x = a$$b', 'a$b'],
    ['$ before nothing', 'x = a$ b$', 'a$ b$'],
    ['${name?text}, of an empty one too', 'y = 1\nz =\nx = ${y?a}${z?b}${w?c}', 'a'],
    ['${name:text}', 'y = 1\nx = ${y:a}${w:b}', 'b'],
    ['${name?{a}:{b}}', 'y = 1\nx = ${y?{a}:{b}} ${w?{a}:{b}} ${w ? {a} : {b}}', 'a b b'],
    ['${name?{a}:b}', 'x = ${w?{a}:b}', 'b'],
    ['names within clauses', 'y = 1\nz = c\nx = ${y?a $z}', 'a c'],
    ['comparisons', 'y = 2\nx = ${{$y} == {2} ? {a} : {b}} ${{$y} >= {10} ? {a} : {b}}', 'a b'],
    [
      'a comparison of versions',
      'y = 3.10\nx = ${{$y} >level {3.9} ? {a} : {b}}${{$y} <level {3} ? {a} : {b}}',
      'ab',
    ],
    [
      'mydomain, which is myhostname without its first label',
      'myhostname = a.b.example\nx = $mydomain',
      'b.example',
    ],
    ['mydomain of a myhostname without a dot', 'myhostname = a\nx = $mydomain', 'localdomain'],
    ['a comparison of words', 'y = b\nx = ${{$y} > {a}?{yes}:{no}}', 'yes'],
    ['a brace that is never closed', 'x = a ${y b', 'a ${y b'],
    ['where main.cf lies', 'x = cidr:$config_directory/a', 'cidr:/etc/postfix/a'],
    ['a name that names itself', 'x = a $x', 'a'],
    ['two that name each other', 'x = a $y\ny = b $x', 'a b'],
  ];
  for (const [title, text, value] of values)
    it(`is read: ${title}`, () => {
      expect(valueOf('x', text)).to.equal(value);
    });

  it('means what postconf(1) says that it means', function () {
    this.timeout(30_000);
    requires(this, 'postconf', ['postconf'], 'apt-get install postfix');
    // What postconf stops at is none of ours: what is never closed, and what grows for ever.
    const sound = values.filter(
      ([title]) => !/never closed|names itself|name each other|main\.cf lies|before nothing/.test(title),
    );
    expect(sound.length).to.be.greaterThan(12);
    // One call for all of them: each has its names to itself.
    const own = sound.filter(([, text]) => !text.includes('myhostname'));
    const lines = own.map(([, text], i) => text.replace(/\b[wxyz]\b/g, (name) => `${name}_${i}`));
    const all = own.map((_, i) => `$x_${i}`).join('|');
    writeFileSync(join(folder(), 'main.cf'), `${lines.join('\n')}\nmail_name = ${all}\n`);
    const { stdout } = spawnSync('postconf', ['-c', folder(), '-xh', 'mail_name'], {
      encoding: 'utf8',
      env: { ...process.env, PATH: SERVER_PATH },
    });
    expect(stdout.trim().split('|')).to.deep.equal(own.map(([, , value]) => value));
    for (const [, text, value] of sound.filter((each) => !own.includes(each))) {
      writeFileSync(join(folder(), 'main.cf'), `${text}\nmail_name = $x\n`);
      const { stdout: printed } = spawnSync('postconf', ['-c', folder(), '-xh', 'mail_name'], {
        encoding: 'utf8',
        env: { ...process.env, PATH: SERVER_PATH },
      });
      expect(printed.trim()).to.equal(value);
    }
  });

  it('has defaults where they matter to restrictions', () => {
    expect(valueOf('smtpd_relay_restrictions', 'compatibility_level = 1')).to.match(
      /defer_unauth_destination$/,
    );
    expect(valueOf('smtpd_relay_restrictions', 'x = 1')).to.equal('');
    const domains = 'mydestination = a.example\n';
    expect(valueOf('relay_domains', domains)).to.equal('a.example');
    expect(valueOf('relay_domains', `${domains}compatibility_level = 3.6`)).to.equal('');
    expect(valueOf('smtpd_relay_restrictions', 'smtpd_relay_restrictions =')).to.equal('');
  });

  it('says what it left out, and where', () => {
    const mainCf = readMainCf('  x\nthis is nothing\nx = 1\nx = $gone\n');
    const parameters = new Parameters(mainCf, '/etc/postfix');
    parameters.get('x');
    const notes = [...mainCf.notes, ...parameters.notes].map(({ line, text }) => `${line}: ${text}`);
    expect(notes).to.have.length(4);
    expect(notes[0]).to.match(/^1: .*continues nothing/);
    expect(notes[1]).to.match(/^2: .*no "name = value"/);
    expect(notes[2]).to.match(/^3: x is set again on line 4/);
    expect(notes[3]).to.match(/^4: \$gone is not set/);
  });

  it('knows the line of each word, through names and continuations', () => {
    const words = parametersOf('y = c\n  d\nx = a, $y,\n  b { f,\n  g } h[ 1;2 ]').get('x').words();
    expect(words.map(({ text, line }) => `${line} ${text}`)).to.deep.equal([
      '3 a',
      '1 c',
      '2 d',
      '4 b',
      '4 { f, g }',
      '5 h[ 1;2 ]',
    ]);
  });

  it('that grows without end is cut off', () => {
    const text = Array.from({ length: 30 }, (_, i) => `a${i} = $a${i + 1}$a${i + 1}$a${i + 1}`).join('\n');
    const parameters = parametersOf(`${text}\na30 = x`);
    expect(parameters.text('a0').length).to.be.lessThan(1 << 19);
    expect(parameters.notes).not.to.be.empty;
  });
});
