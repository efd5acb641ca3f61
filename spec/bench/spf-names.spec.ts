import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { NEVER } from '../../lib/dns/resolver.ts';
import { StubResolver } from '../../lib/dns/stub-resolver.ts';
import { parseMailbox } from '../../lib/mail/mailbox.ts';
import { parseAddress } from '../../lib/mail/network.ts';
import type { SpfFound } from '../../lib/spf/evaluator.ts';
import { MailauthEvaluator } from '../../lib/spf/mailauth-evaluator.ts';
import { identity } from './identity.ts';
import { portOf } from './port-of.ts';

describe("The bench's SPF names", () => {
  let server: ChildProcessWithoutNullStreams;
  let evaluator: MailauthEvaluator;
  before(async () => {
    const program = fileURLToPath(new URL('spf-names.ts', import.meta.url));
    server = spawn(process.execPath, [program, '127.0.0.1', '0']);
    const servers = [`127.0.0.1:${await portOf(server)}`];
    evaluator = new MailauthEvaluator(
      new StubResolver({ servers, timeoutMs: 2000, now: () => performance.now() }),
    );
  });
  after(() => server.stdin.end());

  function found(which: 'helo' | 'mailfrom', n: number, client: string): Promise<SpfFound> {
    const { host, sender } = identity(n);
    const [ip, mailbox] = [parseAddress(client)!, parseMailbox(sender)];
    const question = { identity: which, ip, helo: host, sender: mailbox, receiver: 'mx.example.org' };
    return evaluator.evaluate(question, NEVER);
  }

  for (const n of [0, 7, 1_234_567])
    it(`pass the client ${n} of the load, and no other`, async () => {
      const { address } = identity(n);
      for (const which of ['helo', 'mailfrom'] as const) {
        expect(await found(which, n, address)).to.include({ result: 'pass', wide: false });
        expect(await found(which, n, '198.18.0.1')).to.include({ result: 'fail' });
      }
    });
});
