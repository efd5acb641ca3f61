/** What a right configuration means. */

import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import type { Config } from '../../lib/config/config.ts';
import { BUNDLED_LISTS } from '../../lib/lists/known-lists.ts';
import { parseNetwork } from '../../lib/mail/network.ts';
import { NO_KEYS } from '../../lib/lists/list-keys.ts';
import { formatProblem } from '../../lib/yaml/problem.ts';
import { readConfig } from '../../lib/config/read-config.ts';
import { DEFAULT_POLICY, type RuleList } from '../../lib/rules/rule-lists.ts';
import { dns } from '../../lib/config/dns-settings.ts';
import { headers } from '../../lib/config/header-settings.ts';
import { listSettings } from '../../lib/config/list-settings.ts';
import { Providers } from '../../lib/greylist/providers.ts';
import { spf } from '../../lib/rules/spf.ts';
import { greylist, jsonSchema, log, whole } from '../../lib/config/schema.ts';
import type { Restriction } from '../../lib/rules/restrictions.ts';
import { NOWHERE, restrictionsIn } from '../../lib/rules/written-rule.ts';

const shipped = readFileSync(new URL('../../etc/postern.yaml', import.meta.url), 'utf8');

const defaults: Config = {
  listen: [{ kind: 'tcp', host: '127.0.0.1', port: 8891, written: 'inet:8891@127.0.0.1' }],
  socketMode: 0o660,
  socketOwner: null,
  authservId: null,
  mynetworks: [
    { address: { family: 'ipv4', text: '127.0.0.0' }, prefix: 8 },
    { address: { family: 'ipv6', text: '::1' }, prefix: 128 },
  ],
  trustedRelays: [],
  onRelayedReject: 'tag',
  store: { kind: 'sqlite', path: '/var/lib/postern/postern.db' },
  policy: DEFAULT_POLICY,
  tables: [],
  localDomains: { names: [], tables: [] },
  spareRecipients: ['postmaster', 'abuse'],
  decideAt: 'rcpt',
  onLookupFailure: 'defer',
  parentDomainMatchesSubdomains: true,
  recipientDelimiter: '',
  onStoreFailure: 'accept',
  greylist: {
    delayMs: 60_000,
    retryWindowMs: 172_800_000,
    lifetimeMs: 3_110_400_000,
    ipv4Prefix: 24,
    ipv6Prefix: 64,
    origins: ['spf', 'ptr', 'network'],
    allowAfter: 5,
    capMs: 3_900_000,
    learnOutbound: true,
    skips: [],
    // Whoever is in it: see provider-settings.spec.ts.
    providers: new Providers([]),
    nullSender: 'data',
  },
  spf: {
    answers: {
      helo_fail: 'reject',
      helo_softfail: 'continue',
      helo_neutral: 'continue',
      mail_from_fail: 'reject',
      mail_from_softfail: 'continue',
      mail_from_neutral: 'continue',
      permerror: 'continue',
      temperror: 'continue',
    },
    rejectNotPassDomains: [],
    noMailOnly: false,
    skip: { networks: [], helo: [], domains: [], ptr: [] },
    lookups: 10,
    voidLookups: 2,
    explanation: true,
  },
  lists: { keys: new Map(), aliases: new Map(), dataFile: null },
  knownLists: BUNDLED_LISTS,
  listKeys: NO_KEYS,
  headers: {
    authenticationResults: true,
    receivedSpf: true,
    dnsbl: true,
    greylist: true,
    removeForged: true,
  },
  dns: { servers: 'system', timeoutMs: 5000, resolver: 'own', serveStaleMs: 0 },
  log: { level: 'info', format: 'text' },
  observe: false,
};

/** The configuration of a text that has nothing wrong with it, not even a warning. */
function configOf(text: string): Config {
  const loaded = readConfig(text, 'postern.yaml', { stateDirectory: '/var/lib/postern' });
  const problems = loaded.ok ? loaded.warnings : loaded.problems;
  expect(problems.map(formatProblem)).to.deep.equal([]);
  if (!loaded.ok) throw new Error('unreachable: problems were empty');
  return { ...loaded.config, policy: loaded.config.policy.map(withoutPlaces) };
}

/** A policy says the same wherever it stands in its file. */
function withoutPlaces({ name, rules }: RuleList): RuleList {
  return { name, rules: rules.map((rule) => ({ ...rule, ...NOWHERE })) };
}

