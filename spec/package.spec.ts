/** What `npm publish` would ship: plain JavaScript with types, usable without this checkout, and no Node binary. */

import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect } from 'chai';

const ROOT = resolve(import.meta.dirname, '..');
const BIN = join(ROOT, 'node_modules/.bin');

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly optionalDependencies?: unknown;
  readonly bin: Readonly<Record<string, string>>;
}

const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Manifest;

const LIBRARY_USER = `
import { createFilter } from 'postern/milter';
import type { Answer } from 'postern/milter';
const filter = createFilter({
  open: () => ({ seen: 0 }),
  answer: { rcpt: (session, { recipient }): Answer => (recipient === '<a@example.org>' ? 'continue' : 'reject') },
});
process.stdout.write(typeof filter.serve);
`;

const STARTED = / postern \S+ started,/;

describe('The npm package', function () {
  this.timeout(60_000);
  let folder: string;
  let files: string[];

  const run = (command: string, args: readonly string[], cwd: string): string => {
    const { status, stdout, stderr } = spawnSync(command, args, {
      cwd,
      encoding: 'utf8',
      env: { ...process.env, PATH: `${BIN}:${process.env['PATH']}` },
    });
    if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stdout}${stderr}`);
    return stdout;
  };

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'postern-package-'));
    run('npm', ['run', 'build'], ROOT);
    const packed = JSON.parse(
      run('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', folder], ROOT),
    ) as [{ filename: string; files: { path: string }[] }];
    files = packed[0].files.map(({ path }) => path);
    const installed = join(folder, 'node_modules/postern');
    mkdirSync(installed, { recursive: true });
    run('tar', ['-xzf', join(folder, packed[0].filename), '--strip-components=1', '-C', installed], folder);
    for (const name of [...Object.keys(manifest.dependencies), '@types']) {
      symlinkSync(join(ROOT, 'node_modules', name), join(folder, 'node_modules', name));
    }
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
    writeFileSync(join(folder, 'user.ts'), LIBRARY_USER);
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  it('holds JavaScript and types, and neither specs nor sources nor a Node binary', () => {
    expect(files).to.include.members([
      'dist/cli/main.js',
      'dist/milter/index.js',
      'dist/milter/index.d.ts',
      'etc/postern.yaml',
      'README.md',
      'LICENSE',
    ]);
    const sources = files.filter((path) => /^(spec|lib|node_modules|packaging)\/|\/node$/.test(path));
    // The library's page, and types that the emitted ones refer to: tsc does not copy a .d.ts.
    expect(sources).to.have.members(['lib/milter/README.md', 'lib/milter/buffer-layout.d.ts']);
  });

  it('depends on no Node binary', () => {
    expect(manifest.optionalDependencies).to.equal(undefined);
    expect(Object.keys(manifest.dependencies).filter((name) => name.startsWith('node'))).to.deep.equal([]);
  });

  it('pins what it depends on', () => {
    for (const version of Object.values(manifest.dependencies)) expect(version).to.match(/^\d+\.\d+\.\d+$/);
  });

  it('installs the command', () => {
    const command = join(folder, 'node_modules/postern', manifest.bin['postern']!);
    expect(run('node', [command, '--version'], folder)).to.match(/^postern \d+\.\d+\.\d+\n$/);
    expect(run('node', [command, 'check'], folder)).to.contain('no problems found');
  });

  it('starts Node as a checkout does, and as the bench does', () => {
    const flagsIn = (file: string): readonly string[] =>
      readFileSync(join(ROOT, file), 'utf8').match(/--[a-z0-9-]+(?:=\d+)?(?=[ ',"])/g) ?? [];
    const [first] = readFileSync(join(ROOT, 'lib/cli/main.ts'), 'utf8').split('\n');
    const flags = first!.split(' ').filter((word) => word.startsWith('--'));
    expect(flags).to.include('--expose-gc');
    expect(flagsIn('packaging/postern')).to.include.members(flags);
    expect(flagsIn('spec/bench/postern.ts')).to.include.members(flags);
  });

  it('serves mail from the built files, its database thread too', async () => {
    const command = join(folder, 'node_modules/postern', manifest.bin['postern']!);
    writeFileSync(join(folder, 'p.yaml'), `listen: unix:${folder}/s\nstore: sqlite:${folder}/p.db\n`);
    const service = spawn('node', [command, 'run', '--config', join(folder, 'p.yaml')], {
      env: { ...process.env, PATH: `${BIN}:${process.env['PATH']}` },
    });
    let said = '';
    for await (const chunk of service.stdout) {
      const before = said;
      said += String(chunk);
      // Once: a second one ends it at once.
      if (STARTED.test(said) && !STARTED.test(before)) service.kill('SIGTERM');
    }
    expect(said).to.contain(`listening on unix:${folder}/s`).and.contain('stopped');
  });

  it('gives a TypeScript program the milter library with its types', () => {
    const options = { module: 'nodenext', strict: true, noEmit: true, skipLibCheck: false, types: ['node'] };
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({ compilerOptions: options, include: ['user.ts'] }),
    );
    run('tsc', ['-p', folder], folder);
    expect(run('node', ['user.ts'], folder)).to.equal('function');
  });
});
