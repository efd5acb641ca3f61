/**
 * greylist.conf of milter-greylist as it is found: what is imported of it does what it did (acl.c, milter-greylist.c),
 * and says of each line that it leaves out why. Beside each: the postern.yaml.txt that comes of it (WRITE_SETUPS=1
 * writes it anew), and the dialogues.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { openTables } from '../../lib/config/open-tables.ts';
import { readConfig } from '../../lib/config/read-config.ts';
import { readGreylistConf } from '../../lib/import/greylist-conf.ts';
import { milterGreylistYaml } from '../../lib/import/milter-greylist-yaml.ts';
import { answersDialogues, expectBeside } from './beside-setup.ts';

const SETUPS = join(import.meta.dirname, 'greylists');

function imported(text: string): string {
  return milterGreylistYaml('greylist.conf', readGreylistConf(text), []);
}

function policyOf(text: string): string {
  const yaml = imported(text);
  return yaml.slice(yaml.indexOf('\npolicy:'));
}

/** Without comments. */
function rulesOf(text: string): string {
  return policyOf(text)
    .split('\n')
    .filter((line) => !/^\s*#/.test(line))
    .join('\n');
}

/** What `postern check` would refuse, in it and in the tables that it holds. */
async function problemsOf(yaml: string): Promise<readonly string[]> {
  const loaded = readConfig(yaml, 'postern.yaml', { stateDirectory: '/nonexistent' });
  const tables = await openTables(loaded.ok ? loaded.config : loaded.named, {
    onReread: () => {},
    pollMs: 0,
  });
  tables.close();
  return [...(loaded.ok ? [] : loaded.problems), ...tables.problems]
    .filter(({ severity }) => severity === 'error')
    .map(({ what }) => what);
}

for (const name of readdirSync(SETUPS)) {
  const folder = join(SETUPS, name);
  const text = readFileSync(join(folder, 'greylist.conf'), 'utf8');
  const yaml = imported(text);

  describe(`The greylist.conf ${name}`, () => {
    it('becomes the postern.yaml.txt beside it, which Postern takes', async () => {
      expectBeside(folder, yaml);
      expect(await problemsOf(yaml)).to.deep.equal([]);
    });

    it('has each entry of its list explained, by the line that it stands on', () => {
      const { acls } = readGreylistConf(text);
      expect(acls).not.to.be.empty;
      for (const { line } of acls) expect(yaml).to.match(new RegExp(`# line ${line}: `));
    });

    answersDialogues(folder, yaml);
  });
}

describe('An entry of greylist.conf', () => {
  const cases: readonly [text: string, rules: RegExp][] = [
    [
      'racl whitelist addr 192.0.2.7/24',
      /when:\n {6}client: 192\.0\.2\.0\/24\n {4}then: accept\n {2}- greylist/,
    ],
    ['racl whitelist addr 2001:db8::1', /client: "2001:db8::1"/],
    ['acl whitelist domain .example.com', /client: "\/\\\\\.example\\\\\.com\$\/"/],
    [
      'racl greylist default delay 15m',
      /policy:.*\n {2}- permit_tls_all_clientcerts\n {2}- greylist delay=15m\n/s,
    ],
    ['racl blacklist default msg "Closed"', / {2}- rule: reject\n {4}reply: Closed\n/],
    ['racl blacklist from a@example.com code "451"', /then: tempfail 451\n/],
    [
      'racl whitelist rcpt a@example.com rcpt b@example.com',
      /recipient: "?a@.*\n {6}not:\n {8}- \{ not: \{ recipient: \["b@example\.com"\] \} \}/,
    ],
    ['racl whitelist tls /.*/', /tls: verified\n/],
    ['racl whitelist spf self', /spf: wide\n/],
    ['racl blacklist rcptcount > 9 addr 192.0.2.1', /recipients: ">10"\n/],
    ['racl greylist time "* * * * 0,6" rcpt a@example.com', /time: "Sun,Sat"\n/],
    ['sm_macro "d" "{daemon_name}" "MTA"\nracl whitelist sm_macro "d"', /daemon: MTA\n/],
    [
      'racl whitelist domain /^mx[0-9]\\{1,2\\}\\.example\\.com$/',
      /client: "regexp:\{\{\/\^mx.*\/x OK\}\}"\n/,
    ],
    ['racl whitelist from /<>/', /sender: "<>"\n/],
  ];
  for (const [text, rules] of cases)
    it(`is a rule: ${text.split('\n').at(-1)}`, async () => {
      expect(rulesOf(text)).to.match(rules);
      expect(await problemsOf(imported(text))).to.deep.equal([]);
    });

  const left: readonly [text: string, why: RegExp][] = [
    ['racl blacklist geoip "XX"', /Postern knows no countries/],
    [
      'racl whitelist rcpt /^postmaster@/',
      /never matched in milter-greylist, where addresses stand in < and >/,
    ],
    ['racl whitelist list "none"', /there is no list "none"/],
    ['racl blacklist dnsrbl "none"', /there is no dnsrbl "none"/],
    ['racl whitelist addr 192.0.2.300', /192\.0\.2\.300 is not a network/],
    ['racl whitelist frobnicate "x" addr 192.0.2.1', /"frobnicate" is unknown to this import/],
    ['racl whitelist delay 1h', /it asks nothing: milter-greylist itself refuses it/],
    ['racl frobnicate addr 192.0.2.1', /"frobnicate" is unknown/],
    ['racl whitelist time "0-30 8 * * *" rcpt a@example.com', /more than hours and days of the week/],
    ['racl blacklist auth /^a/', /Postern has no patterns for logins/],
    ['racl blacklist header /^Subject: x/', /what is in the message/],
    ['dacl greylist spamd > 5', /dacl is asked when the whole message is there/],
    ['racl blacklist $dnsrbl "A"', /no fact for properties/],
    ['racl whitelist from /a\\(/', /Postern would refuse it/],
    [
      'racl whitelist default\nracl blacklist from a@example.com',
      /it stands behind default, and was never asked/,
    ],
  ];
  for (const [text, why] of left)
    it(`is left out with the reason: ${text.split('\n').at(-1)}`, async () => {
      const yaml = imported(text).replaceAll(/\n *# */g, ' ');
      expect(yaml)
        .to.match(why)
        .and.to.match(/Left out, with the reason at their place: line \d/);
      expect(rulesOf(text)).not.to.contain('then:');
      expect(await problemsOf(imported(text))).to.deep.equal([]);
    });

  it('stands with its neighbours in one rule where these ask the same for the same', () => {
    const yaml = imported(
      'acl whitelist addr 192.0.2.1 # one\nacl whitelist addr 192.0.2.2\nacl whitelist addr 192.0.2.1\nacl blacklist addr 192.0.2.4\n' +
        'acl whitelist addr 192.0.2.5\nacl whitelist addr 192.0.2.6 rcpt a@example.com\nacl whitelist not addr 192.0.2.7',
    );
    expect(yaml).to.contain(
      '  # lines 1 to 3: acl whitelist addr 192.0.2.1 … (3 entries)\n  - when:\n      client: [192.0.2.1, 192.0.2.2]\n    then: accept\n',
    );
    expect(yaml.match(/^ {2}- when:/gm)).to.have.length(5);
  });

  it('is told of where only a part of it could be taken over', () => {
    const yaml = imported(
      'racl greylist rcpt a@example.com autowhite 3d report "x" flushaddr nolog\nracl blacklist from b@example.com msg "%Xc"\npeer 192.0.2.1\nnoaccessdb\nfrobnicate 3',
    ).replaceAll(/\n *# */g, ' ');
    expect(yaml)
      .to.match(/autowhite 3d: there is one lifetime for all/)
      .and.match(/report, flushaddr: Postern has nothing of the kind/)
      .and.match(/"%Xc" holds %X, which has no placeholder/)
      .and.match(/line 3: peer: the greylists of several MX are apart/)
      .and.match(/line 4: noaccessdb: .*macro/)
      .and.match(/line 5: frobnicate: Postern has nothing of the kind/);
  });

  it('is told of where a word without a counterpart has become a setting, or none', () => {
    const yaml = imported('racl greylist default\nnoauth\nlazyaw').replaceAll(/\n *# */g, ' ');
    expect(yaml)
      .to.match(/line 2: noauth: it greylisted users who have logged in, too\. Postern never does/)
      .and.match(/line 3: lazyaw: .*auto_allow_after: 1 below.*\n {2}auto_allow_after: 1\n/s);
    expect(imported('racl greylist default')).not.to.match(/noauth|lazyaw|auto_allow/);
  });

  it('lets in who has logged in, and says what SPF may have let in, unless the file says otherwise', () => {
    expect(imported('racl greylist default')).to.match(
      /- permit_sasl_authenticated\n {2}- permit_tls_all_clientcerts\n.*built with SPF/s,
    );
    expect(policyOf('noauth\nnospf\nracl greylist default')).not.to.match(/sasl|spf/);
    expect(imported('racl whitelist auth "bob"\nracl whitelist spf')).not.to.match(/sasl|built with SPF/);
  });

  it('is whatever anybody writes there, and what comes of it is a configuration', async () => {
    const token = fc.oneof(
      fc.constantFrom(
        'racl',
        'acl',
        'dacl',
        'whitelist',
        'greylist',
        'blacklist',
        'default',
        'not',
        'addr',
        'from',
      ),
      fc.constantFrom(
        'rcpt',
        'domain',
        'helo',
        'list',
        'dnsrbl',
        'spf',
        'pass',
        'delay',
        '15m',
        'rcptcount',
        '>=',
      ),
      fc.constantFrom(
        '"x"',
        '{',
        '}',
        '\\',
        '\n',
        '/re.*/',
        '/[/',
        '192.0.2.1',
        '/24',
        'a@example.com',
        '10',
        '#',
        '"',
      ),
      fc.constantFrom(
        'autowhite',
        'timeout',
        'subnetmatch',
        '1d',
        '40d',
        '0',
        'lazyaw',
        'msg',
        'code',
        'time',
        '$x',
      ),
      fc.string({ maxLength: 6 }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(token, { maxLength: 30 }), async (tokens) => {
        expect(await problemsOf(imported(tokens.join(' ')))).to.deep.equal([]);
      }),
      { numRuns: 400 },
    );
  });
});
