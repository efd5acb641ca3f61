import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { expect } from 'chai';
import { parseListenAddress } from '../../lib/config/address.ts';
import type { ListenAddress } from '../../lib/config/address.ts';
import { StartError } from '../../lib/server/fault.ts';
import { listen } from '../../lib/server/listener.ts';
import type { Listener } from '../../lib/server/listener.ts';
import { placeSocket } from '../../lib/server/unix-socket.ts';
import type { SocketAccess } from '../../lib/server/unix-socket.ts';
import { smallDisk } from '../support/small-disk.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { without } from '../support/without.ts';

type Bound = Exclude<ListenAddress, { kind: 'systemd' }>;

function address(written: string): Bound {
  const parsed = parseListenAddress(written);
  if (parsed.kind !== 'tcp' && parsed.kind !== 'unix') throw new Error(`not an address: ${written}`);
  return parsed;
}

const ANYBODY: SocketAccess = { mode: 0o666, owner: null };

/** What the kernel is told of TCP_NODELAY from now on, for any socket. Node has no way to ask it what holds. */
function noDelayTold(socket: Socket): { values: boolean[]; stop(): void } {
  const { _handle: handle } = socket as unknown as { _handle: object };
  const handles = Object.getPrototypeOf(handle) as {
    setNoDelay: (this: object, on: boolean) => number;
  };
  const { setNoDelay } = handles;
  const values: boolean[] = [];
  handles.setNoDelay = function (on) {
    values.push(on);
    return setNoDelay.call(this, on);
  };
  return { values, stop: () => void (handles.setNoDelay = setNoDelay) };
}

