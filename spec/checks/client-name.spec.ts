import { expect } from 'chai';
import { unknownClientHostname } from '../../lib/checks/unknown-client-hostname.ts';
import { unknownReverseClientHostname } from '../../lib/checks/unknown-reverse-client-hostname.ts';
import type { Client } from '../../lib/mail/session.ts';
import { client, NEVER, session } from './session.ts';

type Case = readonly [title: string, facts: Partial<Client>, reverse: string, confirmed: string];

describe("A client's name", () => {
  const cases: readonly Case[] = [
    ['confirmed', {}, 'ok', 'ok'],
    ['confirmed, from an MTA that says nothing else', { ptr: null, resolve: null }, 'ok', 'ok'],
    ['absent', { ptr: null, name: null, resolve: 'fail' }, 'unknown', 'unknown'],
    ['not leading back', { name: null, resolve: 'forged' }, 'ok', 'unknown'],
    [
      'not leading back, from an MTA that does not tell it',
      { ptr: null, name: null, resolve: 'forged' },
      'ok',
      'unknown',
    ],
    ['found, but its addresses not', { name: null, resolve: 'temp' }, 'ok', 'temperror'],
    ['not found for a failure', { ptr: null, name: null, resolve: 'temp' }, 'temperror', 'temperror'],
    ['not told', { ptr: null, name: null, resolve: null }, 'ok', 'ok'],
    ['of a program on this machine', { ptr: null, name: null, resolve: null, submitted: true }, 'ok', 'ok'],
  ];
  for (const [title, facts, reverse, confirmed] of cases) {
    it(`that is ${title} is ${reverse} as a reverse name and ${confirmed} as a name`, () => {
      const { address: _, ...rest } = facts;
      const given = session({ client: client(rest) });
      expect(unknownReverseClientHostname.run(given, NEVER)).to.include({ result: reverse });
      expect(unknownClientHostname.run(given, NEVER)).to.include({ result: confirmed });
    });
  }

  it('comes with the address for the reply', () => {
    const nameless = session({ client: client({ ptr: null, name: null, resolve: 'fail' }) });
    expect(unknownClientHostname.run(nameless, NEVER)).to.deep.equal({
      result: 'unknown',
      facts: { address: '192.0.2.10' },
    });
    const forged = session({ client: client({ address: 'none', name: null, resolve: 'forged' }) });
    expect(unknownClientHostname.run(forged, NEVER)).to.deep.equal({
      result: 'unknown',
      facts: { address: 'unknown', ptr: 'mx.example.net' },
    });
  });
});
