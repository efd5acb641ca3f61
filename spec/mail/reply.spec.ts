import { expect } from 'chai';
import { formatReply, reject, tempfail } from '../../lib/mail/reply.ts';
import { formatDate, greylistHeader } from '../../lib/mail/header.ts';

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

describe('The X-Greylist header', () => {
  it('has the delay, the host and an RFC 5322 date', () => {
    const value = greylistHeader(305, 'mx.example.com', Date.parse('2026-11-21T10:00:00Z'));
    expect(value).to.match(
      /^delayed 305 seconds by postern at mx\.example\.com; \w{3}, 2\d Nov 2026 \d\d:\d\d:00 [+-]\d{4}$/,
    );
  });

  it('gives the same moment in whatever time zone it is written', () => {
    const now = Date.parse('2026-03-29T00:59:59Z');
    expect(Date.parse(formatDate(now))).to.equal(now);
  });

  it("can't be ended early by what the MTA calls itself", () => {
    expect(greylistHeader(1, 'mx\r\nX-Evil: 1', 0)).not.to.match(/[\r\n]/);
  });
});
