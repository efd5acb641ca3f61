import { expect } from 'chai';
import { multiRecipientBounce } from '../../lib/checks/multi-recipient-bounce.ts';
import { NEVER, session } from './session.ts';

describe('A message to several recipients', () => {
  const cases: readonly [from: string, recipients: number, result: string][] = [
    ['<>', 2, 'several'],
    ['<>', 1, 'no'],
    ['<alice@example.net>', 2, 'no'],
  ];
  for (const [from, recipients, result] of cases)
    it(`from ${from} to ${recipients}: ${result === 'no' ? 'may be real' : 'is a forged bounce'}`, async () => {
      expect((await multiRecipientBounce.run(session({ from, recipients }), NEVER)).result).to.equal(result);
    });
});
