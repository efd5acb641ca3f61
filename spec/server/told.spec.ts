/** What the log is told of decisions: the rule by its name, tags, notes, and refusals before RCPT. */

import { setImmediate } from 'node:timers/promises';
import { expect } from 'chai';
import { zoneResolver } from '../../lib/dns/zone-resolver.ts';
import { openMemoryStore } from '../../lib/greylist/memory-store.ts';
import type { Event } from '../../lib/observe/event.ts';
import { lineOf } from '../../lib/observe/event-line.ts';
import type { Line } from '../../lib/observe/line.ts';
import { decide } from '../../lib/policy/driver.ts';
import { Dialogue } from '../support/dialogue.ts';

/** The fields of the log lines about a session. */
async function told(policy: string, ...lines: string[]): Promise<Record<string, unknown>[]> {
  return (await toldLines(policy, ...lines)).map(({ fields }) => fields);
}

/** `ZONE …`: a record of the DNS; `AT …`: the clock from here on, in milliseconds. */
async function toldLines(policy: string, ...lines: string[]): Promise<Line[]> {
  const events: Event[] = [];
  const zone = lines.flatMap((line) => (line.startsWith('ZONE ') ? [line.slice(5)] : []));
  let nowMs = 0;
  const smtp = await Dialogue.open({
    config: policy,
    store: openMemoryStore(),
    now: () => nowMs,
    sink: (event) => void events.push(event),
    ...(zone.length === 0 ? {} : { resolver: zoneResolver(zone) }),
  });
  for (const line of lines)
    if (line.startsWith('AT ')) nowMs = Number(line.slice(3));
    else if (!line.startsWith('ZONE ')) await smtp.says(line);
  await smtp.goes();
  return events.map(lineOf);
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

  const TO = 'RCPT TO:<bob@example.org>';
  const CALLOUT = [...ENVELOPE.slice(0, 2), 'MAIL FROM:<>', TO];
  for (const [what, lines, verdicts] of [
    ['a refusal at RCPT', ENVELOPE, ['tempfail']],
    ['a callout sender at DATA', [...CALLOUT, 'DATA'], ['tempfail']],
    ['a callout sender who says RSET', [...CALLOUT, 'RSET'], ['postponed']],
    ['a callout sender who goes', CALLOUT, ['postponed']],
    ['a callout sender who goes with QUIT', [...CALLOUT, 'QUIT'], ['postponed']],
    ['a callout sender who asks again', [...CALLOUT, 'MAIL FROM:<>', TO], ['postponed', 'postponed']],
    ['a callout sender who says HELO again', [...CALLOUT, 'HELO mx.example.net'], ['postponed']],
  ] as const)
    it(`of each recipient one line: ${what}`, async () => {
      const about = await told('policy: [greylist]', ...lines);
      expect(about.map(({ event, verdict }) => `${String(event)} ${String(verdict)}`)).to.deep.equal(
        verdicts.map((verdict) => `recipient ${verdict}`),
      );
    });

  it('of each recipient what became of him, where the message is refused because of another', async () => {
    const config =
      'policy: ["check_recipient_access inline:{ {ok@example.org=OK}, {gone@example.org=DISCARD} }", greylist]';
    const rcpts = ['bob', 'ok', 'gone'].map((name) => `RCPT TO:<${name}@example.org>`);
    const lines = await told(config, ...CALLOUT.slice(0, 3), ...rcpts, 'DATA');
    expect(
      lines.map(({ to, verdict, reply, reason, wait }) => [to, verdict, reply, reason, wait]),
    ).to.deep.equal([
      ['bob@example.org', 'tempfail', '451 4.7.1', 'new', 60],
      ['ok@example.org', 'tempfail', '451 4.7.1', 'with <bob@example.org>: new', 60],
      ['gone@example.org', 'tempfail', '451 4.7.1', 'with <bob@example.org>: new', 60],
    ]);
  });

  it('of each recipient a line for each DATA, and for who came after it', async () => {
    const more = 'RCPT TO:<carol@example.org>';
    const lines = await told('policy: [greylist]', ...CALLOUT, 'DATA', 'AT 30000', 'DATA', more, 'QUIT');
    expect(lines.map(({ to, verdict, reason }) => [to, verdict, reason])).to.deep.equal([
      ['bob@example.org', 'tempfail', 'new'],
      ['bob@example.org', 'tempfail', 'early'],
      ['carol@example.org', 'postponed', 'greylisting waits for DATA'],
    ]);
  });

  it('nothing more of a message once DATA has come five times', async () => {
    const lines = await told('policy: [greylist]', ...CALLOUT, ...Array<string>(20).fill('DATA'));
    expect(lines).to.have.length(5);
  });

  it('that a message was taken after any number of DATA, when it only observes', async () => {
    const again = Array<string>(9).fill('DATA');
    const lines = await told('observe: true\npolicy: [greylist]', ...CALLOUT, ...again, '.');
    expect(lines.map(({ event }) => event)).to.deep.equal([...Array<string>(5).fill('recipient'), 'message']);
  });

  it('of a message that a second DATA gets through that it was taken', async () => {
    const end = ['AT 61000', 'DATA', '.'];
    const lines = await told('policy: [greylist]', ...CALLOUT, 'DATA', ...end);
    expect(lines.map(({ event, verdict, reason }) => [event, verdict, reason])).to.deep.equal([
      ['recipient', 'tempfail', 'new'],
      ['recipient', 'accept', 'passed after 61 s'],
      ['message', undefined, undefined],
    ]);
    expect(lines[2]).to.include({ recipients: 1, delayed: 61 });
  });

  it('of a message that it is held, and how many do not get it', async () => {
    const config =
      'policy: ["check_recipient_access inline:{ {held@example.org=HOLD}, {gone@example.org=DISCARD} }"]';
    const rcpts = ['bob', 'held', 'gone'].map((name) => `RCPT TO:<${name}@example.org>`);
    const envelope = ENVELOPE.slice(0, 3);
    expect((await told(config, ...envelope, ...rcpts, 'DATA', '.')).at(-1)).to.include({
      ...{ event: 'message', recipients: 3, held: true, discarded: 1 },
    });
    expect((await told(config, ...envelope, rcpts[0]!, 'DATA', '.')).at(-1)).to.not.have.any.keys(
      'held',
      'discarded',
    );
  });

  it('of each recipient one line, with what was noted before DATA decided', async () => {
    const lines = await told(
      'policy: [{ when: { client: 192.0.2.10 }, then: tag bounce }, reject_multi_recipient_bounce]',
      ...[...CALLOUT, TO, 'DATA'],
    );
    expect(lines).to.have.length(2);
    for (const line of lines)
      expect(line).to.include({ verdict: 'reject', stage: 'data', tags: 'bounce', reply: '550 5.5.3' });
  });

  for (const [policy, rule] of [
    ['policy: [greylist]', 'greylist'],
    ['policy: [greylist delay=5m]', 'greylist delay=5m'],
    ['policy: [{ name: slow-lines, when: { ptr: generic }, then: greylist 10m }]', 'slow-lines'],
  ] as const)
    it(`the same rule of who is known, whether SPF was waited for or not: ${policy}`, async () => {
      const again = ['AT 700000', ...ENVELOPE.slice(2), 'AT 800000', ...ENVELOPE.slice(2)];
      const zone = 'ZONE example.net. TXT "v=spf1 -all"';
      for (const words of [policy, policy.replace('[', '[check_spf mail_from_fail=continue, ')]) {
        const lines = await told(words, zone, ...ENVELOPE, ...again);
        expect(lines.map((line) => [line['rule'], line['reason']])).to.deep.equal([
          [rule, 'new'],
          [rule, 'passed after 700 s'],
          [rule, 'known'],
        ]);
      }
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

  it('of who is refused the queue id, once somebody before him was accepted', async () => {
    const lines = await told(
      'policy: ["check_recipient_access inline:{bob@example.org=REJECT}"]',
      ...ENVELOPE,
      'RCPT TO:<carol@example.org>',
      TO,
    );
    const refused = lines.filter(({ verdict }) => verdict === 'reject');
    expect(refused.map(({ queue }) => queue)).to.deep.equal([null, '4XyzQ012']);
  });

  for (const [what, policy] of [
    ['at RCPT', 'policy: [reject]'],
    ['before it', 'policy: [{ rule: reject, at: mail }]'],
  ] as const)
    it(`how long a refusal took, ${what}`, async () => {
      const took: number[] = [];
      const smtp = await Dialogue.open({
        ...{ config: policy, store: openMemoryStore(), now: () => 0 },
        sink: (event) => void ('ms' in event && took.push(event.ms)),
        decide: async (...asked) => {
          const since = performance.now();
          while (performance.now() === since) await setImmediate();
          return decide(...asked);
        },
      });
      for (const line of ENVELOPE.slice(0, what === 'at RCPT' ? 4 : 3)) await smtp.says(line);
      smtp.close();
      expect(took).to.have.length(1);
      expect(took[0]).to.be.greaterThan(0);
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

    it('what would have become of each though he is let in, and where it came from', async () => {
      const [bobs, carols, message, ...rest] = await told(
        `trusted_relays: [192.0.2.25]\n${POLICY}`,
        ...RELAYED,
      );
      expect(rest).to.deep.equal([]);
      const from = { stage: 'relayed', client: 'unknown[198.51.100.66]', helo: 'mx.example.com' };
      const through = { relay: 'relay.example.org[192.0.2.25]', observe: true, tags: 'far' };
      expect(bobs).to.include({ ...from, ...through, verdict: 'reject', to: 'bob@example.org' });
      expect(bobs).to.not.have.property('held');
      expect(carols).to.include({ ...from, ...through, verdict: 'accept', to: 'carol@example.org' });
      expect(message).to.include({ event: 'message', recipients: 2, before: '198.51.100.66' });
    });

    it('that each is let in, of whom there is nothing more to say or whose message never comes', async () => {
      const silent = `trusted_relays: [192.0.2.25]\npolicy: []`;
      for (const [config, lines] of [
        [silent, RELAYED],
        [`trusted_relays: [192.0.2.25]\n${POLICY}`, RELAYED.slice(0, -3)],
      ] as const) {
        const [bob, carol, ...rest] = await told(config, ...lines);
        for (const line of [bob, carol])
          expect(line)
            .to.include({
              ...{ verdict: 'accept', rule: 'trusted_relays' },
              client: 'relay.example.org[192.0.2.25]',
            })
            .and.not.have.property('stage');
        expect(rest.map(({ event }) => event)).to.deep.equal(lines === RELAYED ? ['message'] : []);
      }
    });

    it('what SPF says of the host before, where it is let in', async () => {
      const zone = [...SPF_ZONE, 'mx.example.com. TXT "v=spf1 -all"'];
      const lines = await told(
        'trusted_relays: [192.0.2.25]\npolicy: [{ when: { spf: softfail }, then: tag soft }, { when: { helo_spf: fail }, then: tag nobody }]',
        ...zone.map((record) => `ZONE ${record}`),
        ...RELAYED.filter((line) => !line.includes('carol')),
      );
      expect(lines[0]).to.include({
        stage: 'relayed',
        spf: 'softfail',
        helo_spf: 'fail',
        tags: 'soft,nobody',
      });
    });

    it('that it is held', async () => {
      const [held] = await told(
        `trusted_relays: [192.0.2.25]\non_relayed_reject: quarantine\n${POLICY}`,
        ...RELAYED.filter((line) => !line.includes('carol')),
      );
      expect(held)
        .to.include({ verdict: 'reject', stage: 'relayed', held: true })
        .and.not.have.property('observe');
    });

    const without = RELAYED.filter((line) => !line.startsWith('HEADER'));
    const CONFIG = `trusted_relays: [192.0.2.25, 192.0.2.26]\n${POLICY}`;

    function handedOn(received: string, relay = '192.0.2.25'): string[] {
      const [, ...rest] = without;
      return [`CONNECT ${relay} unknown`, ...rest.slice(0, -1), `HEADER Received: ${received}`, '.'];
    }

    it('that nobody knows where it came from', async () => {
      const lines = await toldLines(CONFIG, ...without);
      expect(lines.map(({ level, fields: { event } }) => `${level} ${String(event)}`)).to.deep.equal([
        'info recipient',
        'info recipient',
        'warn received-unread',
        'info message',
      ]);
      expect(lines.at(-1)!.fields).to.include({ before: 'unknown' });
      expect(lines.at(-2)!.text).to.match(
        /^mail of the trusted relay relay\.example\.org\[192\.0\.2\.25\] has no Received line,/,
      );
    });

    it('the Received line that nobody can read, cut, for each relay once a minute', async () => {
      const unread = `from mx.example.com by relay.example.org ${'x'.repeat(1000)}`;
      const lines = await toldLines(
        CONFIG,
        ...handedOn(unread),
        ...handedOn(unread),
        ...handedOn(unread, '192.0.2.26'),
        'AT 61000',
        ...handedOn(unread),
      );
      const warned = lines.filter(({ level }) => level === 'warn').map(({ text }) => text);
      expect(warned.map((text) => /\[(.*?)\]/.exec(text)![1])).to.deep.equal([
        '192.0.2.25',
        '192.0.2.26',
        '192.0.2.25',
      ]);
      expect(warned[0]).to.match(
        /can read, .*: from mx\.example\.com by relay\.example\.org x{200,300}\.\.\.$/,
      );
    });

    for (const received of [
      'by relay.example.org (Postfix, from userid 33) id 1',
      '(from root@localhost) by relay.example.org (8.17.1/8.17.1/Submit) id 1',
      'from root by relay.example.org with local (Exim 4.96) id 1',
      '(qmail 4712 invoked by uid 1000); 21 Nov 2026 10:00:00 -0000',
      'from localhost (localhost [127.0.0.1]) by relay.example.org (Postfix) with ESMTP id 1',
    ])
      it(`that it began there: ${received}`, async () => {
        const lines = await toldLines(CONFIG, ...handedOn(received));
        expect(lines.map(({ level }) => level)).to.not.include('warn');
        expect(lines.at(-1)!.fields).to.include({ event: 'message', before: 'local' });
      });
  });

  it('what SPF says of a recipient who is let in, where it was asked', async () => {
    const zone = SPF_ZONE.map((record) => `ZONE ${record}`);
    const ask = async (config: string): Promise<unknown> => (await told(config, ...zone, ...ENVELOPE))[0];
    expect(await ask('policy: [check_spf]')).to.include({
      verdict: 'accept',
      spf: 'softfail',
      helo_spf: 'none',
    });
    for (const unasked of ['policy: [permit]', 'policy: [check_spf]\nspf: { skip_networks: [192.0.2.0/24] }'])
      expect(await ask(unasked))
        .to.include({ verdict: 'accept' })
        .and.not.have.any.keys('spf', 'helo_spf');
    const refused = await ask('policy: [check_spf mail_from_softfail=reject]');
    expect(refused).to.include({ verdict: 'reject' }).and.not.have.property('spf');
  });
});

const SPF_ZONE = ['example.net. TXT "v=spf1 ~all"'];
