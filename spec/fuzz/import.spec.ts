/** Any text is imported, quickly, and what comes out is YAML from whose comments nothing escapes. */

import { expect } from 'chai';
import fc from 'fast-check';
import { isMap, parseDocument } from 'yaml';
import { readConfig } from '../../lib/config/read-config.ts';
import { readAccessResult } from '../../lib/rules/access-result.ts';
import { MatchThread } from '../../lib/tables/match-thread.ts';
import { bytesOf } from '../../lib/tables/bytes.ts';
import { readBytes, readParts } from '../../lib/tables/read-content.ts';
import type { TableName } from '../../lib/tables/table-name.ts';
import type { ParseResult } from '../../lib/tables/table.ts';
import type { Problem } from '../../lib/yaml/problem.ts';
import { importPostfix } from '../../lib/import/postfix.ts';
import { importPolicydSpf } from '../../lib/import/policyd-spf.ts';
import { importPostgrey } from '../../lib/import/postgrey.ts';

const KEYS =
  'observe listen mynetworks local_domains policy lists greylist spf parent_domain_matches_subdomains recipient_delimiter'.split(
    ' ',
  );

function importOf(text: string, other = ''): string | null {
  const file = { file: other.slice(0, 20), text: other };
  return (
    importPostfix({
      mainCf: { file: 'main.cf', text },
      directory: '/etc/postfix',
      readFile: () => other,
      masterCf: file,
      postgrey: file,
      policydSpf: file,
    })?.yaml ?? null
  );
}

/** What `postern check` would say against it, and against its tables: each of their files has that text. */
function refusals(yaml: string, inFiles: string): string[] {
  const loaded = readConfig(yaml, 'postern.yaml', { stateDirectory: '/nonexistent' });
  if (!loaded.ok)
    return loaded.problems
      .filter(({ severity }) => severity === 'error')
      .map(({ line, what }) => `${line}: ${what}`);
  const thread = new MatchThread();
  const problemsOf = (name: TableName, parse: ParseResult<unknown>): readonly Problem[] =>
    name.source.kind === 'parts'
      ? readParts(name, parse, thread).problems
      : readBytes(name, bytesOf(inFiles), parse, thread).problems;
  const { tables, localDomains } = loaded.config;
  const problems = [
    ...tables.flatMap((name) => problemsOf(name, readAccessResult)),
    ...localDomains.tables.flatMap((name) => problemsOf(name, (value) => ({ ok: true, value }))),
  ];
  thread.close();
  return problems.filter(({ severity }) => severity === 'error').map(({ file, what }) => `${file}: ${what}`);
}

const PARTS =
  'smtpd_client_restrictions smtpd_recipient_restrictions smtpd_restriction_classes mynetworks smtpd_milters rbl_reply_maps default_rbl_reply ' +
  'postscreen_dnsbl_sites postscreen_dnsbl_action = enforce reject_rbl_client permit_dnswl_client zen.spamhaus.org list.dnswl.org=127.0.[0..255].3 ' +
  'greylist soft_first dnsbl_score check_spf quarantine reject_rhsbl_sender check_helo_access check_sender_access inline:{ regexp:{{ cidr:{{ }} \ufffd null ~ example.org ' +
  'inline:{a=REJECT} inline:{a} inline:{a=FILTER} regexp:{{/a/ OK}} regexp:{{/(/ OK}} cidr:{{192.0.2.0/24 OK}} cidr:{{192.0.2.300 OK}} pcre:{{/a/ $1}} $mydomain $myhostname ' +
  'check_client_access hash:/x regexp:/x inline:{a=b} check_policy_service inet:127.0.0.1:10023 unix:private/policyd-spf permit reject greylist ' +
  'warn_if_reject reject_unknown_sender_domain $mynetworks ${x?{a}:{b}} ${ { } [ ] , * : # | > & % @ ` " \' - ? ! KEY.zen.dq.spamhaus.net';
const part = fc.oneof(
  fc.constantFrom(...PARTS.split(' ')),
  fc.constantFrom('\n', '\n ', '\r\n', ' ', ', ', '\n# ', '\u2028', '\u0085', '\0', '\t'),
  fc.string({ unit: 'grapheme', maxLength: 5 }),
);
const NAMES =
  'smtpd_client_restrictions smtpd_sender_restrictions smtpd_recipient_restrictions smtpd_data_restrictions smtpd_restriction_classes ' +
  'mydestination relay_domains virtual_alias_maps virtual_mailbox_domains postscreen_access_list postscreen_dnsbl_threshold postscreen_dnsbl_allowlist_threshold mynetworks smtpd_milters rbl_reply_maps default_rbl_reply postscreen_dnsbl_sites postscreen_dnsbl_action recipient_delimiter x';
const setting = fc
  .tuple(fc.constantFrom(...NAMES.split(' ')), fc.array(part, { maxLength: 12 }))
  .map(([name, parts]) => `${name} = ${parts.join(' ')}`);
const mainCf = fc
  .array(fc.oneof({ weight: 4, arbitrary: setting }, part), { maxLength: 12 })
  .map((lines) => lines.join('\n'));

const inTables = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc
    .array(fc.constantFrom(...'a.example OK REJECT FILTER /a/ /(/ 192.0.2.0/24 \n # permit'.split(' ')))
    .map((words) => words.join(' ')),
  fc.constantFrom('a.example OK\n', '/a/ REJECT\n', '192.0.2.0/24 DUNNO\n'),
);

