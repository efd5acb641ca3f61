/** `postern doctor` where it can look at nothing but the config; the rest is in spec/doctor/ and spec/mta/doctor.spec.ts. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { killedAfterwards } from '../support/killed-afterwards.ts';
import { postern, RunningPostern, type Ran } from '../support/program.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

describe('postern doctor', function () {
  this.timeout(20_000);
  const folder = temporaryFolder();
  const killed = killedAfterwards();

  function doctor(...words: readonly string[]): Ran {
    return doctorWith({}, ...words);
  }

  function doctorWith(env: Readonly<Record<string, string>>, ...words: readonly string[]): Ran {
    return postern(['doctor', ...words], { STATE_DIRECTORY: folder(), ...env });
  }

  function broken(): string {
    const file = join(folder(), 'postern.yaml');
    writeFileSync(file, 'observ: true\ngreylist: { delay: 60 }\n');
    return file;
  }

  it('says of a broken config what is wrong, that no service runs, and that the rest has to wait', () => {
    const file = broken();
    const { status, stdout, stderr } = doctor('--config', file);
    expect([status, stderr]).to.deep.equal([1, '']);
    expect(stdout).to.contain(`type: postern check --config ${file}`).and.contain('type: as above');
    expect(stdout).to.match(/^ {2}note {5}the rest can be looked at when the config can be read$/m);
    expect(stdout.replace(/\s+/g, ' ')).to.match(
      / service problem no service of Postern answers at \S*control\.sock: mail is not guarded, .*; none can be started before this is mended /,
    );
    expect(stdout).to.match(/\n3 problems, 0 warnings, 1 note\n$/);
  });

  it('says beside a broken config that the service goes on with the former one, which a restart would end', async () => {
    const file = join(folder(), 'postern.yaml');
    writeFileSync(file, `log: { format: json }\nlisten: unix:${folder()}/s\nstore: memory\n`);
    const { pid } = killed(await RunningPostern.start(file));
    broken();
    const told = (...words: string[]): string[] => {
      const { findings } = JSON.parse(doctor('--json', ...words).stdout) as {
        findings: Record<string, string>[];
      };
      return findings.flatMap(({ check, severity, seen }) =>
        check === 'service' ? `${severity} ${seen}` : [],
      );
    };
    const [runs, goesOn, ...more] = told('--config', file);
    expect(runs)
      .to.match(/^ok version /)
      .and.contain(`, pid ${pid}, config ${file}`);
    expect(goesOn).to.match(
      /^warning it goes on with the config that it read at 20\S+Z: a restart before this is mended leaves mail unfiltered, /,
    );
    expect(more).to.deep.equal([]);
    const other = join(folder(), 'other.yaml');
    writeFileSync(other, 'observ: true\n');
    expect(told('--config', other)[1]).to.match(/^warning the service that runs has another config /);
  });

  it('says of a directory that is missing what to type, and looks at the rest all the same', () => {
    const file = join(folder(), 'postern.yaml');
    const missing = join(folder(), 'missing');
    writeFileSync(file, `store: sqlite:${missing}/p.db\ndns: { servers: [127.0.0.1:9], timeout: 1s }\n`);
    const { status, stdout } = postern(['doctor', '--json', '--config', file]);
    expect(status).to.equal(1);
    const { findings } = JSON.parse(stdout) as { findings: Record<string, unknown>[] };
    expect(findings[0]).to.include({ check: 'config', severity: 'problem' });
    expect(findings[0]!['seen']).to.contain(`type: install -d -o postern -m 0750 ${missing} `);
    expect(new Set(findings.map(({ check }) => check)))
      .to.include('database')
      .and.include('resolver');
  });

  it('says of tables what a start would, and of very many mistakes how many there are', () => {
    const file = join(folder(), 'postern.yaml');
    const table = join(folder(), 'clients');
    writeFileSync(table, Array.from({ length: 50 }, (_, n) => `192.0.2.${n} REJCT\n`).join(''));
    writeFileSync(
      file,
      `policy: [check_client_access hash:${table}, check_helo_access hash:${table}.gone]\n` +
        'dns: { servers: [127.0.0.1:9], timeout: 1s }\n',
    );
    const { stdout } = postern(['doctor', '--json', '--config', file]);
    const { findings } = JSON.parse(stdout) as { findings: Record<string, unknown>[] };
    const told = findings.filter(({ check }) => check === 'config').map(({ seen }) => String(seen));
    expect(told[0]).to.contain('clients.gone');
    expect(told.join(' ')).to.contain('REJCT');
    expect(told.at(-1)).to.match(/^and \d+ more$/);
    expect(told).to.have.length(11);
  });

  it('looks at the Postfix of --postfix, else of $MAIL_CONFIG as its own commands do, and names its file', () => {
    const file = join(folder(), 'postern.yaml');
    writeFileSync(file, 'store: memory\ndns: { servers: [127.0.0.1:9], timeout: 1s }\n');
    for (const name of ['one', 'other']) {
      mkdirSync(join(folder(), name));
      writeFileSync(join(folder(), name, 'main.cf'), 'compatibility_level = 3.6\n');
      writeFileSync(join(folder(), name, 'master.cf'), 'smtp inet n - n - - smtpd\n');
    }
    const told = (...words: string[]): string =>
      doctorWith({ MAIL_CONFIG: join(folder(), 'one') }, '--json', '--config', file, ...words).stdout;
    expect(told()).to.contain(`smtpd_milters of smtp/inet in ${folder()}/one/main.cf does not name Postern`);
    expect(told('--postfix', join(folder(), 'other'))).to.contain(
      `in ${folder()}/other/main.cf does not name Postern`,
    );
  });

  it('says the same as JSON', () => {
    const file = broken();
    const { status, stdout } = postern(['doctor', '--json', '--config', file]);
    expect(status).to.equal(1);
    const told = JSON.parse(stdout) as { ok: boolean; findings: Record<string, unknown>[] };
    expect(told).to.include({ ok: false, config: file });
    expect(told.findings[0]).to.deep.equal({
      check: 'config',
      severity: 'problem',
      seen: `${file}:1:1: unknown key "observ"; did you mean observe?`,
      cure: [`postern check --config ${file}`],
    });
  });

  it('takes no file without --config', () => {
    expect(postern(['doctor', 'x.yaml'])).to.include({ status: 2 });
  });
});
