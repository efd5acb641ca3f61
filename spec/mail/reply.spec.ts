import { expect } from 'chai';
import { formatReply, reject, tempfail } from '../../lib/mail/reply.ts';

describe('A reply', () => {
  it('is written as SMTP writes it', () => {
    expect(formatReply(tempfail(451, '4.7.1', 'Greylisted'))).to.equal('451 4.7.1 Greylisted');
  });

  it("can't carry bytes that would end its line", () => {
    expect(reject(550, '5.7.1', 'no\r\n250 ok \u00e9\0').text).to.equal('no??250 ok ??');
  });

  it("can't be a tempfail with a 5xx code", () => {
    expect(() => tempfail(550, '4.7.1', 'x')).to.throw(RangeError, '550 is not a 4xx code');
  });
});