describe('The configuration', () => {
  it('is all defaults where nothing is written', () => {
    for (const text of ['', '\n', '# nothing\n', '---\n', 'null\n', '\ufeff', 'greylist:\nlog: {}\n'])
      expect(configOf(text), JSON.stringify(text)).to.deep.equal(defaults);
  });

  it('that is shipped says what the defaults are but for the policy, each key once', () => {
    const { policy, tables } = defaults;
    expect({ ...configOf(shipped), policy, tables }).to.deep.equal(defaults);
    const rules = /^policy:\n(?:(?: .*)?\n)*/m;
    const written = [...shipped.replace(rules, 'policy:\n').matchAll(/^ *(\w+):/gm)].map(([, key]) => key);
    const known = [whole, greylist, spf, dns, headers, listSettings, log].flatMap(({ fields }) =>
      Object.keys(fields),
    );
    expect(written).to.have.members(known);
  });

  it('may remove no forged header fields if it adds none', () => {
    const text =
      'headers: { authentication_results: false, received_spf: false, dnsbl: false, remove_forged: false }';
    const loaded = readConfig(text, 'postern.yaml', { stateDirectory: '/var/lib/postern' });
    expect(loaded.ok && loaded.warnings).to.deep.equal([]);
  });

  it('has a JSON Schema with every key', () => {
    expect(jsonSchema()).to.have.property('additionalProperties', false);
    for (const key of Object.keys(whole.fields))
      expect(jsonSchema()).to.have.nested.property(`properties.${key}`);
    for (const key of Object.keys(greylist.fields))
      expect(jsonSchema()).to.have.nested.property(`properties.greylist.properties.${key}`);
    for (const key of ['spf.properties.temperror.enum', 'lists.properties.key_files.additionalProperties'])
      expect(jsonSchema()).to.have.nested.property(`properties.${key}`);
    expect(JSON.stringify(jsonSchema())).to.include('"dnsbl_score":{"type":"object"');
  });

  it('takes every key', () => {
    const config = configOf(`
listen: [inet:0@localhost, "inet:[::1]:8891", unix:/run/postern/postern.sock, fd:systemd]
socket_mode: "666"
socket_owner: postern:postfix
authserv_id: mx.example.com
mynetworks: [192.0.2.0/24]
trusted_relays: 192.0.2.25 [2001:db8::25]
on_relayed_reject: quarantine
local_domains: [example.com, .example.net, "hash:/etc/postfix/relay_domains"]
spare_recipients: [postmaster]
decide_at: helo
on_lookup_failure: continue
parent_domain_matches_subdomains: false
recipient_delimiter: "+-"
store: memory
on_store_failure: tempfail
greylist: { delay: 30s, retry_window: 12h, lifetime: 5w, ipv4_prefix: 32, ipv6_prefix: "48", origin: network, auto_allow_after: 0, cap: null, learn_outbound: false, null_sender: skip }
observe: true
log: { level: warning, format: json }
headers: { authentication_results: false, received_spf: false, greylist: false }
dns: { servers: [127.0.0.1, "127.0.0.1:5353", "[2001:db8::53]:54", 2001:db8::53], timeout: 3s, resolver: node, serve_stale: 1h }
`);
    expect(config).to.deep.equal({
      listen: [
        { kind: 'tcp', host: 'localhost', port: 0, written: 'inet:0@localhost' },
        { kind: 'tcp', host: '::1', port: 8891, written: 'inet:[::1]:8891' },
        { kind: 'unix', path: '/run/postern/postern.sock', written: 'unix:/run/postern/postern.sock' },
        { kind: 'systemd', written: 'fd:systemd' },
      ],
      socketMode: 0o666,
      socketOwner: { user: 'postern', group: 'postfix' },
      authservId: 'mx.example.com',
      mynetworks: [{ address: { family: 'ipv4', text: '192.0.2.0' }, prefix: 24 }],
      trustedRelays: [
        { address: { family: 'ipv4', text: '192.0.2.25' }, prefix: 32 },
        { address: { family: 'ipv6', text: '2001:db8::25' }, prefix: 128 },
      ],
      onRelayedReject: 'quarantine',
      store: { kind: 'memory' },
      policy: DEFAULT_POLICY,
      tables: [],
      localDomains: {
        names: ['example.com', '.example.net'],
        tables: [
          {
            text: 'hash:/etc/postfix/relay_domains',
            kind: 'keys',
            style: 'keys',
            source: { kind: 'file', path: '/etc/postfix/relay_domains' },
            named: { key: 'local_domains', file: 'postern.yaml', line: 9, column: 44 },
          },
        ],
      },
      spareRecipients: ['postmaster'],
      decideAt: 'helo',
      onLookupFailure: 'continue',
      parentDomainMatchesSubdomains: false,
      recipientDelimiter: '+-',
      onStoreFailure: 'tempfail',
      greylist: {
        delayMs: 30_000,
        retryWindowMs: 43_200_000,
        lifetimeMs: 3_024_000_000,
        ipv4Prefix: 32,
        ipv6Prefix: 48,
        origins: ['network'],
        allowAfter: 0,
        capMs: null,
        learnOutbound: false,
        skips: [],
        // Whoever is in it: see provider-settings.spec.ts.
        providers: new Providers([]),
        nullSender: 'skip',
      },
      spf: defaults.spf,
      lists: defaults.lists,
      knownLists: BUNDLED_LISTS,
      listKeys: NO_KEYS,
      dns: {
        servers: ['127.0.0.1', '127.0.0.1:5353', '[2001:db8::53]:54', '2001:db8::53'],
        timeoutMs: 3000,
        resolver: 'node',
        serveStaleMs: 3_600_000,
      },
      headers: {
        authenticationResults: false,
        receivedSpf: false,
        dnsbl: true,
        greylist: false,
        removeForged: true,
      },
      log: { level: 'warn', format: 'json' },
      observe: true,
    } satisfies Config);
  });

  it('takes what DNS lists and SPF ask', () => {
    const loaded = readConfig(
      `policy:
  - dnsbl_score: { sites: ["zen.spamhaus.org=127.0.0.[2;3..11]*3", "list.dnswl.org=127.0.0.[2..3]*-4"], reject: 3, permit: -4 }
  - reject_rbl_client \${dqs}.zen.dq.spamhaus.net=127.0.0.2
  - check_spf
spf:
  helo_fail: defer
  permerror: reject
  reject_not_pass_domains: [Bücher.example, example.com]
  no_mail_only: true
  skip_networks: [192.0.2.0/24, "[2001:db8::]/32"]
  skip_helo: MX.example.com
  skip_domains: [example.com]
  skip_ptr: [example.net]
  lookups: 12
  void_lookups: 3
  explanation: false
lists: { key_files: { DQS: /etc/postern/dqs.key }, aliases: { A.example: b }, data: /etc/postern/lists.json }
`,
      'postern.yaml',
      { stateDirectory: '/var/lib/postern' },
    );
    if (!loaded.ok) throw new Error(loaded.problems.map(formatProblem).join('\n'));
    expect(loaded.warnings.map(({ line, what }) => `${line} ${what}`)).to.deep.equal([]);
    const { policy, spf, lists } = loaded.config;
    const [{ score }] = restrictionsIn(policy[0]!.rules[0]!) as [Restriction];
    expect(score).to.deep.include({ reject: 3, greylist: null, permit: -4 });
    expect(score!.sites.map(({ zone, pattern, weight }) => [zone, pattern?.text, weight])).to.deep.equal([
      ['zen.spamhaus.org', '127.0.0.[2..11]', 3],
      ['list.dnswl.org', '127.0.0.[2..3]', -4],
    ]);
    expect(spf).to.deep.equal({
      ...defaults.spf,
      answers: { ...defaults.spf.answers, helo_fail: 'defer', permerror: 'reject' },
      rejectNotPassDomains: ['xn--bcher-kva.example', 'example.com'],
      noMailOnly: true,
      skip: {
        networks: [parseNetwork('192.0.2.0/24'), parseNetwork('2001:db8::/32')],
        helo: ['mx.example.com'],
        domains: ['example.com'],
        ptr: ['example.net'],
      },
      lookups: 12,
      voidLookups: 3,
      explanation: false,
    });
    expect(lists).to.deep.equal({
      keys: new Map([['dqs', { kind: 'file', path: '/etc/postern/dqs.key' }]]),
      aliases: new Map([['a.example', 'b']]),
      dataFile: '/etc/postern/lists.json',
    });
  });

  const stores: readonly (readonly [written: string, path: string])[] = [
    ['sqlite:postern.db', '/var/lib/postern/postern.db'],
    ['sqlite:a/b.db', '/var/lib/postern/a/b.db'],
    ['sqlite:../b.db', '/var/lib/b.db'],
    ['sqlite:/srv/greylist.db', '/srv/greylist.db'],
  ];
  for (const [written, path] of stores)
    it(`places ${written} at ${path}`, () => {
      expect(configOf(`store: ${written}`).store).to.deep.equal({ kind: 'sqlite', path });
    });

  it('takes mynetworks as a list, as one network, and as a line of main.cf', () => {
    const both = defaults.mynetworks;
    for (const written of [
      '[127.0.0.0/8, "[::1]/128"]',
      '127.0.0.0/8 [::1]/128',
      '127.0.0.0/8, [::1]/128',
      '["127.0.0.0/8 [::1]/128"]',
      '\n  - 127.0.0.0/8\n  - ::1/128',
      '\n  127.0.0.0/8\n  [::1]/128',
    ])
      expect(configOf(`mynetworks: ${written}`).mynetworks, written).to.deep.equal(both);
    expect(configOf('mynetworks: 127.0.0.0/8').mynetworks).to.deep.equal([both[0]]);
    expect(configOf('mynetworks: []').mynetworks).to.deep.equal([]);
  });

  it('takes a user without a group, and null for what has no default', () => {
    expect(configOf('socket_owner: postern').socketOwner).to.deep.equal({ user: 'postern', group: null });
    expect(configOf('socket_owner: 105:113').socketOwner).to.deep.equal({ user: '105', group: '113' });
    expect(configOf('socket_owner: ~\nauthserv_id:\n')).to.deep.equal(defaults);
  });

  it('follows an alias to the last anchor of its name', () => {
    const { mynetworks } = configOf('mynetworks: [&a 192.0.2.0/24, &a 198.51.100.0/24, *a]');
    expect(mynetworks.map(({ address }) => address.text)).to.deep.equal([
      '192.0.2.0',
      '198.51.100.0',
      '198.51.100.0',
    ]);
  });
});
