/** What is one organisation's: lists are asked about it, and greylisting knows hosts by it. */

import { expect } from 'chai';
import { registeredDomain } from '../../lib/lists/registered-domain.ts';

describe('The registered domain', () => {
  for (const [name, domain] of [
    ['example.com', 'example.com'],
    ['a.mx.example.com', 'example.com'],
    ['mx.example.co.uk', 'example.co.uk'],
    ['mx.example.xn--p1ai', 'example.xn--p1ai'],
    ['com', null],
    ['co.uk', null],
    // The private section: two customers of one company are two organisations.
    ['mx.alice.github.io', 'alice.github.io'],
    ['mx.bob.github.io', 'bob.github.io'],
    ['github.io', null],
    ['localhost', null],
    ['', null],
  ] as const)
    it(`of ${name} is ${domain}`, async () => {
      expect(await registeredDomain(name)).to.equal(domain);
    });
});
