import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { Resolver } from 'node:dns/promises';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

describe("The bench's far lists", () => {
  let server: ChildProcessWithoutNullStreams;
  let dns: Resolver;
  before(async () => {
    server = spawn(process.execPath, [fileURLToPath(new URL('far-lists.ts', import.meta.url)), '0', '1']);
    const [ready] = (await once(server.stdout, 'data')) as [Buffer];
    dns = new Resolver();
    dns.setServers([`127.0.0.1:${/ready (\d+)/.exec(ready.toString())![1]!}`]);
  });
  after(() => server.stdin.end());

  it('have their test point, for an hour', async () => {
    expect(await dns.resolve4('2.0.0.127.l1.lists.example', { ttl: true })).to.deep.equal([
      { address: '127.0.0.2', ttl: 3600 },
    ]);
  });

  for (const name of ['1.0.0.127.l1.lists.example', '10.2.0.192.l12.LISTS.example', 'example.org'])
    it(`have no ${name}`, async () => {
      const code = await dns.resolve4(name).catch((error: NodeJS.ErrnoException) => error.code);
      expect(code).to.equal('ENOTFOUND');
    });

  it('answer many at once', async () => {
    const names = Array.from({ length: 200 }, (_, n) => `${n}.2.0.192.l${n % 12}.lists.example`);
    const codes = await Promise.all(
      names.map((name) => dns.resolve4(name).catch((error: NodeJS.ErrnoException) => error.code)),
    );
    expect(new Set(codes)).to.deep.equal(new Set(['ENOTFOUND']));
  });
});
