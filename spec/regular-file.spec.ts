/** Files of the machine that are none: nobody who reads one waits for a pipe, or reads without an end. */

import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { readRegularFile } from '../lib/regular-file.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

const ROOM = new URL('../lib/', import.meta.url).href;

describe('A file of the machine', function () {
  this.timeout(30_000);
  const folder = temporaryFolder();

  function pipe(name = 'pipe'): string {
    const path = join(folder(), name);
    expect(spawnSync('mkfifo', [path]).status).to.equal(0);
    return path;
  }

  /** What these lines print, in a process that is ended where it hangs: null then. */
  function printed(...lines: readonly string[]): string | null {
    const args = ['--input-type=module', '--eval', lines.join('\n')];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, {
      encoding: 'utf8',
      timeout: 10_000,
    });
    return status === 0 ? stdout.trim() : status === null ? null : stderr;
  }

  const imported = (name: string, file: string): string => `import { ${name} } from '${ROOM}${file}';`;

  /** `call`: what comes of it is printed, or what it throws. */
  function tried(name: string, file: string, call: string): string | null {
    return printed(
      imported(name, file),
      `try { console.log(String(await ${call})); } catch (error) { console.log(error.message); }`,
    );
  }

  it('is read whole, up to what was said', () => {
    const path = join(folder(), 'a');
    writeFileSync(path, 'é'.repeat(50_000));
    expect(readRegularFile(path, 100_000)).to.deep.equal({ ok: true, text: 'é'.repeat(50_000) });
    expect(readRegularFile(path, 99_999)).to.include({ ok: false, why: 'too large' });
  });

  it('may say that it is empty, as those of the kernel do, and is bounded all the same', () => {
    expect(readRegularFile('/proc/self/status', 1 << 16)).to.include({ ok: true });
    expect(readRegularFile('/proc/self/status', 100)).to.include({ ok: false, why: 'too large' });
  });

  it('may be none, or not there', () => {
    mkdirSync(join(folder(), 'd'));
    expect(readRegularFile(join(folder(), 'd'), 10)).to.include({ why: 'not a file' });
    expect(readRegularFile('/dev/zero', 10)).to.include({ why: 'not a file' });
    expect(readRegularFile('/nonexistent/a', 10)).to.include({ why: 'missing', code: 'ENOENT' });
    // Not even root can read the memory at address 0.
    expect(readRegularFile('/proc/self/mem', 10)).to.include({ why: 'not readable' });
  });

  it('may be a pipe: that is no file', () => {
    const call = `readRegularFile('${pipe()}', 10).why`;
    expect(tried('readRegularFile', 'regular-file.ts', call)).to.equal('not a file');
  });

  it('may be a pipe where resolv.conf should be: the server of this machine is asked', () => {
    const call = `new ResolvConf('${pipe()}', () => 0).servers()`;
    expect(tried('ResolvConf', 'dns/resolv-conf.ts', call)).to.equal('127.0.0.1');
  });

  it('may be a pipe for the doctor: that is said', () => {
    const path = pipe('main.cf');
    const programs = '{ run: () => ({ kind: "missing" }) }';
    const readers: readonly (readonly [name: string, file: string, call: string])[] = [
      ['readPostfix', 'doctor/postfix-settings.ts', `readPostfix('${folder()}', ${programs})`],
      ['ofSendmail', 'doctor/sendmail.ts', `ofSendmail('${path}', [])`],
      ['nameServersOf', 'doctor/resolv-conf.ts', `nameServersOf('${path}')`],
    ];
    for (const [name, file, call] of readers)
      expect(tried(name, file, call), name).to.equal(`${path} is not a file`);
  });

  it('may be a pipe where a key should be, or a transcript, or a config', () => {
    const path = pipe();
    const keys = `{ nowMs: 0, env: {}, lists: async () => [], configFile: 'c', config: { policy: [{ name: null, rules: readItems() }], lists: { keys: new Map([['k', { kind: 'file', path: '${path}' }]]) }, knownLists: { find: () => null } } }`;
    const told = printed(
      imported('lists', 'doctor/lists.ts'),
      imported('readRestrictions', 'rules/restrictions.ts'),
      'const readItems = () => readRestrictions("reject_rbl_client ${k}.example.org").restrictions.map((each) => ({ kind: "restriction", ...each }));',
      `console.log((await lists.look(${keys})).map(({ seen }) => seen).join('\\n'));`,
    );
    expect(told).to.equal(`what should be the file of the key \${k} is no file: ${path}`);
    expect(tried('readInput', 'cli/input.ts', `readInput('explain', ['${path}'], 10)`)).to.match(
      /is not a file$/,
    );
    expect(tried('configText', 'config/load-config.ts', `configText('${path}').what`)).to.equal(
      'this is not a file',
    );
  });
});
