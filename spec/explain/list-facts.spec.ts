/** What a row of `postern explain` says of DNS lists: all of it, the decisive first. */

import { expect } from 'chai';
import { columns } from '../../lib/explain/layout.ts';
import { ruleRow } from '../../lib/explain/rule-row.ts';
import { parseSmtpCommand } from '../../lib/explain/smtp-command.ts';
import type { AskedCheck, RuleTrace } from '../../lib/explain/trace.ts';
import { explainerOn } from './explainers.ts';

function check(
  id: string,
  result: string,
  facts: AskedCheck['facts'] = {},
  ms: number | null = 1,
): AskedCheck {
  return { id, result, facts, ms };
}

function rule(differs: Partial<RuleTrace>): RuleTrace {
  return {
    ...{ number: 1, place: null, depth: 0, word: 'dnsbl_score', outcome: 'did not hold', checks: [] },
    ...{ effect: null, warnOnly: false, says: null, reason: null, compared: null, ...differs },
  };
}

const last = (differs: Partial<RuleTrace>): readonly string[] => ruleRow(rule(differs)).at(-1) as string[];

const SITES = ['bl.spamcop.net', 'bl.mailspike.net', 'psbl.surriel.com', 'bl.blocklist.de', 'list.dnswl.org'];

describe('The row of a rule that asks DNS lists', () => {
  it('says first what counted, then what could not tell, then the rest in short', () => {
    const checks = [
      check('client in bl.blocklist.de', 'not_listed', { why: 'private address' }),
      check('client in psbl.surriel.com', 'not_listed'),
      check('client in bl.mailspike.net', 'not_listed', {}, null),
      check('client in ix.example', 'temperror', { why: 'SERVFAIL' }),
      check('client in list.dnswl.org', 'temperror', { why: 'list.dnswl.org is not asked while it is out' }),
      check('health of list.dnswl.org', 'temperror', {
        why: 'list.dnswl.org is blind: 127.0.0.2 is missing',
      }),
      check('client in ny.example', 'temperror', { why: 'ny.example is not asked while it is out' }),
      check('client in bl.spamcop.net', 'listed', { answers: '127.0.0.2', text: 'Blocked' }),
      check('health of bl.spamcop.net', 'proven'),
    ];
    expect(last({ checks })).to.deep.equal([
      'bl.spamcop.net 127.0.0.2 (Blocked)',
      'out: list.dnswl.org (blind), ny.example',
      'could not tell: ix.example: SERVFAIL',
      'not asked (private address): bl.blocklist.de',
      'not listed: psbl.surriel.com, bl.mailspike.net',
    ]);
  });

  it('says once what the reason has said', () => {
    const checks = [
      check('client in zen.example.org', 'listed', { answers: '127.0.0.4', text: 'see there' }),
      check('health of zen.example.org', 'proven'),
    ];
    const held = { outcome: 'held', effect: 'reject', checks } as const;
    expect(last({ ...held, reason: 'listed: zen.example.org 127.0.0.4: see there' })).to.deep.equal([
      'listed: zen.example.org 127.0.0.4: see there',
    ]);
    expect(last({ ...held, reason: 'score 4: zen.example.org 4' })).to.deep.equal([
      'score 4: zen.example.org 4',
      'zen.example.org 127.0.0.4 (see there)',
    ]);
  });

  it('does not say again which list is out', () => {
    const checks = [check('health of wl.example', 'temperror', { why: 'wl.example is dead: SERVFAIL' })];
    const reason = 'could not be told: wl.example is dead: SERVFAIL';
    expect(last({ outcome: 'held', effect: 'defer_if_listed', reason, checks })).to.deep.equal([reason]);
  });

  it('says what is not asked without a fault', () => {
    const checks = [check('client in a.example', 'not_listed', { why: 'not asked' })];
    expect(last({ checks })).to.deep.equal(['not asked: a.example']);
  });

  it('breaks onto further lines what does not fit into one, and cuts none of it', () => {
    const text = `see https://example.org/why, ${'or ask somebody who knows, '.repeat(8)}END`;
    const checks = SITES.flatMap((zone) => [
      check(`client in ${zone}`, 'listed', { answers: '127.0.0.2', text }),
      check(`health of ${zone}`, 'proven'),
    ]);
    const lines = columns([ruleRow(rule({ checks })), ruleRow(rule({ number: 2, word: 'greylist' }))]);
    expect(lines.join(' ').match(/END/g)).to.have.length(SITES.length);
    expect(lines.join(' ')).not.to.contain('...');
    const start = lines[0]!.indexOf('bl.spamcop.net');
    for (const line of lines.slice(1, -1)) expect(line.slice(0, start).trim()).to.equal('');
    for (const line of lines) expect(line.length).to.be.at.most(start + 100);
    expect(lines.at(-1)).to.match(/^ {3}2 {2}greylist/);
  });

  it('is so in a session: the one that refuses has its list, answer and text in reason=', async () => {
    const explainer = await explainerOn('postern.yaml', 'policy: [reject_rbl_client bl.example.org]', [
      '10.2.0.192.bl.example.org. A 127.0.0.2',
      '10.2.0.192.bl.example.org. TXT "see https://bl.example.org/why"',
    ]);
    try {
      const log: string[] = [];
      for (const line of [
        'CONNECT 192.0.2.10 none',
        'HELO mx.example.net',
        'MAIL FROM:<alice@example.net>',
        'RCPT TO:<bob@example.org>',
        'RCPT TO:<postmaster@example.org>',
      ])
        log.push(...(await explainer.play(parseSmtpCommand(line), 0)).log);
      log.push(...(await explainer.goes()));
      expect(log.join('\n')).to.contain(
        'reason="listed: bl.example.org 127.0.0.2: see https://bl.example.org/why"',
      );
      expect(log.at(-1)).to.contain(
        'rule=spare_recipients reason="this recipient is let in before all rules"',
      );
    } finally {
      explainer.close();
    }
  });
});
