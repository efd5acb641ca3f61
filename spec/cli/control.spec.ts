/** The commands that ask the running service: reload and lists. */

import { readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import { ask } from '../../lib/control/ask.ts';
import { freePort } from '../support/dns/free-port.ts';
import { eventually } from '../support/mta/eventually.ts';
import { killedAfterwards } from '../support/killed-afterwards.ts';
import { postern, RunningPostern, type Ran } from '../support/program.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { visit } from '../support/visit.ts';

const ALICE = { client: '192.0.2.10', sender: '<alice@example.net>', recipient: '<bob@example.org>' };

describe('A running service', function () {
  this.timeout(30_000);
  const folder = temporaryFolder();
  const killed = killedAfterwards();

  const configFile = (): string => join(folder(), 'postern.yaml');

  function config(lines: string): string {
    writeFileSync(
      configFile(),
      `log: { format: json }\nlisten: unix:${folder()}/s\nstore: memory\n${lines}\n`,
    );
    return configFile();
  }

  async function start(lines = ''): Promise<RunningPostern> {
    const service = killed(await RunningPostern.start(config(lines)));
    await service.logged(({ event }) => event === 'started');
    return service;
  }

  function asks(...words: readonly string[]): Ran {
    return postern(words, { STATE_DIRECTORY: folder(), POSTERN_CONFIG: configFile() });
  }

  it('is asked on a socket in its state directory, and takes that along when it stops', async () => {
    const service = await start();
    const asked = await ask(join(folder(), 'control.sock'), 'status', 5000);
    if (asked.kind !== 'answered') throw new Error(asked.why);
    expect(asked.answer).to.include({
      ...{ pid: service.pid, config: configFile(), observe: false, store: 'memory', uid: process.getuid?.() },
    });
    expect(asked.answer.listening).to.deep.equal([`unix:${folder()}/s`]);
    await service.stop();
    expect((await ask(join(folder(), 'control.sock'), 'status', 5000)).kind).to.equal('absent');
  });

  it('says that it only looks on', async () => {
    await start('observe: true');
    expect(await ask(join(folder(), 'control.sock'), 'status', 5000)).to.have.nested.include({
      'answer.observe': true,
    });
  });

  it('reload: takes over the new config, and prints its warnings', async () => {
    const service = await start('greylist: { delay: 5m }');
    const table = join(folder(), 'clients');
    writeFileSync(table, '192.0.2.99 OK\n192.0.2.99 REJECT\n');
    config(
      `greylist: { delay: 10m }\npolicy: [permit_mynetworks, "check_client_access hash:${table}", greylist]`,
    );
    const { status, stdout, stderr } = asks('reload');
    expect([status, stderr]).to.deep.equal([0, '']);
    expect(stdout.trim().split('\n').at(-1)).to.equal(`reloaded ${configFile()}`);
    expect(stdout).to.contain(`${table}:2:`);
    expect(await visit(await service.connect(), ALICE)).to.contain('600 seconds');
    expect(JSON.parse(asks('reload', '--json').stdout)).to.include({ ok: true, config: configFile() });
  });

  it('reload: of the config that is named, if that is the one of the service', async () => {
    await start('greylist: { delay: 5m }');
    expect(asks('reload', '--config', configFile())).to.deep.include({ status: 0, stderr: '' });
    const another = join(folder(), 'another.yaml');
    writeFileSync(another, '');
    expect(asks('reload', '--config', another)).to.deep.include({
      status: 1,
      stdout: '',
      stderr: `postern: the service has another config, ${configFile()}: to run with ${another} it has to be started with it\n`,
    });
    const told = JSON.parse(asks('reload', '--config', another, '--json').stdout) as unknown;
    expect(told).to.include({ ok: false, config: null });
  });

  it('reload: tells who takes another config by himself that the service was started with this one', async () => {
    await start();
    const another = join(folder(), 'another.yaml');
    const link = join(folder(), 'link.yaml');
    writeFileSync(another, '');
    symlinkSync(configFile(), link);
    const reload = (own: string, ...words: string[]): Ran =>
      postern(['reload', ...words], { STATE_DIRECTORY: folder(), POSTERN_CONFIG: own });
    expect(reload(another)).to.deep.equal({
      status: 0,
      stdout: `reloaded ${configFile()}\nthe service was started with ${configFile()}: ${another} is taken only when it is started with that\n`,
      stderr: '',
    });
    expect(reload(link).stdout).to.equal(`reloaded ${configFile()}\n`);
    expect(reload(another, '--config', configFile()).stdout).to.equal(`reloaded ${configFile()}\n`);
    expect(JSON.parse(reload(another, '--json').stdout)).to.deep.equal({
      ...{ ok: true, config: configFile(), told: [] },
    });
  });

  it('reload: says what is wrong with a broken config, and the old one goes on', async () => {
    const service = await start('greylist: { delay: 5m }');
    config('greylist: { dealy: 10m }');
    const { status, stdout, stderr } = asks('reload');
    expect([status, stdout]).to.deep.equal([1, '']);
    expect(stderr)
      .to.contain(`${configFile()}:4:13: greylist: unknown key "dealy"; did you mean delay?`)
      .and.contain('the old configuration goes on');
    expect(await visit(await service.connect(), ALICE)).to.contain('300 seconds');
    expect(JSON.parse(asks('reload', '--json').stdout)).to.include({ ok: false });
    await service.logged(({ event }) => event === 'reload-failed');
  });

  it('reload: takes no config with which the next start would fail', async () => {
    const service = await start('greylist: { delay: 5m }');
    const next = readFileSync(config('greylist: { delay: 10m }'), 'utf8');
    writeFileSync(configFile(), next.replace('memory', `sqlite:${folder()}/none/p.db`));
    const { status, stderr } = asks('reload');
    expect(status).to.equal(1);
    expect(stderr)
      .to.contain(`store: there is no directory ${folder()}/none, and Postern does not start without it`)
      .and.contain('the old configuration goes on');
    expect(await visit(await service.connect(), ALICE)).to.contain('300 seconds');
  });

  it('makes its control socket anew when it is told to reread and finds it gone', async () => {
    const service = await start();
    rmSync(join(folder(), 'control.sock'));
    service.kill('SIGHUP');
    await service.logged(({ event }) => event === 'reloaded');
    await eventually('the new control socket', async () => {
      const asked = await ask(join(folder(), 'control.sock'), 'status', 5000);
      return asked.kind === 'answered';
    });
  });

  it('serves mail without a control socket where none can be made, with one line in its log', async () => {
    writeFileSync(join(folder(), 'control.sock'), 'not a socket');
    const service = await start();
    const faults = service.log.filter(({ level }) => level === 'warn');
    expect(faults).to.have.length(1);
    expect(faults[0]).to.include({ event: 'control-fault' });
    expect(await visit(await service.connect(), ALICE)).to.match(/^451/);
    expect(readFileSync(join(folder(), 'control.sock'), 'utf8')).to.equal('not a socket');
  });

  it('serves mail while others hold its control socket', async () => {
    const service = await start();
    const idle = Array.from({ length: 20 }, () =>
      connect(join(folder(), 'control.sock')).on('error', () => {}),
    );
    expect(await visit(await service.connect(), ALICE)).to.match(/^451/);
    for (const socket of idle) socket.destroy();
  });

  it('lists: says where it comes from, and that no list is asked', async () => {
    const service = await start();
    expect(asks('lists')).to.deep.equal({
      status: 0,
      stdout: `of the service with pid ${service.pid}, config ${configFile()}\nthe policy asks no DNS list\n`,
      stderr: '',
    });
    expect(JSON.parse(asks('lists', '--json').stdout)).to.deep.equal({
      ...{ ok: true, from: 'service', config: configFile(), lists: [] },
    });
  });

  it('is not asked about the config of another', async () => {
    await start();
    const other = join(folder(), 'other.yaml');
    const port = await freePort();
    writeFileSync(
      other,
      `store: memory\ndns: { servers: ["127.0.0.1:${port}"], timeout: 1s }\npolicy: [reject_rbl_client bl.example=127.0.0.2, greylist]\n`,
    );
    const { status, stdout } = asks('lists', '--config', other);
    expect(status).to.equal(1);
    expect(stdout)
      .to.contain(`no service runs with ${other}`)
      .and.match(/^bl\.example +dead /m);
  });

  it('says when its config was read', async () => {
    await start();
    const loaded = async (): Promise<number> => {
      const asked = await ask(join(folder(), 'control.sock'), 'status', 5000);
      return asked.kind === 'answered' ? Date.parse(asked.answer.loaded) : 0;
    };
    const before = await loaded();
    utimesSync(configFile(), new Date(before - 5000), new Date(before - 5000));
    expect(asks('reload').status).to.equal(0);
    expect(await loaded()).to.be.greaterThan(before);
  });

  it('that is not there is said to be not there', () => {
    config('');
    const { status: code, stdout: printed, stderr } = asks('reload', '--config', configFile());
    expect([code, printed]).to.deep.equal([1, '']);
    expect(stderr)
      .to.match(
        /^postern: no service of Postern answers at .*control\.sock: mail is not guarded, .*"no control socket"/,
      )
      .and.contain(`; type: systemctl start postern (or: postern run --config ${configFile()})\n`);
    expect(JSON.parse(asks('reload', '--json').stdout)).to.include({ ok: false, config: null });
    const { status, stdout } = asks('lists', '--config', configFile());
    expect(status).to.equal(0);
    expect(stdout).to.contain(`no service runs with ${configFile()}`).and.contain('asks no DNS list');
  });

  it('lists: prints the problems of a config that is broken', () => {
    config('greylist: { dealy: 10m }');
    const { status, stdout, stderr } = asks('lists', '--config', configFile());
    expect([status, stdout]).to.deep.equal([1, '']);
    expect(stderr).to.contain('did you mean delay');
  });
});
