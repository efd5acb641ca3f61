/** The settings of policyd-spf and of postgrey, as sections of postern.yaml. */

import { expect } from 'chai';
import { importPolicydSpf } from '../../lib/import/policyd-spf.ts';
import { refusalOf } from '../../lib/import/refusal.ts';
import { takenOver } from '../../lib/import/section.ts';
import { importPostgrey } from '../../lib/import/postgrey.ts';

const spf = (text: string): Record<string, string> =>
  Object.fromEntries(importPolicydSpf({ file: 'policyd-spf.conf', text }).entries);
const postgrey = (text: string): Record<string, string> =>
  Object.fromEntries(importPostgrey({ file: 'postgrey', text }).entries);

describe('policyd-spf.conf', () => {
  const usual = {
    helo_fail: 'reject',
    mail_from_fail: 'reject',
    permerror: 'continue',
    temperror: 'continue',
  };
  const cases: readonly [text: string, entries: Record<string, string>, said: RegExp | null][] = [
    ['', usual, null],
    [
      'HELO_reject = False\nMail_From_reject = No_Check # x',
      { ...usual, helo_fail: 'continue', mail_from_fail: 'continue' },
      null,
    ],
    [
      'HELO_reject = No_Check',
      { ...usual, helo_fail: 'continue' },
      /let bounces pass; the sender of a bounce/,
    ],
    // To refuse bounces by the HELO is what MAIL FROM does here.
    ['helo_reject = Null', { ...usual, helo_fail: 'continue' }, null],
    [
      'helo_reject = Null\nMail_From_reject = False',
      { ...usual, helo_fail: 'continue', mail_from_fail: 'continue' },
      /refuses only bounces: write a rule for that, \{ when: \{ sender: <>, helo_spf: fail \}/,
    ],
    ['Mail_From_reject = Softfail', { ...usual, mail_from_softfail: 'reject' }, null],
    ['HELO_reject = SPF_Not_Pass', { ...usual, helo_softfail: 'reject', helo_neutral: 'reject' }, null],
    ['HELO_reject = Perhaps', usual, /HELO_reject = Perhaps is unknown: "fail" is refused/],
    [
      'PermError_reject = True\nTempError_Defer = true',
      { ...usual, permerror: 'reject', temperror: 'defer' },
      null,
    ],
    [
      'Reject_Not_Pass_Domains = a.example, b.example',
      { ...usual, reject_not_pass_domains: '[a.example, b.example]' },
      null,
    ],
    ['TestOnly = 0', { ...usual, helo_fail: 'continue', mail_from_fail: 'continue' }, /refuses nobody/],
    ['No_Mail = True\nVoid_Limit = 3', { ...usual, no_mail_only: 'true', void_lookups: '3' }, null],
    [
      'skip_addresses = 127.0.0.0/8,::ffff:127.0.0.0/104,::1,192.0.2.1/24\nWhitelist = 198.51.100.7,2001:db8::/32\ndebugLevel = 1',
      { ...usual, skip_networks: '[192.0.2.0/24, 198.51.100.7/32, "2001:db8::/32"]' },
      null,
    ],
    ['Whitelist = 192.0.2.0/99,x', usual, /"192\.0\.2\.0\/99" is not a network, and is left out/],
    [
      'HELO_Whitelist = Relay.example.com,x\nDomain_Whitelist = a.example\nDomain_Whitelist_PTR = b.example',
      { ...usual, skip_helo: '[relay.example.com]', skip_domains: '[a.example]', skip_ptr: '[b.example]' },
      /"x" is not a domain, and is left out/,
    ],
    ['Frobnicate = 1', usual, /frobnicate = 1 has no key/],
  ];
  for (const [text, entries, said] of cases)
    it(`is taken over: ${JSON.stringify(text)}`, () => {
      expect(spf(text)).to.deep.equal(entries);
      const notes = importPolicydSpf({ file: 'x', text }).notes.slice(1);
      if (said === null) expect(notes).to.deep.equal([]);
      else expect(notes.join('\n')).to.match(said);
    });

  it('becomes a section that Postern takes', () => {
    for (const [text] of cases) {
      const lines = importPolicydSpf({ file: 'x', text }).entries.map(
        ([key, value]) => `  ${key}: ${value}\n`,
      );
      expect(refusalOf(`spf:\n${lines.join('')}`), text).to.equal(null);
    }
  });

  it('that is not here is its defaults, and says so', () => {
    expect(importPolicydSpf(null).notes.join()).to.match(/was not read/);
  });
});

describe("postgrey's command line", () => {
  const usual = { delay: '300s', retry_window: '2d', lifetime: '35d', auto_allow_after: '5' };
  const cases: readonly [text: string, entries: Record<string, string>][] = [
    ['', usual],
    ['POSTGREY_OPTS="--inet=10023 --delay=66"', { ...usual, delay: '66s' }],
    [
      '# POSTGREY_OPTS="--delay=1"\nPOSTGREY_OPTS="$POSTGREY_OPTS --delay 60 --max-age=40"',
      { ...usual, delay: '60s', lifetime: '40d' },
    ],
    ["OPTIONS='--retry-window=12h --ipv4cidr=28'", { ...usual, retry_window: '12h', ipv4_prefix: '28' }],
    ['--lookup-by-host', { ...usual, ipv4_prefix: '32', ipv6_prefix: '128' }],
    ['--delay=soon', usual],
    ['--auto-whitelist-clients', usual],
    ['--auto-whitelist-clients=0', { ...usual, auto_allow_after: '0' }],
  ];
  for (const [text, entries] of cases)
    it(`is taken over: ${JSON.stringify(text)}`, () => {
      expect(postgrey(text)).to.deep.equal(entries);
    });

  it('says what it has no key for', () => {
    const { notes } = importPostgrey({
      file: 'x',
      text: '--auto-whitelist-clients=10 --greylist-text=no --delay=soon --privacy --exim --inet=10023',
    });
    expect(notes.join('\n')).not.to.match(/--inet/);
    expect(notes.join('\n'))
      .to.match(/--privacy has no key .*addresses as they are/)
      .and.match(/--exim has no key/)
      .and.match(/--greylist-text=no has no key/)
      .and.match(/--delay=soon is no number/);
  });

  it('becomes a section that Postern takes, whatever the times are', () => {
    for (const text of [
      '--max-age=1',
      '--delay=400000',
      '--delay=400000 --retry-window=10',
      '--ipv4cidr=0 --max-age=0',
    ]) {
      const { entries, notes } = takenOver('greylist', importPostgrey({ file: 'x', text }))!;
      const lines = entries.map(([key, value]) => `  ${key}: ${value}\n`);
      expect(refusalOf(`greylist:\n${lines.join('')}`), text).to.equal(null);
      expect(entries.length === 4 || notes.some((note) => note.includes('is not taken over')), text).to.equal(
        true,
      );
    }
  });
});
