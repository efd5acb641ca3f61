import { expect } from 'chai';
import { isMultiRecipientBounce } from '../../lib/checks/multi-recipient-bounce.ts';

describe('A message to several recipients', () => {
  it('is a forged bounce when it comes from <>', () => {
    expect(isMultiRecipientBounce(null, 2)).to.equal(true);
    expect(isMultiRecipientBounce(null, 1)).to.equal(false);
    expect(isMultiRecipientBounce({ local: 'alice', domain: 'example.net' }, 2)).to.equal(false);
  });
});
