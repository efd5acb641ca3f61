import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { expect } from 'chai';
import { nameServersIn, ResolvConf } from '../../lib/dns/resolv-conf.ts';
import { parseServerAddress, writtenServer } from '../../lib/dns/server-address.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

describe('resolv.conf', () => {
  const cases: readonly (readonly [title: string, text: string, servers: readonly string[]])[] = [
    [
      'names servers in their order',
      'nameserver 192.0.2.53\nnameserver 2001:db8::53\n',
      ['192.0.2.53', '2001:db8::53'],
    ],
    [
      'says nothing else to us',
      'search example.org\noptions rotate timeout:1\nnameserver\t192.0.2.53',
      ['192.0.2.53'],
    ],
    ['may be empty: the server of this machine', '', ['127.0.0.1']],
    [
      'may name none',
      '# nameserver 192.0.2.53\n;nameserver 192.0.2.54\n nameserver 192.0.2.55\n',
      ['127.0.0.1'],
    ],
    [
      'may name what is no address',
      'nameserver ns.example.org\nnameserver 192.0.2.53 # ours',
      ['192.0.2.53'],
    ],
    ['may name a server of one interface', 'nameserver fe80::1%eth0\n', ['fe80::1%eth0']],
    ['may name one twice', 'nameserver 192.0.2.53\nnameserver 192.0.2.53\n', ['192.0.2.53']],
    [
      'may name ports',
      'nameserver [192.0.2.53]:5353\nnameserver 192.0.2.54:54',
      ['192.0.2.53:5353', '192.0.2.54:54'],
    ],
    ['may have been written elsewhere', 'nameserver 192.0.2.53\r\n', ['192.0.2.53']],
  ];
  for (const [title, text, servers] of cases)
    it(title, () => expect(nameServersIn(text)).to.deep.equal(servers));

  it('names eight servers at most', () => {
    const many = Array.from({ length: 300 }, (_, n) => `nameserver 192.0.2.${n}\n`).join('');
    expect(nameServersIn(many)).to.have.length(8);
  });

  describe('that changes', () => {
    const folder = temporaryFolder();
    let clockMs = 0;
    const path = (): string => `${folder()}/resolv.conf`;
    const name = (server: string): void => writeFileSync(path(), `nameserver ${server}\n`);
    function look(file: ResolvConf): readonly string[] {
      clockMs += 1000;
      return file.servers();
    }
    function opened(): ResolvConf {
      return new ResolvConf(path(), () => clockMs);
    }

    it('is read again, and the same as long as it has not', () => {
      name('192.0.2.53');
      const file = opened();
      const before = look(file);
      expect(before).to.deep.equal(['192.0.2.53']);
      expect(look(file)).to.equal(before);
      name('192.0.2.54');
      expect(look(file)).to.deep.equal(['192.0.2.54']);
      writeFileSync(path(), '# only a comment\nnameserver 192.0.2.54\n');
      const after = look(file);
      expect(look(file)).to.equal(after);
    });

    it('is not looked at more than once a second', () => {
      name('192.0.2.53');
      const file = opened();
      look(file);
      name('192.0.2.54');
      expect(file.servers()).to.deep.equal(['192.0.2.53']);
      clockMs += 999;
      expect(file.servers()).to.deep.equal(['192.0.2.53']);
      clockMs += 1;
      expect(file.servers()).to.deep.equal(['192.0.2.54']);
    });

    it('is followed to wherever its link leads', () => {
      for (const [name, server] of [
        ['a', '192.0.2.53'],
        ['b', '192.0.2.54'],
      ])
        writeFileSync(`${folder()}/${name}`, `nameserver ${server}\n`);
      symlinkSync('a', path());
      const file = opened();
      expect(look(file)).to.deep.equal(['192.0.2.53']);
      symlinkSync('b', `${folder()}/new`);
      renameSync(`${folder()}/new`, path());
      expect(look(file)).to.deep.equal(['192.0.2.54']);
    });

    it('is a named pipe that nobody writes to: as if it were not there, and nobody waits', function () {
      this.timeout(30_000);
      expect(spawnSync('mkfifo', [path()]).status).to.equal(0);
      const module = JSON.stringify(new URL('../../lib/dns/resolv-conf.ts', import.meta.url));
      const program = `import { ResolvConf } from ${module}; console.log(new ResolvConf(process.argv[1], () => 0).servers().join());`;
      const args = ['--input-type=module', '-e', program, path()];
      const { stdout } = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 20_000 });
      expect(stdout.trim()).to.equal('127.0.0.1');
    });

    it('is larger than any: only its beginning is read', () => {
      name('192.0.2.53');
      truncateSync(path(), 2 ** 30);
      expect(look(opened())).to.deep.equal(['192.0.2.53']);
    });

    it('is not there for a while', () => {
      const file = opened();
      expect(look(file)).to.deep.equal(['127.0.0.1']);
      name('192.0.2.53');
      expect(look(file)).to.deep.equal(['192.0.2.53']);
      unlinkSync(path());
      expect(look(file)).to.deep.equal(['127.0.0.1']);
      mkdirSync(path());
      expect(look(file)).to.deep.equal(['127.0.0.1']);
      rmSync(path(), { recursive: true });
      name('192.0.2.54');
      chmodSync(path(), 0o644);
      expect(look(file)).to.deep.equal(['192.0.2.54']);
    });
  });
});

describe('The address of a name server', () => {
  const cases: readonly (readonly [written: string, again: string | null])[] = [
    ['192.0.2.53', '192.0.2.53'],
    ['192.0.2.53:53', '192.0.2.53'],
    ['192.0.2.53:5353', '192.0.2.53:5353'],
    ['2001:db8::53', '2001:db8::53'],
    ['[2001:db8::53]', '2001:db8::53'],
    ['[2001:db8::53]:54', '[2001:db8::53]:54'],
    ['[2001:db8::53]:0', null],
    ['192.0.2.53:65536', null],
    ['192.0.2.53:', null],
    ['192.0.2', null],
    ['[192.0.2.53]', null],
    ['localhost', null],
    ['', null],
  ];
  for (const [written, again] of cases)
    it(`${written} is ${again}`, () => {
      const address = parseServerAddress(written);
      expect(address === null ? null : writtenServer(address)).to.equal(again);
    });
});
