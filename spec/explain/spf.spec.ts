/** What explain tells of SPF and of trusted relays: the record, who is spared and by what, how to let somebody in. */

import { expect } from 'chai';
import { caveats } from '../../lib/explain/caveats.ts';
import { ruleRow } from '../../lib/explain/rule-row.ts';
import { parseSmtpCommand } from '../../lib/explain/smtp-command.ts';
import { textOfReport } from '../../lib/explain/text.ts';
import type { RuleTrace, Step } from '../../lib/explain/trace.ts';
import { explainerOn } from './explainers.ts';

const ZONE = [
  'example.net. TXT "v=spf1 include:_spf.example.net -all"',
  '_spf.example.net. TXT "v=spf1 ip4:192.0.2.77 ~all"',
  'broken.example. SERVFAIL',
  'no-mail.example. TXT "v=spf1 -all"',
];
const FILE = '/etc/postern/postern.yaml';

async function played(config: string, ...commands: string[]): Promise<Step[]> {
  const explainer = await explainerOn(FILE, config, ZONE);
  const steps: Step[] = [];
  for (const command of commands) steps.push(await explainer.play(parseSmtpCommand(command), 0));
  explainer.close();
  return steps;
}

async function told(config: string, sender: string, address = '198.51.100.66'): Promise<string> {
  const steps = await played(
    config,
    `CONNECT ${address} unknown`,
    'HELO mx.example.com',
    `MAIL FROM:<${sender}>`,
    'RCPT TO:<bob@example.org>',
  );
  const client = { address, ptr: null, resolve: 'fail', found: null, ms: null } as const;
  return textOfReport({ config: FILE, store: null, name: 'mx', notes: [], client, steps, agrees: null })
    .join('\n')
    .replace(/\s+/g, ' ');
}

describe('explain tells of SPF', () => {
  it('the record that was gone by, and how to let the client in past it', async () => {
    const text = await told('policy: [check_spf]', 'alice@example.net');
    expect(text).to.contain('mechanism all, record v=spf1 include:_spf.example.net -all');
    expect(text).to.contain(
      `let in to let this client in whatever SPF says of him, add him below spf: in ${FILE}: skip_networks: [198.51.100.66] then:`,
    );
    expect(await told('policy: [check_spf]', 'alice@example.net', '2001:db8::1')).to.contain(
      'skip_networks: ["2001:db8::1"]',
    );
  });

  it('what there is to mend where the DNS could not tell', async () => {
    const text = await told('policy: [check_spf temperror=defer]', 'alice@broken.example');
    expect(text).to.match(
      /let in the DNS has no answer now: .*broken\.example.*; who tries again .* type: postern doctor;/,
    );
    expect(text).to.not.contain('skip_networks');
  });

  it('which entry of skip_networks, and which of skip_domains', async () => {
    const spared = 'policy: [check_spf]\nspf: { skip_networks: [203.0.113.0/24] }';
    expect(await told(spared, 'alice@example.net', '203.0.113.66')).to.contain(
      'skipped skip_networks: 203.0.113.0/24',
    );
    const forwarder = 'policy: [check_spf]\nspf: { skip_domains: [friend.example.net, example.net] }';
    expect(await told(forwarder, 'alice@example.org', '192.0.2.77')).to.not.contain('spf_skip_domains');
    expect(await told(forwarder, 'alice@no-mail.example', '192.0.2.77')).to.contain(
      'spf_skip_domains: yes, domain example.net',
    );
  });

  it('for how long a rule has waited, not the sum of what was on its way together', () => {
    const checks = [100, 250].map((ms) => ({ id: `spf ${ms}`, result: 'none', facts: {}, ms }));
    const rule: RuleTrace = {
      ...{ number: 1, place: null, depth: 0, word: 'check_spf', outcome: 'did not hold', checks },
      ...{ effect: null, warnOnly: false, says: null, reason: null, compared: null },
    };
    expect(ruleRow(rule)[3]).to.equal(' 250.0 ms');
  });
});

describe('explain tells of what a trusted relay hands on', () => {
  const CONFIG = 'trusted_relays: [192.0.2.25]\npolicy: [reject_unknown_client_hostname, check_spf]';
  const MAIL = [
    'CONNECT 192.0.2.25 relay.example.org',
    'MAIL FROM:<alice@example.net>',
    'RCPT TO:<bob@example.org>',
    'DATA',
  ];
  const RECEIVED =
    'HEADER Received: from mx.example.com (unknown [198.51.100.66]) by relay.example.org (Postfix) with ESMTP id 1';

  const text = (steps: readonly Step[]): string =>
    textOfReport({
      config: FILE,
      store: null,
      name: 'mx',
      notes: [],
      client: null,
      steps,
      agrees: null,
    }).join('\n');

  it('that the name of the host before it is not known, and what becomes of the message', async () => {
    const tagged = text(await played(CONFIG, ...MAIL, RECEIVED, '.'));
    expect(tagged)
      .to.contain('unknown_client_hostname not known')
      .and.not.contain('unknown_client_hostname ok');
    expect(tagged).to.contain(
      'none to a trusted relay, it is let through; to the host before it: 550 5.7.23',
    );
    const held = text(await played(`${CONFIG}\non_relayed_reject: quarantine`, ...MAIL, RECEIVED, '.'));
    expect(held).to.contain(
      'none to a trusted relay, the message is held; to the host before it: 550 5.7.23',
    );
  });

  it('how to see it, where there is no Received line', async () => {
    expect(caveats(await played(CONFIG, ...MAIL, '.'))).to.have.length(1);
    expect(caveats(await played(CONFIG, ...MAIL, '.'))[0]).to.contain('C: HEADER Received: from ');
    expect(caveats(await played(CONFIG, ...MAIL, RECEIVED, '.'))).to.deep.equal([]);
  });
});
