import { expect } from 'chai';
import { caveats } from '../../lib/explain/caveats.ts';
import type { Step } from '../../lib/explain/trace.ts';

function step(command: string, reply: string | null = null): Step {
  return {
    command,
    line: null,
    at: '',
    decisions: [],
    reply,
    headers: [],
    changes: [],
    log: [],
    differs: [],
  };
}

describe('What explain can not know', () => {
  for (const path of ['<x@ evil.example>', '<evil.example!x>', '<"a b"@example.net>', '<postmaster>'])
    it(`is what Postfix takes ${path} for`, () => {
      expect(caveats([step(`MAIL FROM:${path}`)])[0]).to.match(
        /^MAIL FROM:.*may take this for another address/,
      );
    });

  it('is nothing of a plain session', () => {
    const plain = [
      'CONNECT 192.0.2.10 mx.example.net',
      'HELO mx',
      'MAIL FROM:<>',
      'RCPT TO:<bob+x@example.org>',
    ];
    expect(caveats(plain.map((command) => step(command)))).to.deep.equal([]);
    expect(caveats([step('RCPT TO:<bob@example.org>', '550 5.7.1 no')])).to.deep.equal([]);
  });

  it('is when the client hears of a refusal at HELO', () => {
    expect(caveats([step('HELO x', '550 5.7.1 no')])[0]).to.contain('at MAIL, and keep to it');
  });
});
