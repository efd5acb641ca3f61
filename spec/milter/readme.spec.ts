/** Runs the example of the library's README as a user would: type-checked, in a process of its own, over TCP. */

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { MtaSession } from '../../lib/milter/index.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const README = readFileSync(join(ROOT, 'lib/milter/README.md'), 'utf8');
const TYPES = join(ROOT, 'node_modules/@types');
const EXAMPLE = /```ts\n(.*?)```/s.exec(README)![1]!;

describe('The example in the README', () => {
  let directory: string;
  let file: string;

  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'postern-readme-'));
    file = join(directory, 'filter.ts');
    writeFileSync(file, EXAMPLE.replace("'postern/milter'", `'${ROOT}/lib/milter/index.ts'`));
    writeFileSync(join(directory, 'package.json'), '{ "type": "module" }');
  });

  after(() => rmSync(directory, { recursive: true }));

  /** What the compiler says about this text in the place of the example. */
  async function complaints(text: string): Promise<string> {
    const checked = join(directory, 'checked.ts');
    writeFileSync(checked, text);
    const compilerOptions = {
      rewriteRelativeImportExtensions: false,
      allowImportingTsExtensions: true,
      typeRoots: [TYPES],
    };
    const config = {
      extends: join(ROOT, 'tsconfig.json'),
      compilerOptions,
      include: [checked, join(ROOT, 'lib/milter')],
    };
    writeFileSync(join(directory, 'tsconfig.json'), JSON.stringify(config));
    return promisify(execFile)(join(ROOT, 'node_modules/.bin/tsc'), ['-p', directory]).then(
      ({ stdout }) => stdout,
      (error: unknown) => (error instanceof Error && 'stdout' in error ? String(error.stdout) : 'no tsc'),
    );
  }

  it('type-checks', async () => {
    expect(await complaints(readFileSync(file, 'utf8'))).to.equal('');
  });

  it('type-checks only with the changes that it declares', async () => {
    const undeclared = readFileSync(file, 'utf8').replace(
      "changes: ['insertHeader']",
      "changes: ['quarantine']",
    );
    const said = await complaints(undeclared);
    expect(said)
      .to.match(/"insertHeader"/)
      .and.to.match(/"quarantine"/);
  });

  it('does what it says', async () => {
    const child = spawn(process.execPath, [file], {
      env: { ...process.env, PORT: '0' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      const [line]: unknown[] = await once(child.stdout, 'data');
      const port = Number(/port: (\d+)/.exec(String(line))![1]);
      const mta = new MtaSession(connect(port, '127.0.0.1'));
      await mta.negotiate();
      const client = {
        kind: 'connect',
        host: '[192.0.2.1]',
        family: 'ipv4',
        address: '192.0.2.1',
        port: 25,
      } as const;
      const rcpt = { kind: 'rcpt', recipient: '<b@example.org>', args: [] } as const;
      expect(await mta.send(client, { j: 'mx.example.org', '{client_ptr}': 'unknown' })).to.equal(null);
      expect(await mta.send({ kind: 'mail', sender: '<a@example.net>', args: [] })).to.equal(null);
      expect(await mta.send(rcpt)).to.deep.equal({
        kind: 'reply',
        text: '450 4.7.1 Client host rejected: cannot find your reverse hostname',
      });
      expect(await mta.send({ ...rcpt, recipient: '<postmaster@example.org>' })).to.deep.equal({
        kind: 'continue',
      });
      expect(await mta.end({ i: 'Q1' })).to.deep.equal({
        answer: { kind: 'continue' },
        changes: [
          {
            kind: 'insertHeader',
            index: 0,
            name: 'X-Checked',
            value: '1 recipient(s) of Q1 by mx.example.org',
          },
        ],
        progress: 0,
      });
      mta.quit();
    } finally {
      child.kill();
    }
  });
});
