/** check_spf by every result of each identity under every setting: what the client is told at RCPT. */

import { expect } from 'chai';
import { zoneResolver } from '../../lib/dns/zone-resolver.ts';
import { openMemoryStore } from '../../lib/greylist/memory-store.ts';
import { SPF_ANSWERS, type SpfAnswer } from '../../lib/rules/spf.ts';
import { SPF_RESULTS, type SpfResult } from '../../lib/spf/evaluator.ts';
import { Dialogue } from '../support/dialogue.ts';

const RECORDS: Readonly<Record<SpfResult, string>> = {
  pass: 'TXT "v=spf1 ip4:198.51.100.7 -all"',
  fail: 'TXT "v=spf1 ip4:192.0.2.10 -all"',
  softfail: 'TXT "v=spf1 ~all"',
  neutral: 'TXT "v=spf1 ?all"',
  none: 'TXT "no SPF"',
  permerror: 'TXT "v=spf1 nonsense"',
  temperror: 'SERVFAIL',
};

const ZONE = [
  ...SPF_RESULTS.map((result) => `${result}.example.net. ${RECORDS[result]}`),
  'no-mail.example.net. TXT "v=spf1 -all"',
];

async function hears(config: string, helo: string, from: string): Promise<string> {
  const dialogue = await Dialogue.open({
    config,
    store: openMemoryStore(),
    now: () => 0,
    sink: () => {},
    resolver: zoneResolver(ZONE),
  });
  await dialogue.says('CONNECT 198.51.100.7 unknown');
  await dialogue.says(`HELO ${helo}`);
  await dialogue.says(`MAIL FROM:<${from}>`);
  const heard = JSON.stringify(await dialogue.says('RCPT TO:<bob@example.org>'));
  dialogue.close();
  const [, code, status, name, rest] = /(\d{3}) (\d\.\d\.\d+) <([^>]*)>: (.*?): /.exec(heard) ?? [];
  return code === undefined ? 'goes on' : `${code} ${status} ${name} ${rest}`;
}

const HELO = { domain: 'pass.example.net', from: 'alice@pass.example.net' };

describe('check_spf', () => {
  for (const result of SPF_RESULTS)
    for (const does of SPF_ANSWERS) {
      const isError = result === 'permerror' || result === 'temperror';
      const detail = isError ? 24 : 23;
      const reply = { reject: `550 5.7.${detail}`, defer: `451 4.7.${detail}`, continue: null }[does];
      const answered = result !== 'pass' && result !== 'none';
      const setting = (identity: string): string =>
        answered ? `spf: { ${isError ? result : `${identity}_${result}`}: ${does} }` : allOf(does);

      it(`with ${does} for ${result} of the HELO`, async () => {
        const domain = `${result}.example.net`;
        const heard = await hears(`policy: [check_spf]\n${setting('helo')}\n`, domain, HELO.from);
        expect(heard).to.equal(
          reply === null || !answered ? 'goes on' : `${reply} ${domain} Helo command rejected`,
        );
      });

      it(`with ${does} for ${result} of MAIL FROM, by its own option too`, async () => {
        const from = `alice@${result}.example.net`;
        const expected = reply === null || !answered ? 'goes on' : `${reply} ${from} Sender address rejected`;
        const section = setting('mail_from');
        expect(await hears(`policy: [check_spf]\n${section}\n`, HELO.domain, from)).to.equal(expected);
        if (!answered) return;
        const option = `${isError ? result : `mail_from_${result}`}=${does}`;
        const heard = await hears(`policy: [check_spf ${option}]\n`, HELO.domain, from);
        expect(heard).to.equal(expected);
      });
    }

  it('takes the HELO first', async () => {
    const heard = await hears('policy: [check_spf]\n', 'fail.example.net', 'alice@fail.example.net');
    expect(heard).to.equal('550 5.7.23 fail.example.net Helo command rejected');
  });

  describe('of reject_not_pass_domains', () => {
    const config = `policy: [check_spf]
spf:
  mail_from_fail: defer
  reject_not_pass_domains: [${SPF_RESULTS.map((each) => `${each}.example.net`).join(', ')}]
`;
    for (const result of SPF_RESULTS)
      it(`refuses what is no pass, and no more than that: ${result}`, async () => {
        const from = `alice@${result}.example.net`;
        const refused = ['fail', 'softfail', 'neutral'].includes(result);
        expect(await hears(config, HELO.domain, from)).to.equal(
          refused ? `550 5.7.23 ${from} Sender address rejected` : 'goes on',
        );
      });
  });

  it('with no_mail_only refuses who says to send none, and nobody else', async () => {
    const config = 'policy: [check_spf]\nspf: { no_mail_only: true, permerror: reject, temperror: defer }\n';
    const said = async (name: string): Promise<string> =>
      hears(config, HELO.domain, `alice@${name}.example.net`);
    expect(await said('no-mail')).to.match(/^550 5\.7\.23/);
    expect(await said('fail')).to.equal('goes on');
    expect(await said('permerror')).to.equal('goes on');
    expect(await said('temperror')).to.match(/^451 4\.7\.24/);
  });
});

function allOf(does: SpfAnswer): string {
  const cases = ['fail', 'softfail', 'neutral'].flatMap((each) => [`helo_${each}`, `mail_from_${each}`]);
  return `spf: { ${[...cases, 'permerror', 'temperror'].map((each) => `${each}: ${does}`).join(', ')} }`;
}
