/** What is one organisation's: lists are asked about it, and greylisting knows hosts by it. */

import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
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

  // In a process of its own: here the list has been loaded.
  it('is told again when the list, away while its files were being replaced, is back', () => {
    const told = execFileSync(process.execPath, ['--input-type=module', '--eval', SCRIPT], {
      encoding: 'utf8',
    });
    expect(JSON.parse(told)).to.deep.equal(['away', 'example.com']);
  });
});

const SCRIPT = `
  import { registerHooks } from 'node:module';
  import { registeredDomain } from '${new URL('../../lib/lists/registered-domain.ts', import.meta.url).href}';
  let isAway = true;
  registerHooks({
    resolve(name, context, next) {
      if (isAway && name === 'tldts') throw new Error('away');
      return next(name, context);
    },
  });
  const first = await registeredDomain('mx.example.com').catch((error) => error.message);
  isAway = false;
  console.log(JSON.stringify([first, await registeredDomain('mx.example.com')]));`;
