/** Which fields of a stranger's message go, and in which order. */

import { expect } from 'chai';
import { InboundFields } from '../../lib/headers/inbound-fields.ts';

const OWN = 'mx.example.org';

function removed(...fields: readonly (readonly [name: string, value: string])[]): string[] {
  const inbound = new InboundFields();
  for (const [name, value] of fields) inbound.see(name, value, OWN);
  return inbound.removals().map(({ name, index }) => `${name} ${index}`);
}

describe('Of what a message brings along', () => {
  it('goes what only we may say, each counted among the fields of its name, the last one first', () => {
    expect(
      removed(
        ['Authentication-Results', 'mx.example.net; dkim=pass'],
        ['AUTHENTICATION-RESULTS', 'mx.example.org; spf=pass'],
        ['Received', 'from x by y'],
        ['X-Dnsbl-Result', 'mx.example.org; ip=192.0.2.1'],
        ['Authentication-Results', 'MX.example.org; dkim=pass'],
        ['X-Greylist', 'delayed 300 seconds by postgrey at mx.example.net'],
        ['Received-SPF', 'pass'],
        ['authentication-results', 'mx.example.com; spf=fail'],
        ['ARC-Authentication-Results', 'i=1; mx.example.org; spf=pass'],
      ),
    ).to.deep.equal([
      'arc-authentication-results 1',
      'received-spf 1',
      'x-greylist 1',
      'authentication-results 3',
      'x-dnsbl-result 1',
      'authentication-results 2',
    ]);
  });

  it('stays what others have said, and whatever is none of our business', () => {
    expect(
      removed(
        ['Authentication-Results', 'mx.example.net; dkim=pass'],
        ['X-Authentication-Results', 'mx.example.org; spf=pass'],
        ['Subject', 'mx.example.org; spf=pass'],
        ['DKIM-Signature', 'v=1'],
      ),
    ).to.deep.equal([]);
  });

  it('may have blanks before its colon', () => {
    expect(removed(['Authentication-Results \t', 'mx.example.org; spf=pass'])).to.deep.equal([
      'authentication-results 1',
    ]);
  });

  it('is remembered within bounds', () => {
    const inbound = new InboundFields();
    for (let n = 0; n < 1000; n++) inbound.see('X-Greylist', '', OWN);
    expect([inbound.tooMany, inbound.removals().length]).to.deep.equal([false, 1000]);
    inbound.see('Authentication-Results', 'mx.example.net; none', OWN);
    expect(inbound.tooMany).to.equal(false);
    for (let n = 0; n < 1000; n++) inbound.see('X-Greylist', '', OWN);
    expect([inbound.tooMany, inbound.removals().length]).to.deep.equal([true, 1000]);
  });
});
