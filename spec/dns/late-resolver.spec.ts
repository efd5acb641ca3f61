import { expect } from 'chai';
import { lateResolver } from '../../lib/dns/late-resolver.ts';
import { NodeResolver } from '../../lib/dns/node-resolver.ts';
import { resolverContract } from './resolver-contract.ts';

describe('A resolver that is made when it is asked', () => {
  resolverContract((servers, timeoutMs) =>
    lateResolver(() => Promise.resolve(new NodeResolver({ servers, timeoutMs }))),
  );

  it('is made once, and not before', async () => {
    let made = 0;
    const resolver = lateResolver(() => {
      made += 1;
      return Promise.resolve(new NodeResolver({ servers: ['127.0.0.1:1'], timeoutMs: 50 }));
    });
    expect(made).to.equal(0);
    const signal = AbortSignal.abort();
    await Promise.all([resolver.a('example.org', signal), resolver.mx('example.org', signal)]);
    expect(made).to.equal(1);
  });
});
