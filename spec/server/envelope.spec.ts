import { expect } from 'chai';
import { parseAddress } from '../../lib/mail/network.ts';
import type { Client } from '../../lib/mail/session.ts';
import { found } from '../../lib/policy/finding.ts';
import type { Decision } from '../../lib/policy/verdict.ts';
import { Envelope, keep } from '../../lib/server/envelope.ts';
import type { Judged, Recipient } from '../../lib/server/envelope.ts';

const CLIENT: Client = {
  address: parseAddress('192.0.2.10'),
  ptr: null,
  name: null,
  resolve: null,
  daemon: null,
  submitted: false,
};

/** Somebody who was let in. */
const PERMIT: Decision = { verdict: { action: 'permit' }, rule: null, reason: '' };
const AT_RCPT: Omit<Recipient, 'path' | 'session' | 'scope'> = {
  atRcpt: PERMIT,
  decision: PERMIT,
  told: false,
  stage: 'rcpt',
  queueId: null,
  ms: 0,
};

/** A session with a message whose first recipient is about to be judged. */
function begun(): { readonly envelope: Envelope; readonly judged: Judged } {
  const envelope = new Envelope('s');
  envelope.connect(CLIENT);
  envelope.helo('first.example.net', null);
  envelope.mail({ path: '<alice@example.net>', taken: null, auth: 'alice', size: 1000 });
  return { envelope, judged: envelope.recipient('<bob@example.org>', null)! };
}

describe('An envelope', () => {
  it('has all facts of a recipient', () => {
    expect(begun().judged.session).to.deep.equal({
      id: 's',
      client: CLIENT,
      helo: 'first.example.net',
      tls: null,
      sender: { local: 'alice', domain: 'example.net' },
      auth: 'alice',
      size: 1000,
      recipient: { local: 'bob', domain: 'example.org' },
      recipients: 1,
    });
  });

  it('keeps what was found about the client for the next message, and forgets what was about the sender', () => {
    const { envelope, judged } = begun();
    judged.scope.of('connect').keep('client', found('yes'));
    judged.scope.of('mail').keep('sender', found('yes'));
    envelope.mail({ path: '<carol@example.net>', taken: null, auth: null, size: null });
    const { scope, session } = envelope.recipient('<bob@example.org>', null)!;
    expect(scope.get('client')).to.deep.equal(found('yes'));
    expect(scope.get('sender')).to.equal(undefined);
    expect(session.auth).to.equal(null);
  });

  it('forgets at a second HELO what rested on the first, and the message with it', () => {
    const { envelope, judged } = begun();
    judged.scope.of('helo').keep('name', found('yes'));
    envelope.helo('second.example.net', null);
    expect(envelope.message).to.equal(null);
    envelope.mail({ path: '<alice@example.net>', taken: null, auth: null, size: null });
    const { scope, session } = envelope.recipient('<bob@example.org>', null)!;
    expect(session.helo).to.equal('second.example.net');
    expect(scope.get('name')).to.equal(undefined);
  });

  it('does not take a recipient outside a message', () => {
    const { envelope } = begun();
    envelope.endMessage();
    expect(envelope.recipient('<bob@example.org>', null)).to.equal(null);
  });

  it('remembers no more recipients than any MTA lets through', () => {
    const { message, session, scope } = begun().judged;
    const whoever = { ...AT_RCPT, session, scope };
    let kept = 0;
    while (keep(message, { path: '<b@example.org>', ...whoever })) kept += 1;
    expect(kept).to.equal(10_000);
    const long = begun().judged.message;
    const path = `<${'b'.repeat(600_000)}@example.org>`;
    expect(keep(long, { path, ...whoever })).to.equal(true);
    expect(keep(long, { path, ...whoever })).to.equal(false);
  });

  const ends: readonly (readonly [
    what: string,
    event: (envelope: Envelope) => void,
    over: readonly string[],
  ])[] = [
    ['its message', (envelope) => envelope.endMessage(), ['rcpt', 'mail']],
    [
      'a message before another',
      (envelope) => envelope.mail({ path: '<>', taken: null, auth: null, size: null }),
      ['rcpt', 'mail'],
    ],
    ['a HELO before another', (envelope) => envelope.helo('mx.example.net', null), ['rcpt', 'mail', 'helo']],
    ['a client before another', (envelope) => envelope.connect(CLIENT), ['rcpt', 'mail', 'helo', 'connect']],
    ['all', (envelope) => envelope.end(), ['rcpt', 'mail', 'helo', 'connect']],
  ];
  for (const [what, event, over] of ends)
    it(`gives up what was asked ahead at the end of ${what}`, () => {
      const { envelope, judged } = begun();
      const ended: string[] = [];
      keep(judged.message, { ...judged, ...AT_RCPT, path: '<bob@example.org>' });
      for (const stage of ['connect', 'helo', 'mail', 'rcpt'] as const)
        judged.scope.of(stage).keepAhead('x', () => ended.push(stage));
      event(envelope);
      expect(ended).to.deep.equal(over);
    });
});
