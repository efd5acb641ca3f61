import { StubResolver } from '../../lib/dns/stub-resolver.ts';
import { resolverContract } from './resolver-contract.ts';

describe('The resolver of our own', () => {
  resolverContract((servers, timeoutMs) => new StubResolver({ servers, timeoutMs, now: Date.now }));
});
