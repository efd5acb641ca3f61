/** Which providers a config spares: those that came with Postern, a newer file's, none, and some of them switched off. */

import { expect } from 'chai';
import type { ListFiles } from '../../lib/config/list-files.ts';
import { readConfig } from '../../lib/config/read-config.ts';

const NEWER = {
  version: '1.4',
  date: '2027-01-01',
  providers: [{ name: 'newer', ptr: ['out.example.com'], spf: ['example.com'] }],
};

const FILES: ListFiles = {
  read: (path) => ({ ok: true, text: path === '/etc/newer.json' ? JSON.stringify(NEWER) : '{' }),
  variable: () => undefined,
};

/** By SPF for gmail.com and for example.com, and by a confirmed name below google.com; and what is said. */
function found(lines: string): readonly [...(string | null)[]] {
  const loaded = readConfig(`greylist: { ${lines} }\n`, 'postern.yaml', {
    stateDirectory: '/nonexistent',
    files: FILES,
  });
  if (!loaded.ok) throw new Error(loaded.problems.map(({ what }) => what).join('; '));
  const { providers } = loaded.config.greylist;
  return [
    providers.find({ clientName: null, spfDomain: 'gmail.com' }),
    providers.find({ clientName: null, spfDomain: 'example.com' }),
    providers.find({ clientName: 'mail-1.google.com', spfDomain: null }),
    ...loaded.warnings.map(({ what }) => what),
  ];
}

describe('The providers of a config', () => {
  for (const [lines, expected] of [
    ['delay: 60s', ['google', null, 'google']],
    ['providers: bundled', ['google', null, 'google']],
    ['providers: none', [null, null, null]],
    ['providers_off: [google, yahoo]', [null, null, null]],
    ['providers_off: [yahoo]', ['google', null, 'google']],
    ['providers: /etc/newer.json', [null, 'newer', null]],
    ['providers: /etc/newer.json, providers_off: [newer]', [null, null, null]],
  ] as const)
    it(`with ${lines} are found as ${expected.join(', ')}`, () => {
      expect(found(lines)).to.deep.equal(expected);
    });

  it('are those that came with Postern while a file of others is broken, and that is said', () => {
    const [...all] = found('providers: /etc/broken.json');
    expect(all.slice(0, 3)).to.deep.equal(['google', null, 'google']);
    expect(all[3]).to.match(/broken\.json.*the providers that came with Postern stay in use/);
  });
});
