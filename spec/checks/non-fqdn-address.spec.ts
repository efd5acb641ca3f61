import { expect } from 'chai';
import { nonFqdnRecipient } from '../../lib/checks/non-fqdn-recipient.ts';
import { nonFqdnSender } from '../../lib/checks/non-fqdn-sender.ts';
import { NEVER, session } from './session.ts';

describe('An address whose domain is to be fully qualified', () => {
  const cases: readonly [path: string, result: string, written: string][] = [
    ['<bob@example.org>', 'ok', 'bob@example.org'],
    ['<bob@Example.org.>', 'ok', 'bob@Example.org.'],
    ['<bob@[192.0.2.1]>', 'ok', 'bob@[192.0.2.1]'],
    ['<bob@bücher.example>', 'ok', 'bob@bücher.example'],
    ['<bob@localhost>', 'not_fqdn', 'bob@localhost'],
    ['<bob@example.org..>', 'not_fqdn', 'bob@example.org..'],
    ['<bob@192.0.2.1>', 'not_fqdn', 'bob@192.0.2.1'],
    ['<bob@a b.example>', 'not_fqdn', 'bob@a b.example'],
    ['<bob@>', 'not_fqdn', 'bob'],
    ['<bob>', 'not_fqdn', 'bob'],
  ];
  for (const [path, result, written] of cases) {
    it(`may be ${path}: ${result}`, () => {
      expect(nonFqdnSender.run(session({ from: path }), NEVER)).to.deep.equal({
        result,
        facts: { sender: written },
      });
      expect(nonFqdnRecipient.run(session({ to: path }), NEVER)).to.deep.equal({
        result,
        facts: { recipient: written },
      });
    });
  }

  it('may be the null sender', () => {
    expect(nonFqdnSender.run(session({ from: '<>' }), NEVER)).to.include({ result: 'ok' });
  });

  it('may be the bare postmaster as a recipient, not as a sender', () => {
    expect(nonFqdnRecipient.run(session({ to: '<PostMaster>' }), NEVER)).to.include({ result: 'ok' });
    expect(nonFqdnSender.run(session({ from: '<postmaster>' }), NEVER)).to.include({ result: 'not_fqdn' });
  });
});
