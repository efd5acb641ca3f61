/** `postern run` as an administrator meets it: start, signals, and the errors that keep it from starting. */

import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { join } from 'node:path';
import { once } from 'node:events';
import { expect } from 'chai';
import { killedAfterwards } from '../support/killed-afterwards.ts';
import { MAIN, postern, RunningPostern } from '../support/program.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { open, rcpt, visit } from '../support/visit.ts';

const ALICE = { client: '192.0.2.10', sender: '<alice@example.net>', recipient: '<bob@example.org>' };

describe('postern run', function () {
  this.timeout(30_000);
  const folder = temporaryFolder();
  const killed = killedAfterwards();
  let stranded: ChildProcess | null = null;

  afterEach(() => {
    stranded?.kill('SIGKILL');
    stranded = null;
  });

  function config(lines: string, name = 'postern.yaml'): string {
    const file = join(folder(), name);
    writeFileSync(file, `log: { format: json }\n${lines}\n`);
    return file;
  }

  const usual = (): string => `listen: unix:${join(folder(), 's')}\nstore: sqlite:${join(folder(), 'p.db')}`;

  async function start(file: string, listeners = 1): Promise<RunningPostern> {
    return killed(await RunningPostern.start(file, listeners));
  }

  it('defers a stranger, and remembers it across a restart', async () => {
    const file = config(`${usual()}\ngreylist: { delay: 5m }`);
    const first = await start(file);
    expect(await visit(await first.connect(), ALICE)).to.equal(
      '451 4.7.1 Greylisted, please try again in 300 seconds',
    );
    expect(await first.stop()).to.equal(0);
    const second = await start(file);
    expect(await visit(await second.connect(), ALICE)).to.match(
      /^451 4\.7\.1 Greylisted, please try again in \d+ seconds$/,
    );
    const line = await second.logged(({ event }) => event === 'recipient');
    expect(line).to.include({
      verdict: 'tempfail',
      rule: 'greylist',
      reason: 'early',
      from: 'alice@example.net',
    });
  });

  it('listens on all addresses of its list', async () => {
    const service = await start(
      config(`listen: [inet:0@127.0.0.1, "inet6:0@::1", unix:${folder()}/s]\nstore: memory`),
      3,
    );
    for (const address of service.addresses) {
      expect(
        await visit(await service.connect(address), { ...ALICE, recipient: `<${address}@example.org>` }),
      ).to.match(/^451/);
    }
  });

  it('stops on SIGTERM: a message under way ends, an idle connection is closed, a new one is refused', async () => {
    const service = await start(config(`${usual()}\ngreylist: { null_sender: skip }`));
    const idle = await open(await service.connect(), ALICE);
    idle.tell({ kind: 'abort' });
    const idleSocket = await service.connect();
    const closed = once(idleSocket.resume(), 'close');
    const socket = await service.connect();
    const busy = await open(socket, { client: '192.0.2.10', sender: '<>' });
    service.kill('SIGTERM');
    await closed;
    await service.logged(({ event }) => event === 'stopping');
    expect(await rcpt(busy, '<bob@example.org>')).to.equal(null);
    const refused = await service.connect().then(
      (late) => once(late.resume(), 'close'),
      (error: Error) => error,
    );
    expect(refused).to.not.equal(undefined);
    const { answer } = await busy.end();
    expect(answer.kind).to.equal('continue');
    expect(await service.ended()).to.equal(0);
    expect(service.log.at(-1)).to.include({ event: 'stopped', cut: 0 });
  });

  it('rereads its config on SIGHUP, and lets sessions in flight go on by the old one', async () => {
    const file = config(`${usual()}\ngreylist: { delay: 5m }`);
    const service = await start(file);
    const inFlight = await open(await service.connect(), ALICE);
    config(`${usual()}\ngreylist: { delay: 10m }`);
    service.kill('SIGHUP');
    await service.logged(({ event }) => event === 'reloaded');
    expect(await rcpt(inFlight, '<bob@example.org>')).to.contain('300 seconds');
    expect(await visit(await service.connect(), { ...ALICE, recipient: '<carol@example.org>' })).to.contain(
      '600 seconds',
    );
  });

  it('keeps the old config on SIGHUP if the new one is broken, and says what is wrong', async () => {
    const file = config(`${usual()}\ngreylist: { delay: 5m }`);
    const service = await start(file);
    config('listen: nowhere\ngreylist: { dealy: 1m }');
    service.kill('SIGHUP');
    const line = await service.logged(({ event }) => event === 'reload-failed');
    expect(line['msg'])
      .to.contain('the old configuration goes on')
      .and.contain(`${file}:2:9:`)
      .and.contain('did you mean delay');
    expect(await visit(await service.connect(), ALICE)).to.contain('300 seconds');
  });

  it('moves to other addresses on SIGHUP, and stays where it is if it can not', async () => {
    const file = config(usual());
    const service = await start(file);
    const [old] = service.addresses;
    config(`listen: unix:${folder()}/missing/s\nstore: sqlite:${folder()}/p.db`);
    service.kill('SIGHUP');
    const failed = await service.logged(({ event }) => event === 'reload-failed');
    expect(failed['msg']).to.contain(`type: mkdir -p ${folder()}/missing`);
    expect(await visit(await service.connect(old), ALICE)).to.match(/^451/);
    config(`listen: unix:${folder()}/t\nstore: sqlite:${folder()}/p.db`);
    service.kill('SIGHUP');
    await service.logged(({ event }) => event === 'listener-closed');
    await service.logged(({ event }) => event === 'reloaded');
    expect(await visit(await service.connect(`unix:${folder()}/t`), ALICE)).to.match(/^451/);
    const refused = await service.connect(old).catch((error: Error) => error);
    expect(refused).to.be.instanceOf(Error);
  });

  it('keeps the old config on SIGHUP if the file is empty, as while an editor writes it, or a pipe', async () => {
    const file = config(usual());
    const service = await start(file);
    writeFileSync(file, '');
    service.kill('SIGHUP');
    const line = await service.logged(({ event }) => event === 'reload-failed');
    expect(line['msg']).to.contain('there is nothing in it');
    rmSync(file);
    spawnSync('mkfifo', [file]);
    service.kill('SIGHUP');
    await service.until(() => service.log.filter(({ event }) => event === 'reload-failed').length === 2);
    expect(await visit(await service.connect(), ALICE)).to.match(/^451/);
  });

  it('takes another spelling of its address on SIGHUP for the same, and a new socket_mode', async () => {
    const service = await start(config(`listen: unix:${folder()}/s\nstore: memory`));
    config(`listen: local:${folder()}/s\nstore: memory\nsocket_mode: "0600"`);
    service.kill('SIGHUP');
    await service.logged(({ event }) => event === 'reloaded');
    expect((statSync(join(folder(), 's')).mode & 0o777).toString(8)).to.equal('600');
    expect(service.addresses).to.have.length(1);
  });

  it('takes a burst of SIGHUPs for a few, and answers meanwhile', async () => {
    const service = await start(config(usual()));
    for (let n = 0; n < 200; n++) service.kill('SIGHUP');
    expect(await visit(await service.connect(), ALICE)).to.match(/^451/);
    await service.logged(({ event }) => event === 'reloaded');
    expect(await service.stop()).to.equal(0);
    expect(service.log.filter(({ event }) => event === 'reloaded').length).to.be.lessThan(20);
  });

  it('makes its socket anew on SIGHUP if the file was deleted', async () => {
    const service = await start(config(usual()));
    rmSync(join(folder(), 's'));
    service.kill('SIGHUP');
    await service.logged(({ event }) => event === 'reloaded');
    expect(await visit(await service.connect(), ALICE)).to.match(/^451/);
  });

  it("leaves another's socket alone when it stops", async () => {
    const first = await start(config(usual()));
    rmSync(join(folder(), 's'));
    const second = await RunningPostern.start(
      config(`listen: unix:${folder()}/s\nstore: memory`, 'second.yaml'),
    );
    try {
      await first.stop();
      expect(await visit(await second.connect(), ALICE)).to.match(/^451/);
    } finally {
      await second.stop();
    }
  });

  it('writes all of its log before it ends, to whoever reads slowly', async () => {
    const command = [process.execPath, MAIN, 'run', '--config', config(usual())].join(' ');
    const program = spawn('sh', ['-c', `${command} | (sleep 1; cat)`], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    // The service is a child of the shell, by the name that it gives itself.
    const signal = (name: string): void =>
      void spawnSync('pkill', [`-${name}`, '-P', String(program.pid), '-x', 'postern']);
    let log = '';
    try {
      program.stdout.on('data', (chunk: Buffer) => (log += chunk.toString()));
      while (!existsSync(join(folder(), 's'))) await new Promise((resolve) => setImmediate(resolve));
      const mta = await open(await connected(join(folder(), 's')), ALICE);
      for (let n = 0; n < 3000; n++) await rcpt(mta, `<postmaster@d${n}.example.org>`);
      mta.quit();
      signal('TERM');
      await once(program, 'close');
    } finally {
      signal('KILL');
    }
    expect(log.split('\n').filter((line) => line.includes('"event":"recipient"'))).to.have.length(3000);
    expect(log).to.contain('"event":"stopped"');
  });

  it('stops though it is told to reload while it stops', async () => {
    const file = config(`${usual()}\ngreylist: { null_sender: skip }`);
    const service = await start(file);
    const busy = await open(await service.connect(), { client: '192.0.2.10', sender: '<>' });
    expect(await rcpt(busy, '<bob@example.org>')).to.equal(null);
    service.kill('SIGTERM');
    await service.logged(({ event }) => event === 'stopping');
    service.kill('SIGHUP');
    service.kill('SIGHUP');
    await busy.end();
    expect(await service.ended()).to.equal(0);
    expect(service.addresses).to.have.length(1);
    expect(service.log.filter(({ event }) => event === 'reloaded')).to.deep.equal([]);
  });

  it('stops when the terminal that it was started in is closed', async () => {
    const command = [process.execPath, MAIN, 'run', '--config', config(usual())].join(' ');
    const terminal = spawn('script', ['-qec', command, '/dev/null'], { stdio: ['pipe', 'pipe', 'ignore'] });
    stranded = terminal;
    let screen = '';
    terminal.stdout.on('data', (chunk: Buffer) => (screen += chunk.toString()));
    while (!screen.includes(' started, pid ')) await new Promise((resolve) => setImmediate(resolve));
    const pid = Number(/ started, pid (\d+)/.exec(screen)![1]);
    terminal.kill('SIGKILL');
    const runs = (): boolean => existsSync(`/proc/${pid}`) && !zombie(pid);
    while (runs()) await new Promise((resolve) => setImmediate(resolve));
    expect(existsSync(join(folder(), 's'))).to.equal(false);
  });

  it('stops though nobody reads its log', async () => {
    const program = spawn('sh', [
      '-c',
      'exec "$0" "$@" > /dev/full',
      process.execPath,
      MAIN,
      'run',
      '--config',
      config(usual()),
    ]);
    while (!existsSync(join(folder(), 's'))) await new Promise((resolve) => setImmediate(resolve));
    stranded = program;
    program.kill('SIGTERM');
    const [status] = (await once(program, 'exit')) as [number | null];
    expect(status).to.equal(0);
  });

  it('closes only the connection on which nonsense comes, with one line', async () => {
    const service = await start(config(usual()));
    const good = await open(await service.connect(), ALICE);
    const bad = await service.connect();
    bad.write('GET / HTTP/1.1\r\nHost: example.org\r\n\r\n');
    await once(bad.resume(), 'close');
    await service.logged(({ event }) => event === 'connection-fault');
    expect(await rcpt(good, '<bob@example.org>')).to.match(/^451/);
    expect(service.log.filter(({ event }) => event === 'connection-fault')).to.have.length(1);
  });

  it('observes only, with --observe', async () => {
    const file = config(`${usual()}\nobserve: true`);
    const service = await start(file);
    expect(await visit(await service.connect(), ALICE)).to.equal(null);
    const line = await service.logged(({ event }) => event === 'recipient');
    expect(line).to.include({ verdict: 'tempfail', observe: true });
  });

  describe('does not start, with one line that names the cure, one of what becomes of mail, and exit code 1,', () => {
    const refused = (lines: string, env = {}): string => {
      const { status, stderr } = postern(['run', '--config', config(lines)], env);
      expect(status).to.equal(1);
      const [why, meanwhile, ...more] = stderr.trim().split('\n');
      expect(meanwhile).to.match(
        /^postern: not started; .* default_action says(?:, unless another Postern serves it)?$/,
      );
      expect(more).to.deep.equal([]);
      return why!;
    };

    it('if the port is in use', async () => {
      const other = createServer().listen(0, '127.0.0.1');
      await once(other, 'listening');
      const { port } = other.address() as AddressInfo;
      expect(refused(`listen: inet:${port}@127.0.0.1\nstore: memory`)).to.match(
        /port \d+ is in use .*; see: ss -ltnp/,
      );
      other.close();
    });

    it("if the store's directory is missing", () => {
      expect(refused(`listen: unix:${folder()}/s\nstore: sqlite:${folder()}/missing/p.db`)).to.contain(
        `${folder()}/missing`,
      );
    });

    it('if the store is another program’s', () => {
      mkdirSync(join(folder(), 'd'));
      expect(refused(`listen: unix:${folder()}/s\nstore: sqlite:${folder()}/d`)).to.contain(`${folder()}/d`);
    });

    it('if another Postern has the store', async () => {
      await start(config(usual()));
      const message = refused(`listen: unix:${folder()}/t\nstore: sqlite:${folder()}/p.db`);
      expect(message).to.contain('in use by another Postern');
    });

    it('if systemd hands over no socket', () => {
      expect(refused('listen: fd:systemd\nstore: memory')).to.contain('systemd handed over no socket');
    });
  });

  it('prints what this machine lacks beside what is wrong with the config, as check does', () => {
    const file = config(
      `listen: unix:${folder()}/none/s\nstore: sqlite:${folder()}/missing/p.db\ngreylst: {}`,
    );
    const { status, stderr } = postern(['run', '--config', file]);
    expect(status).to.equal(1);
    const places = stderr.split('\n').map((line) => /:(\d:\d+: \w+)/.exec(line)?.[1]);
    expect(places).to.deep.equal(['2:9: listen', '3:8: store', '4:1: unknown', undefined, undefined]);
  });

  it('prints what the right entries of a list lack beside what is wrong with another', () => {
    const lines = `listen: [unix:${folder()}/none/s, inet:99999@127.0.0.1]\nsocket_owner: nobody-of-that-name`;
    const { stderr } = postern(['run', '--config', config(lines)]);
    expect(stderr).to.contain('there is no directory').and.contain('99999');
    expect(stderr).to.match(
      /: socket_owner: there is no user nobody-of-that-name, and Postern does not start/,
    );
  });

  it('prints all that this machine lacks, of which a start meets but one', () => {
    const file = config(`listen: unix:${folder()}/none/s\nstore: sqlite:${folder()}/missing/p.db`);
    const { status, stderr } = postern(['run', '--config', file]);
    expect(status).to.equal(1);
    expect(stderr.match(/: there is no directory/g)).to.have.length(2);
  });

  it('prints what is wrong with tables beside what is wrong with the config', () => {
    const file = config(`listen: 8891\npolicy: [check_client_access cidr:${folder()}/none]`);
    const { status, stderr } = postern(['run', '--config', file]);
    expect(status).to.equal(1);
    expect(stderr)
      .to.contain(`${file}:2:9: listen: `)
      .and.contain(`${file}:3:10: policy: ${folder()}/none: no such file`);
  });

  it('prints all problems of a broken config and does not start', () => {
    const { status, stderr } = postern(['run', '--config', config('listen: 8891\nworkers: 2\nobserv: true')]);
    expect(status).to.equal(1);
    expect(stderr.trim().split('\n')).to.have.length(4);
    expect(stderr).to.match(/\npostern: not started; .* default_action says\n$/);
    expect(stderr).to.contain('not in this version yet').and.contain('did you mean observe');
  });

  it('takes all sockets that systemd hands over, and answers on each', async () => {
    const bound = [createServer(), createServer()].map((server) => server.listen(0, '127.0.0.1'));
    await Promise.all(bound.map((server) => once(server, 'listening')));
    // What systemd does: a socket is bound outside, and only its descriptor is passed on.
    // oxlint-disable-next-line no-underscore-dangle -- Node shows the descriptor nowhere else
    const descriptors = bound.map((server) => (server as unknown as { _handle: { fd: number } })._handle.fd);
    const ports = bound.map((server) => (server.address() as AddressInfo).port);
    const service = killed(
      await RunningPostern.activate(config('listen: fd:systemd\nstore: memory'), descriptors),
    );
    for (const server of bound) server.close();
    expect(service.addresses).to.deep.equal(['fd:systemd (3)', 'fd:systemd (4)']);
    for (const port of ports)
      expect(
        await visit(await service.connect(`inet:${port}@127.0.0.1`), {
          ...ALICE,
          recipient: `<${port}@example.org>`,
        }),
      ).to.match(/^451/);
  });
});

/** Ended, and nobody has asked for its exit code: the first process of a container may not. */
function zombie(pid: number): boolean {
  try {
    return /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return true;
  }
}

async function connected(path: string): Promise<Socket> {
  const socket = connect(path);
  await once(socket, 'connect');
  return socket;
}
