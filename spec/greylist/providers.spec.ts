/** Which large senders are known, by what they prove, and what a file of them may hold. */

import { expect } from 'chai';
import { bundledProviders, Providers, readProviders } from '../../lib/greylist/providers.ts';

describe('A provider', () => {
  const providers = new Providers([
    { name: 'big', ptr: ['out.example.com'], spf: ['example.com', 'example.net'] },
    { name: 'other', ptr: ['example.org'], spf: [] },
  ]);
  const rows: readonly (readonly [
    clientName: string | null,
    spfDomain: string | null,
    name: string | null,
  ])[] = [
    ['mx1.out.example.com', null, 'big'],
    ['out.example.com', null, 'big'],
    ['xout.example.com', null, null],
    ['mx.example.com', null, null],
    [null, 'example.net', 'big'],
    [null, 'mail.example.net', 'big'],
    [null, 'example.net.example.edu', null],
    [null, 'com', null],
    [null, '', null],
    ['mx.example.org', 'example.net', 'other'],
    [null, null, null],
  ];
  for (const [clientName, spfDomain, name] of rows)
    it(`by the name ${clientName} and SPF ${spfDomain} is ${name}`, () => {
      expect(providers.find({ clientName, spfDomain })).to.equal(name);
    });

  it('is one of those that come with Postern, each of whom has some domain', () => {
    const all = bundledProviders();
    expect(all.map(({ name }) => name)).to.include.members(['google', 'microsoft', 'yahoo', 'apple']);
    expect(all.filter(({ ptr, spf }) => ptr.length + spf.length === 0)).to.deep.equal([]);
  });

  for (const [what, value] of [
    ['no object', []],
    ['version', { date: '2026-11-21', providers: [] }],
    ['version', { version: '2.0', date: '2026-11-21', providers: [] }],
    ['date', { version: '1.0', date: 'today', providers: [] }],
    ['providers', { version: '1.0', date: '2026-11-21', providers: {} }],
    ['provider 1', { version: '1.0', date: '2026-11-21', providers: [{ name: 'x', ptr: ['com'] }] }],
    ['provider 1', { version: '1.0', date: '2026-11-21', providers: [{ name: 'X y' }] }],
    ['provider 2', { version: '1.0', date: '2026-11-21', providers: [{ name: 'x' }, { name: 'x' }] }],
  ] as const)
    it(`is read from no file that is wrong: ${what} ${JSON.stringify(value)}`, () => {
      const read = readProviders(value);
      expect(read.ok ? '' : read.what).to.include(what);
    });

  it('may have keys of a later version', () => {
    const later = {
      version: '1.7',
      date: '2027-01-01',
      more: 1,
      providers: [{ name: 'x', ptr: [], dkim: [] }],
    };
    expect(readProviders(later)).to.deep.equal({
      ok: true,
      date: '2027-01-01',
      providers: [{ name: 'x', ptr: [], spf: [] }],
    });
  });
});
