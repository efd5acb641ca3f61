/** What the log is told of decisions: the rule by its name, tags, notes, and refusals before RCPT. */

import { expect } from 'chai';
import { openMemoryStore } from '../../lib/greylist/memory-store.ts';
import type { Event } from '../../lib/observe/event.ts';
import { lineOf } from '../../lib/observe/line.ts';
import { Dialogue } from '../support/dialogue.ts';

/** The fields of the log lines about a session. */
async function told(policy: string, ...lines: string[]): Promise<Record<string, unknown>[]> {
  const events: Event[] = [];
  const smtp = await Dialogue.open({
    config: policy,
    store: openMemoryStore(),
    now: () => 0,
    sink: (event) => void events.push(event),
  });
  for (const line of lines) await smtp.says(line);
  smtp.close();
  return events.map((event) => lineOf(event).fields);
}

const ENVELOPE = [
  'CONNECT 192.0.2.10 dsl-10.pool.example.net',
  'HELO mx.example.net',
  'MAIL FROM:<alice@example.net>',
  'RCPT TO:<bob@example.org>',
];

describe('The log is told', () => {
  it('the name of a rule, also where it greylists', async () => {
    const [line] = await told(
      'policy: [{ name: slow-lines, when: { ptr: generic }, then: greylist 10m }]',
      ...ENVELOPE,
    );
    expect(line).to.include({ rule: 'slow-lines', verdict: 'tempfail', wait: 600 });
  });

  it('the name of a restriction in place of its word', async () => {
    const [line] = await told(
      'policy: [{ name: no-dot, rule: reject_non_fqdn_sender }]',
      ...ENVELOPE.slice(0, 2),
      'MAIL FROM:<alice>',
      ENVELOPE[3]!,
    );
    expect(line).to.include({ rule: 'no-dot', verdict: 'reject' });
  });

  it('the tags of a recipient, and what was only warned of', async () => {
    const [line] = await told(
      'policy: [{ when: { ptr: generic }, then: tag dsl }, { when: { helo: mx.example.net }, then: tag mx }, { when: { ptr: generic }, then: tag dsl }, warn_if_reject reject]',
      ...ENVELOPE,
    );
    expect(line).to.include({ tags: 'dsl,mx', verdict: 'accept' });
    expect(line!['note']).to.equal(
      'warn_if_reject reject: would refuse with 554 5.7.1 <bob@example.org>: Recipient address rejected: Access denied',
    );
  });

  it('a refusal before RCPT once, with its stage', async () => {
    const [early, ...rest] = await told(
      'policy: [{ rule: reject_non_fqdn_sender, at: mail }]',
      ...ENVELOPE.slice(0, 2),
      'MAIL FROM:<alice>',
    );
    expect(early).to.include({ event: 'early', stage: 'mail', verdict: 'reject', from: 'alice' });
    expect(early).to.include({ rule: 'reject_non_fqdn_sender', reply: '504 5.5.2' });
    expect(rest).to.deep.equal([]);
  });

  it('what would be refused early, when it only observes', async () => {
    const lines = await told(
      'observe: true\npolicy: [{ rule: reject_non_fqdn_sender, at: mail }]',
      ...ENVELOPE.slice(0, 2),
      'MAIL FROM:<alice>',
      ENVELOPE[3]!,
    );
    expect(lines.map(({ event, verdict, observe }) => [event, verdict, observe])).to.deep.equal([
      ['early', 'reject', true],
      ['recipient', 'reject', true],
    ]);
  });

  describe('of what a trusted relay hands on', () => {
    const RELAYED = [
      'CONNECT 192.0.2.25 relay.example.org',
      'HELO relay.example.org',
      'MAIL FROM:<alice@example.net>',
      'RCPT TO:<bob@example.org>',
      'RCPT TO:<carol@example.org>',
      'DATA',
      'HEADER Received: from mx.example.com (unknown [198.51.100.66]) by relay.example.org with ESMTP id 1',
      '.',
    ];
    const POLICY =
      'policy: [{ when: { client: 198.51.100.0/24 }, then: tag far }, "check_recipient_access inline:{bob@example.org=REJECT}"]';

    it('that it is let in, then what would have become of each, and where it came from', async () => {
      const [bob, carol, bobs, carols, message] = await told(
        `trusted_relays: [192.0.2.25]\n${POLICY}`,
        ...RELAYED,
      );
      for (const line of [bob, carol])
        expect(line).to.include({
          verdict: 'accept',
          rule: 'trusted_relays',
          client: 'relay.example.org[192.0.2.25]',
        });
      const from = { stage: 'relayed', client: 'unknown[198.51.100.66]', helo: 'mx.example.com' };
      const through = { relay: 'relay.example.org[192.0.2.25]', observe: true, tags: 'far' };
      expect(bobs).to.include({ ...from, ...through, verdict: 'reject', to: 'bob@example.org' });
      expect(carols).to.include({ ...from, ...through, verdict: 'accept', to: 'carol@example.org' });
      expect(message).to.include({ event: 'message', recipients: 2, before: '198.51.100.66' });
    });

    it('that it is held', async () => {
      const [, held] = await told(
        `trusted_relays: [192.0.2.25]\non_relayed_reject: quarantine\n${POLICY}`,
        ...RELAYED.filter((line) => !line.includes('carol')),
      );
      expect(held).to.include({ verdict: 'reject', stage: 'relayed' }).and.not.have.property('observe');
    });

    it('that nobody knows where it came from', async () => {
      const lines = await told(
        `trusted_relays: [192.0.2.25]\n${POLICY}`,
        ...RELAYED.filter((line) => !line.startsWith('HEADER')),
      );
      expect(lines.map(({ event, stage }) => stage ?? event)).to.deep.equal([
        'recipient',
        'recipient',
        'message',
      ]);
      expect(lines.at(-1)).to.include({ before: 'unknown' });
    });
  });
});