const SOUND = [
  ...'permit permit_mynetworks permit_sasl_authenticated permit_tls_all_clientcerts permit_tls_clientcerts permit_mx_backup reject defer'.split(
    ' ',
  ),
  ...'reject_unauth_destination reject_unauth_pipelining reject_unverified_recipient reject_multi_recipient_bounce sleep 1'.split(
    ' ',
  ),
  ...'reject_unknown_client reject_invalid_hostname reject_unknown_sender_domain reject_non_fqdn_recipient warn_if_reject mine'.split(
    ' ',
  ),
  'reject_rbl_client zen.spamhaus.org',
  'reject_rbl_client bl.example.org',
  'reject_rbl_client dnsbl.sorbs.net',
  'reject_rbl_client KEY.zen.dq.spamhaus.net',
  'reject_rhsbl_sender dbl.spamhaus.org=127.0.1.[ 2..99 ]',
  'permit_dnswl_client list.dnswl.org',
  'permit_dnswl_client list.dnswl.org=127.0.[0..255].[2;3]',
  'permit_rhswl_client wl.example.org=127.0.0.2',
  'check_client_access cidr:/c',
  'check_sender_access hash:/h',
  'check_helo_access inline:{ a=REJECT, {b = 550 no} }',
  'check_recipient_access proxy:pgsql:/p',
  'check_sender_mx_access hash:/h',
  'check_policy_service inet:127.0.0.1:10023',
  'check_policy_service { unix:private/policyd-spf, timeout=5s }',
  'check_policy_service inet:127.0.0.1:4711',
];
const sound = fc.array(fc.constantFrom(...SOUND), { maxLength: 8 }).map((words) => words.join(', '));
const soundMainCf = fc
  .record({
    client: sound,
    helo: sound,
    sender: sound,
    recipient: sound,
    data: sound,
    mine: sound,
    codes: fc.boolean(),
  })
  .map(
    ({ client, helo, sender, recipient, data, mine, codes }) =>
      `smtpd_restriction_classes = mine\nmine = ${mine}\nsmtpd_client_restrictions = ${client}\n` +
      `smtpd_helo_restrictions = ${helo}\nsmtpd_sender_restrictions = ${sender}\nsmtpd_data_restrictions = ${data}\n` +
      `smtpd_recipient_restrictions = ${recipient}\npostscreen_dnsbl_sites = zen.spamhaus.org*2 bl.example.org\n` +
      (codes
        ? 'unknown_client_reject_code = 550\nunknown_address_reject_code=550\nmaps_rbl_reject_code = 521\npostscreen_dnsbl_action = drop\n'
        : ''),
  );

describe('An import', () => {
  it('takes any text, and prints YAML with its own keys only', () => {
    fc.assert(
      fc.property(mainCf, inTables, (text, other) => {
        const yaml = importOf(`a = b\n${text}`, other);
        expect(refusals(yaml ?? '', other), yaml ?? '').to.deep.equal([]);
        const document = parseDocument(yaml ?? '');
        expect(document.errors.map(({ message }) => message)).to.deep.equal([]);
        const { contents } = document;
        expect(isMap(contents)).to.equal(true);
        const keys = isMap(contents) ? contents.items.map(({ key }) => String(key)) : [];
        expect(keys.filter((key) => !KEYS.includes(key))).to.deep.equal([]);
        expect(yaml).not.to.match(/\ufdd0|\\ufdd0/i);
        expect(yaml).not.to.match(/[\0-\t\v-\x1f\x7f-\x9f\u2028\u2029]/);
      }),
      { numRuns: 400 },
    );
  });

  it('makes of restrictions that Postfix knows a configuration that Postern takes', () => {
    fc.assert(
      fc.property(soundMainCf, (text) => {
        const yaml = importOf(text, 'example.com OK\n') ?? '';
        expect(refusals(yaml, 'example.com OK\n'), yaml).to.deep.equal([]);
      }),
      { numRuns: 400 },
    );
  });

  it('takes any text beside main.cf', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        importPolicydSpf({ file: 'x', text });
        importPostgrey({ file: 'x', text });
        importOf(text, text);
      }),
    );
  });

  const long: readonly [title: string, text: string][] = [
    ['braces that are never closed', `smtpd_client_restrictions = ${'${'.repeat(50_000)}`],
    ['braces in braces', `smtpd_client_restrictions = ${'{'.repeat(50_000)}${'}'.repeat(50_000)}`],
    [
      'conditions in conditions',
      `x = 1\nsmtpd_client_restrictions = ${'${x?'.repeat(20_000)}${'}'.repeat(20_000)}`,
    ],
    ['brackets', `smtpd_client_restrictions = ${'[1;'.repeat(50_000)}`],
    [
      'continued lines',
      `smtpd_client_restrictions = permit_mynetworks${'\n , reject_rbl_client a.example'.repeat(4000)}`,
    ],
    ['one name many times', `x = a\nsmtpd_client_restrictions = ${'$x '.repeat(50_000)}`],
    ['blanks', `smtpd_client_restrictions = ${' '.repeat(200_000)}x`],
    ['hyphens', `smtpd_client_restrictions = reject_rbl_client ${'a-'.repeat(50_000)}`],
    ['labels', `smtpd_client_restrictions = reject_rbl_client ${'a.'.repeat(50_000)}`],
    [
      'classes of classes',
      `smtpd_restriction_classes = a b c\na = b b b b\nb = c c c c\nc = ${'a '.repeat(1000)}\nsmtpd_client_restrictions = a`,
    ],
    [
      'a reply of conditions',
      `default_rbl_reply = ${'${a?'.repeat(20_000)}\nsmtpd_client_restrictions = reject_rbl_client a.example`,
    ],
    ['one long word', `smtpd_client_restrictions = ${'x'.repeat(200_000)}`],
    ['one long line that is none', 'x'.repeat(400_000)],
  ];
  for (const [title, text] of long)
    it(`is done with ${title} before anybody waits`, function () {
      this.timeout(4000);
      importOf(text, text);
    });
});