describe('A listener', () => {
  const mount = smallDisk(() => folder());
  const folder = temporaryFolder();
  const open: Listener[] = [];

  afterEach(async () => {
    await Promise.all(open.splice(0).map((listener) => listener.close()));
  });

  async function bind(written: string, access = ANYBODY): Promise<Listener> {
    const accept = (socket: Socket): void => void socket.on('error', () => {}).end('hello');
    const listener = await listen(address(written), { access, accept, fault: () => {} });
    open.push(listener);
    return listener;
  }

  async function refusal(written: string, access = ANYBODY): Promise<string> {
    try {
      await bind(written, access);
    } catch (error) {
      if (error instanceof StartError) return error.message;
      throw error;
    }
    throw new Error(`${written} could be bound`);
  }

  function greeting(where: string | number, host?: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket = typeof where === 'string' ? connect(where) : connect(where, host);
      let text = '';
      socket.on('data', (chunk) => (text += chunk.toString()));
      socket.on('end', () => resolve(text));
      socket.on('error', reject);
    });
  }

  for (const [written, host] of [
    ['inet:0@127.0.0.1', '127.0.0.1'],
    ['inet:127.0.0.1:0', '127.0.0.1'],
    ['inet6:0@::1', '::1'],
    ['inet:[::1]:0', '::1'],
    ['inet:0@localhost', '127.0.0.1'],
  ] as const) {
    it(`takes connections on ${written}, and says which port it got`, async () => {
      const listener = await bind(written);
      const port = Number(/:(\d+)(?:@|$)/.exec(listener.address)?.[1]);
      expect(port).to.be.greaterThan(0);
      expect(await greeting(port, host)).to.equal('hello');
    });
  }

  it('has each answer leave at once (TCP_NODELAY)', async () => {
    const listener = await bind('inet:0@127.0.0.1');
    const socket = connect(Number(/:(\d+)@/.exec(listener.address)?.[1]), '127.0.0.1').resume();
    const told = noDelayTold(socket);
    try {
      await once(socket, 'end');
    } finally {
      told.stop();
    }
    expect(told.values.at(-1)).to.equal(true);
  });

  it('makes its unix socket with the mode of socket_mode', async () => {
    const path = join(folder(), 's');
    await bind(`unix:${path}`, { mode: 0o660, owner: null });
    expect((statSync(path).mode & 0o777).toString(8)).to.equal('660');
    expect(await greeting(path)).to.equal('hello');
  });

  it('makes its unix socket where nobody can connect before it has its mode', async () => {
    const path = join(folder(), 's');
    const server = createServer();
    let bound: number | null = null;
    await placeSocket(path, ANYBODY, async (making) => {
      server.listen(making);
      await once(server, 'listening');
      bound = statSync(making).mode & 0o777;
      return server;
    });
    server.close();
    expect(bound).to.equal(0);
    expect((statSync(path).mode & 0o777).toString(8)).to.equal('666');
  });

  it('gives its unix socket to socket_owner, by name or by number', async function () {
    if (process.getuid?.() !== 0) without(this, 'socket_owner', 'root');
    const path = join(folder(), 's');
    await bind(`unix:${path}`, { mode: 0o600, owner: { user: 'nobody', group: 'daemon' } });
    const { uid, gid } = statSync(path);
    const id = (...words: string[]): number => Number(spawnSync('id', words, { encoding: 'utf8' }).stdout);
    expect([uid, gid]).to.deep.equal([id('-u', 'nobody'), id('-g', 'daemon')]);
    const other = join(folder(), 't');
    await bind(`unix:${other}`, { mode: 0o600, owner: { user: '65534', group: '1' } });
    expect(statSync(other).gid).to.equal(1);
  });

  it('names a socket_owner that does not exist', async () => {
    const path = join(folder(), 's');
    expect(
      await refusal(`unix:${path}`, { mode: 0o600, owner: { user: 'no-such-user', group: null } }),
    ).to.equal('socket_owner: no such user: no-such-user; see: getent passwd');
  });

  it('replaces a socket that a dead process left behind', async () => {
    const path = join(folder(), 's');
    // A process that is killed does not remove its socket.
    const program = `require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 9))`;
    spawnSync(process.execPath, ['-e', program]);
    expect(existsSync(path)).to.equal(true);
    await bind(`unix:${path}`);
    expect(await greeting(path)).to.equal('hello');
  });

  it('leaves a socket alone on which somebody answers', async () => {
    const path = join(folder(), 's');
    await bind(`unix:${path}`);
    expect(await refusal(`unix:${path}`)).to.match(/another process is listening there/);
    expect(await greeting(path)).to.equal('hello');
  });

  it('leaves a file alone that is not a socket', async () => {
    const path = join(folder(), 'precious');
    writeFileSync(path, 'precious');
    expect(await refusal(`unix:${path}`)).to.match(/not a socket/);
    expect(statSync(path).size).to.equal(8);
  });

  it('says who has the port', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as AddressInfo;
    const message = await refusal(`inet:${port}@127.0.0.1`);
    other.close();
    expect(message).to.equal(
      `listen: inet:${port}@127.0.0.1: port ${port} is in use (postern already running?); see: ss -ltnp 'sport = :${port}'`,
    );
  });

  it('says which directory is missing', async () => {
    const missing = join(folder(), 'missing');
    const message = await refusal(`unix:${missing}/s`);
    expect(message).to.equal(`listen: unix:${missing}/s: no such directory; type: mkdir -p ${missing}`);
  });

  it('says which directory it may not write in', function () {
    if (process.getuid?.() !== 0) without(this, 'a directory of another user', 'root');
    const closed = join(folder(), 'closed');
    mkdirSync(closed);
    expect(refusalToNobody(`${closed}/s`)).to.match(
      /not allowed to write in .*\/closed; make it writable for uid 65534/,
    );
  });

  it('says whose dead socket it may not ask, and what to type', function () {
    if (process.getuid?.() !== 0) without(this, 'a socket of another user', 'root');
    const theirs = join(folder(), 'theirs');
    mkdirSync(theirs);
    chmodSync(folder(), 0o755);
    chownSync(theirs, 65_534, 65_534);
    const program = `require('net').createServer().listen('${theirs}/s', () => process.kill(process.pid, 9))`;
    spawnSync(process.execPath, ['-e', program]);
    chmodSync(`${theirs}/s`, 0o600);
    const told = refusalToNobody(`${theirs}/s`);
    expect(told).to.match(
      /there is a socket of user id 0, and user id 65534 may not ask whether anybody listens/,
    );
    spawnSync('sh', ['-c', told.slice(told.indexOf('type: ') + 'type: '.length)]);
    expect(refusalToNobody(`${theirs}/s`)).to.equal('');
  });

  for (const [written, told] of [
    ['file/s', /^listen: .*: .*\/file is no directory; choose another path$/],
    ['circle/s', /^listen: .*: .*\/circle\/s leads in a circle; see: namei .*\/circle\/s$/],
  ] as const)
    it(`says what is wrong with the path of unix:${written}`, async () => {
      writeFileSync(join(folder(), 'file'), '');
      symlinkSync('circle', join(folder(), 'circle'));
      expect(await refusal(`unix:${join(folder(), written)}`)).to.match(told);
    });

  it('closes though its socket can not be removed any more', async function () {
    const disk = mount();
    if (disk === null) return this.skip();
    const path = join(disk, 's');
    const listener = await bind(`unix:${path}`);
    spawnSync('mount', ['-o', 'remount,ro', disk]);
    await listener.close();
    expect(existsSync(path)).to.equal(true);
  });

  it('says that an address of one interface needs its name', async () => {
    expect(await refusal('inet6:8891@fe80::1')).to.equal(
      'listen: inet6:8891@fe80::1: fe80::1 is an address of one interface: write it too, fe80::1%eth0',
    );
  });

  it('says that an address is not of this machine', async () => {
    expect(await refusal('inet:8891@192.0.2.1')).to.equal(
      'listen: inet:8891@192.0.2.1: this machine has no address 192.0.2.1; see: ip address',
    );
  });
});

/** What is said to nobody (root may do anything) who would listen at `path`; empty: nothing, he may. */
function refusalToNobody(path: string): string {
  const program = `
    process.setgid(65534); process.setuid(65534);
    const { listen } = await import(${JSON.stringify(new URL('../../lib/server/listener.ts', import.meta.url).href)});
    const address = { kind: 'unix', path: '${path}', written: 'unix:${path}' };
    await listen(address, { access: { mode: 0o600, owner: null } })
      .then((listener) => listener.close(), (error) => console.log(error.message));`;
  return spawnSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' }).stdout;
}
