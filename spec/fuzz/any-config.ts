/** Owns random configurations that are right: policies of every word that there is, with tables of every kind. */

import * as fc from 'fast-check';
import { WORDS, type Argument } from '../../lib/rules/policy-words.ts';

function wordsOf(argument: Argument): string[] {
  return Object.entries(WORDS).flatMap(([word, needs]) => (needs === argument ? [word] : []));
}

const zone = fc.constantFrom('list.example', 'list.example=127.0.0.[2..11]', 'zen.spamhaus.org=127.0.0.2');
/** A rule without a table. */
const plain = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...wordsOf('none')) },
  fc.constantFrom('greylist', 'greylist delay=5m', 'check_spf', 'check_spf mail_from_fail=defer'),
  fc.tuple(fc.constantFrom(...wordsOf('zone')), zone).map((parts) => parts.join(' ')),
);

/** Any result that a table may hold. */
const result = fc.oneof(
  fc.constantFrom('OK', '12', 'DUNNO', 'DISCARD', 'HOLD', 'HOLD x', 'WARN x', 'INFO', 'RELAY', 'GREYLIST'),
  fc
    .tuple(
      fc.constantFrom('REJECT', 'DEFER', 'DEFER_IF_PERMIT', 'DEFER_IF_REJECT', '450', '550', '421', '521'),
      fc.constantFrom(' x', ' 5.7.1 x', ' 4.1.8 x', ' 2.1.0 100% x', ' grüße', ` ${'long '.repeat(120)}`),
    )
    .map((parts) => parts.join('')),
  fc
    .array(fc.tuple(fc.constantFrom('', '', 'warn_if_reject '), plain), { minLength: 1, maxLength: 3 })
    .map((all) => all.map((parts) => parts.join('')).join(', ')),
);
const key = fc.constantFrom(
  'example.net',
  'alice@',
  'alice@example.net',
  '<>',
  '192.0.2',
  'unknown',
  'localhost',
  'postmaster@',
  'net',
);
const pattern = fc.constantFrom('/./', '/^(.*)@/', '!/^a/', '/[a-z]+$/i', '/^$/', '/^<>$/', '/x\\.y/');
const table = fc.oneof(
  fc
    .uniqueArray(fc.tuple(key, result), { minLength: 1, maxLength: 5, selector: ([name]) => name })
    .map((entries) => `inline:{ ${entries.map(([name, said]) => `{${name} = ${said}}`).join(', ')} }`),
  fc
    .tuple(
      fc.constantFrom('regexp', 'pcre'),
      fc.array(fc.tuple(pattern, result), { minLength: 1, maxLength: 4 }),
    )
    .map(
      ([type, entries]) => `${type}:{ ${entries.map(([search, said]) => `{${search} ${said}}`).join(', ')} }`,
    ),
  result.map((said) => `cidr:{ {192.0.2.0/28 ${said}}, {::/0 ${said}} }`),
);

/** What stands before another rule. */
const prefix = fc.constantFrom('', '', '', ...wordsOf('rule').map((word) => `${word} `));
const rule: fc.Arbitrary<unknown> = fc.oneof(
  fc
    .tuple(
      prefix,
      fc.oneof(
        plain,
        fc.tuple(fc.constantFrom(...wordsOf('table')), table).map((parts) => parts.join(' ')),
      ),
    )
    .map((parts) => parts.join('')),
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      { rule: 'reject_unknown_client_hostname', at: 'connect' },
      { rule: 'reject', at: 'connect', reply: '521 5.7.1 Not %{client_address}, 100 %' },
      { rule: 'reject_own_helo_hostname', at: 'helo' },
      { rule: 'reject_unknown_sender_domain', at: 'mail', on_lookup_failure: 'defer' },
    ),
  },
);
const list = fc.array(rule, { minLength: 1, maxLength: 5 });
const policy = fc.oneof(
  list,
  fc.record(
    { client: list, helo: list, sender: list, relay: list, recipient: list },
    { requiredKeys: ['recipient'] },
  ),
);
export const anyConfig = fc.record(
  {
    policy,
    mynetworks: fc.constantFrom(['192.0.2.8/29'], ['127.0.0.0/8']),
    decide_at: fc.constantFrom('connect', 'helo', 'mail', 'rcpt'),
    on_lookup_failure: fc.constantFrom('defer', 'continue'),
    on_store_failure: fc.constantFrom('accept', 'tempfail'),
    parent_domain_matches_subdomains: fc.boolean(),
    recipient_delimiter: fc.constant('+-'),
    local_domains: fc.constant(['example.org']),
    greylist: fc.record({ null_sender: fc.constantFrom('data', 'skip') }),
    observe: fc.boolean(),
  },
  { requiredKeys: ['policy'] },
);
