/** What explain says of a rule that compares: with what, and what it found, whether it holds or not. */

import { expect } from 'chai';
import { ruleRow } from '../../lib/explain/rule-row.ts';
import { parseSmtpCommand } from '../../lib/explain/smtp-command.ts';
import { explainerOn } from './explainers.ts';

const ZONE = [
  'soft.example. TXT "v=spf1 ip4:203.0.113.1 ~all"',
  '2.0.0.127.bl.example. A 127.0.0.2',
  '66.100.51.198.bl.example. A 127.0.0.2',
  '67.100.51.198.wl.example. SERVFAIL',
  '2.0.0.127.wl.example. A 127.0.0.2',
];

/** The row of the rule of that word, in one line. */
async function row(config: string, word: string, address: string): Promise<string> {
  const explainer = await explainerOn('postern.yaml', config, ZONE);
  const commands = [
    `CONNECT ${address} unknown`,
    'HELO mx.example.com',
    'MAIL FROM:<alice@soft.example>',
    'RCPT TO:<bob@example.org>',
  ];
  let text = '';
  for (const command of commands) {
    const step = await explainer.play(parseSmtpCommand(command), 0);
    for (const { lists } of step.decisions)
      for (const rule of lists.flatMap(({ rules }) => rules))
        if (rule.word.startsWith(word)) text = (ruleRow(rule).at(-1) as string[]).join('; ');
  }
  explainer.close();
  return text;
}

describe('explain says what a rule has compared', () => {
  const SCORE = '- dnsbl_score: { sites: ["bl.example=127.0.0.2*2", "wl.example=127.0.0.2*-1"], reject: 6 }';
  const scored = (when: string): string =>
    `policy:\n  ${SCORE}\n  - { when: { score: ${when} }, then: tag t }\n`;
  const cases: readonly [config: string, word: string, address: string, says: RegExp][] = [
    [scored('"1..3"'), 'when', '198.51.100.66', /^t; score 2 is within 1\.\.3;/],
    [scored('"1..3"'), 'when', '198.51.100.65', /^score 0 is not within 1\.\.3;/],
    [scored('[">=7", "<0"]'), 'when', '198.51.100.66', /^score 2 is not >=7, <0;/],
    [scored('[">=7", "2"]'), 'when', '198.51.100.66', /^t; score 2 is 2;/],
    [
      scored('"<0"'),
      'when',
      '198.51.100.67',
      /^score 0 \(-1 if a whitelist knows him that can't tell now\) is not <0;/,
    ],
    [scored('"1"'), 'dnsbl_score', '198.51.100.65', /^score 0 \(reject 6\);/],
    [scored('"1"'), 'dnsbl_score', '198.51.100.66', /^score 2 \(reject 6\): bl\.example 2; (?!score)/],
    [
      'greylist: { skip_senders: [soft.example] }\npolicy: [greylist]',
      'skip_senders',
      '198.51.100.66',
      /^spf softfail is not pass; sender soft\.example: yes/,
    ],
    [
      'policy: [{ when: { spf: [pass, fail] }, then: tag t }]',
      'when',
      '198.51.100.66',
      /^spf softfail is not pass, fail; spf mailfrom: softfail/,
    ],
    [
      'policy: [{ when: { spf: [pass, softfail] }, then: tag t }]',
      'when',
      '198.51.100.66',
      /^t; spf mailfrom: softfail/,
    ],
  ];
  for (const [config, word, address, says] of cases)
    it(`${config.trim().split('\n').at(-1)}, of ${address}: ${word}`, async () => {
      expect(await row(config, word, address)).to.match(says);
    });
});
