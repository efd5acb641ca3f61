/** Owns the table that compares the policy words with Postfix: for each word its rows, or why Postfix has no such word. */

import { FULL_SPELLINGS, RECIPIENT_SPELLINGS, SENDER_SPELLINGS } from './spellings.ts';
import { POSTFIX_REPLIES, type ReplyWord } from '../../lib/checks/postfix-replies.ts';
import { WORDS, type Word } from '../../lib/rules/policy-words.ts';
import { CLIENT, OWN_CLIENT } from '../support/mta/private-network.ts';
import { CLIENT_ORDER, HELO_ORDER, RECIPIENT_ORDER, REVERSE_ORDER, SENDER_ORDER } from './access-order.ts';
import { accessRows, ADDRESS_OF, cidrRow } from './access-rows.ts';
import { LIST_WORD_ROWS, LISTS_ZONE } from './list-word-rows.ts';
import {
  ALICE,
  ALL_LISTS,
  BOB,
  but,
  client,
  helo,
  inLists,
  loggedIn,
  MESSAGE,
  outbound,
  plain,
  recipient,
  says,
  sender,
  type Row,
} from './word-rows.ts';

/** Clients by what the DNS says of them: see ZONE. */
const STRANGE = {
  forged: '198.51.100.1',
  brokenReverse: '198.51.100.2',
  brokenForward: '198.51.100.3',
  deadName: '198.51.100.4',
  numeric: '198.51.100.5',
  noAnswerOfAddress: '198.51.100.6',
} as const;

export const ZONE: readonly string[] = [
  'example.net. MX 10 mx.example.net.',
  'mx.example.net. A 192.0.2.10',
  // Our own domain: nobody needs the DNS to know that it is there.
  'example.org. SERVFAIL',
  'example. NXDOMAIN',
  'null.example.net. MX 0 .',
  'dangling.example.net. MX 10 nowhere.example.net.',
  'address-mx.example.net. MX 10 192.0.2.10.',
  'address.example.net. A 192.0.2.10',
  'six.example.net. AAAA 2001:db8::10',
  'alias.example.net. CNAME address.example.net.',
  'text.example.net. TXT "no host"',
  'gone.example.net. NXDOMAIN',
  'nowhere.example.net. NXDOMAIN',
  'broken.example.net. SERVFAIL',
  'refused.example.net. REFUSED',
  'half.example.net. SERVFAIL MX',
  'half.example.net. A 192.0.2.10',
  'other-half.example.net. MX 10 mx.example.net.',
  'other-half.example.net. SERVFAIL A',
  '1.100.51.198.in-addr.arpa. PTR forged.example.com.',
  'forged.example.com. A 192.0.2.55',
  '2.100.51.198.in-addr.arpa. SERVFAIL',
  '3.100.51.198.in-addr.arpa. PTR broken.example.com.',
  'broken.example.com. SERVFAIL',
  '4.100.51.198.in-addr.arpa. PTR dead.example.com.',
  '5.100.51.198.in-addr.arpa. PTR 198.51.100.5.',
  '6.100.51.198.in-addr.arpa. PTR text.example.com.',
  'text.example.com. TXT "no address"',
  ...LISTS_ZONE,
  ...Object.entries(ADDRESS_OF).flatMap(([name, address]) => [
    `${address.split('.').toReversed().join('.')}.in-addr.arpa. PTR ${name}.`,
    // Every second one is confirmed.
    ...(Number(address.split('.')[3]) % 2 === 0 ? [`${name}. A ${address}`] : []),
  ]),
];

const ASCII = 'a reply is ASCII (RFC 5321 §2.4), which Postfix does not mind';
const NEUTERED = 'Postfix takes signs that no host name has out of what the client calls itself (neuter())';

/** As SmtpDialogue reads it. */
function latin1(text: string): string {
  return Buffer.from(text).toString('latin1');
}

function refused(name: string, what: string): string {
  return `554 5.7.1 <${name}>: ${what} rejected: Access denied`;
}

const overTls = { ...plain, greeting: 'EHLO mx.example.net' };

/** A row's word stands in each of its lists; a word that is not here fails the spec, and the type check. */
export const TABLE: Readonly<Record<Word, readonly Row[] | string>> = {
  permit: [
    // Not in the relay list: with it Postfix does not start, for it would be an open relay.
    ...inLists(['recipient'], 'permit, reject', { does: 'permits', holds: [plain], passes: [] }),
    {
      lists: { client: 'permit', helo: 'permit', sender: 'reject' },
      does: 'refuses',
      holds: [plain],
      passes: [],
    },
    { lists: { client: 'permit, reject', relay: 'reject' }, does: 'refuses', holds: [plain], passes: [] },
  ],
  reject: [
    {
      lists: { sender: 'reject' },
      does: 'refuses',
      holds: [
        sender('a."b c"@example.net'),
        but(
          sender('älice@example.net'),
          ASCII,
          refused(latin1('älice@example.net'), 'Sender address'),
          refused('?lice@example.net', 'Sender address'),
        ),
      ],
      passes: [],
    },
    {
      lists: { helo: 'reject' },
      does: null,
      holds: [
        plain,
        but(
          helo('bäd.example'),
          ASCII,
          refused(latin1('bäd.example'), 'Helo command'),
          refused('b?d.example', 'Helo command'),
        ),
        but(
          helo('<two words>'),
          NEUTERED,
          refused('?two?words?', 'Helo command'),
          refused('<two words>', 'Helo command'),
        ),
      ],
      passes: [{ ...plain, greeting: 'NOOP' }],
    },
    ...inLists(ALL_LISTS, 'reject', {
      does: 'refuses',
      holds: [
        plain,
        client(CLIENT.unnamed),
        client(CLIENT.ipv6),
        sender(''),
        sender('Alice@Example.NET'),
        helo('[192.0.2.10]'),
        helo('x'),
        recipient('Bob.B@Example.ORG'),
        recipient('"bob b"@example.org'),
        sender('"alice a"@example.net'),
        sender('"alice\\"a\\\\"@example.net'),
        sender('alice%example.com@example.net'),
        sender('alice@bücher.example'),
        helo('100%.example'),
        helo('a'.repeat(300)),
        says('MAIL FROM:<alice@example.net> SIZE=1000', BOB),
        says('MAIL FROM: <alice@example.net>', 'RCPT TO: <bob@example.org>'),
        says('MAIL FROM:Alice <alice@example.net>', BOB),
        recipient('bob@example.org.'),
        says('MAIL FROM:alice@example.net', 'RCPT TO:bob@example.org'),
        says(ALICE, 'RCPT TO:<@relay.example.net:bob@example.org>'),
      ],
      passes: [],
    }),
  ],
  defer: inLists(ALL_LISTS, 'defer', {
    does: 'refuses',
    holds: [plain, client(CLIENT.unnamed), sender('')],
    passes: [],
  }),
  defer_if_permit: [
    ...inLists(ALL_LISTS, 'defer_if_permit', { does: 'refuses', holds: [plain], passes: [] }),
    {
      lists: { recipient: 'defer_if_permit, permit' },
      does: 'refuses',
      holds: [plain],
      passes: [],
    },
    {
      lists: { client: 'defer_if_permit', recipient: 'reject' },
      does: 'refuses',
      holds: [plain],
      passes: [],
    },
  ],
  defer_if_reject: [
    {
      lists: { client: 'defer_if_permit, defer_if_reject', recipient: 'reject' },
      does: 'refuses',
      holds: [plain],
      passes: [],
    },
    ...inLists(ALL_LISTS, 'defer_if_reject, reject', { does: 'refuses', holds: [plain], passes: [] }),
    { lists: { recipient: 'defer_if_reject, permit' }, does: 'refuses', holds: [], passes: [plain] },
    { lists: { recipient: 'defer_if_reject, defer' }, does: 'refuses', holds: [plain], passes: [] },
    {
      lists: { client: 'defer_if_reject', recipient: 'reject' },
      does: 'refuses',
      holds: [plain],
      passes: [],
    },
    {
      lists: { recipient: 'defer_if_permit, defer_if_reject, reject' },
      does: 'refuses',
      holds: [plain],
      passes: [],
    },
    {
      lists: { recipient: 'defer_if_reject, defer_if_permit, reject' },
      does: 'refuses',
      holds: [plain],
      passes: [],
    },
  ],
  warn_if_reject: [
    // Not in the relay list: Postfix wants a word there that keeps it from being an open relay, and takes none with a warning.
    ...inLists(['client', 'helo', 'sender', 'recipient'], 'warn_if_reject reject', {
      does: 'permits',
      holds: [plain],
      passes: [],
    }),
    ...['defer', 'defer_if_permit', 'reject_unknown_sender_domain', 'reject_unknown_helo_hostname'].map(
      (word): Row => ({
        lists: { recipient: `warn_if_reject ${word}` },
        does: 'permits',
        holds: [plain, sender('alice@gone.example.net'), helo('gone.example.net')],
        passes: [],
        fails: [sender('alice@broken.example.net'), helo('broken.example.net')],
      }),
    ),
    {
      lists: { recipient: 'warn_if_reject defer_if_reject, reject' },
      does: 'refuses',
      holds: [plain],
      passes: [],
    },
    {
      lists: { recipient: 'warn_if_reject permit, reject' },
      does: 'permits',
      holds: [plain],
      passes: [],
    },
    {
      lists: {
        recipient:
          'warn_if_reject check_sender_access inline:{ {a@=REJECT}, {b@=OK}, {c@=DEFER_IF_PERMIT}, {d@=reject}, ' +
          '{e@=DEFER_IF_REJECT}, {f@=450 x} }, check_recipient_access inline:{ {no@example.org=REJECT} }',
      },
      does: null,
      holds: ['a', 'b', 'c', 'd', 'e', 'f'].map((name) =>
        says(`MAIL FROM:<${name}@example.net>`, BOB, 'RCPT TO:<no@example.org>'),
      ),
      passes: [says(ALICE, BOB, 'RCPT TO:<no@example.org>')],
    },
  ],
  permit_mynetworks: inLists(['relay', 'recipient'], 'permit_mynetworks, reject', {
    does: 'permits',
    holds: [client(OWN_CLIENT)],
    passes: [plain, client(CLIENT.unnamed), client(CLIENT.ipv6), loggedIn],
  }),
  permit_sasl_authenticated: inLists(
    ['client', 'helo', 'sender', 'relay', 'recipient'],
    'permit_sasl_authenticated, reject',
    {
      does: 'permits',
      holds: [loggedIn],
      passes: [plain, client(OWN_CLIENT)],
    },
  ),
  permit_tls_all_clientcerts: inLists(ALL_LISTS, 'permit_tls_all_clientcerts, reject', {
    does: 'permits',
    holds: [{ ...overTls, tls: 'trusted' }],
    passes: [plain, { ...overTls, tls: 'none' }, { ...overTls, tls: 'strange' }],
  }),
  check_client_access: [...accessRows('check_client_access'), cidrRow(), ...CLIENT_ORDER],
  check_reverse_client_hostname_access: [
    ...accessRows('check_reverse_client_hostname_access'),
    ...REVERSE_ORDER,
  ],
  check_helo_access: [...accessRows('check_helo_access'), ...HELO_ORDER],
  check_sender_access: [...accessRows('check_sender_access'), ...SENDER_ORDER, ...SENDER_SPELLINGS],
  check_recipient_access: [
    ...accessRows('check_recipient_access'),
    ...RECIPIENT_ORDER,
    ...RECIPIENT_SPELLINGS,
  ],
  reject_invalid_helo_hostname: inLists(['helo', 'recipient'], 'reject_invalid_helo_hostname', {
    does: 'refuses',
    holds: [
      helo('bad..name'),
      helo('-x.example'),
      helo('x-.example'),
      helo('under_score!.example'),
      helo('[192.0.2.999]'),
      helo('[junk]'),
      helo('[192.0.2.10'),
      helo('[IPv6:2001:db8:::1]'),
      helo('192.0.2.999'),
      helo('a'.repeat(64)),
      helo('mx.example.net..'),
      helo('123'),
    ],
    passes: [
      plain,
      helo('[192.0.2.10]'),
      helo('[IPv6:2001:db8::10]'),
      helo('192.0.2.10'),
      helo('localhost'),
      helo('under_score.example'),
      helo('mx.example.net.'),
    ],
  }),
  reject_non_fqdn_helo_hostname: inLists(['helo', 'recipient'], 'reject_non_fqdn_helo_hostname', {
    does: 'refuses',
    holds: [
      helo('localhost'),
      helo('[junk]'),
      helo('192.0.2.10'),
      helo('bad..name'),
      helo('localhost.'),
      says(ALICE, BOB, 'HELO localhost', ALICE, BOB),
      says(ALICE, BOB, 'RSET', 'EHLO localhost', ALICE, BOB),
      helo('x'),
    ],
    passes: [plain, helo('[192.0.2.10]'), helo('[IPv6:2001:db8::10]'), helo('mx.example.net.'), helo('a.b')],
  }),
  reject_unknown_helo_hostname: [
    ...inLists(['helo', 'recipient'], 'reject_unknown_helo_hostname', {
      does: 'refuses',
      holds: [
        helo('gone.example.net'),
        helo('text.example.net'),
        helo('[192.0.2.999]'),
        helo('192.0.2.10'),
        helo('bad..name'),
        helo('mx.example.net.'),
      ],
      passes: [
        plain,
        helo('[192.0.2.10]'),
        helo('null.example.net'),
        helo('dangling.example.net'),
        helo('six.example.net'),
        helo('alias.example.net'),
        helo('half.example.net'),
        helo('other-half.example.net'),
      ],
      fails: [helo('broken.example.net'), helo('refused.example.net')],
    }),
    {
      lists: { helo: 'reject_unknown_helo_hostname', recipient: 'reject' },
      does: 'refuses',
      holds: [helo('gone.example.net'), plain],
      passes: [],
      fails: [helo('broken.example.net')],
    },
  ],
  reject_own_helo_hostname: 'Postfix knows no such word: check_helo_access does it there',
  reject_non_fqdn_sender: inLists(['sender', 'recipient'], 'reject_non_fqdn_sender', {
    does: 'refuses',
    holds: [
      ...FULL_SPELLINGS.holds,
      sender('alice@example'),
      sender('alice'),
      sender('alice@bad..name'),
      sender('alice@example.'),
    ],
    passes: [
      plain,
      ...FULL_SPELLINGS.passes,
      sender(''),
      sender('alice@[192.0.2.10]'),
      sender('"a@b"@example.net'),
      sender('alice@example.net.'),
    ],
  }),
  reject_unknown_sender_domain: [
    ...inLists(['sender', 'recipient'], 'reject_unknown_sender_domain', {
      does: 'refuses',
      holds: [
        sender('alice@gone.example.net'),
        sender('alice@null.example.net'),
        sender('alice@text.example.net'),
        sender('Alice@Gone.Example.NET'),
        sender('alice@localhost'),
        sender('alice@192.0.2.10'),
        sender('alice'),
      ],
      passes: [
        plain,
        sender(''),
        sender('alice@address.example.net'),
        sender('alice@six.example.net'),
        sender('alice@alias.example.net'),
        sender('alice@dangling.example.net'),
        sender('alice@address-mx.example.net'),
        sender('alice@[192.0.2.10]'),
        sender('alice@half.example.net'),
        sender('alice@other-half.example.net'),
      ],
      fails: [sender('alice@broken.example.net'), sender('alice@refused.example.net')],
    }),
    {
      lists: { recipient: 'reject_unknown_sender_domain, reject' },
      does: 'refuses',
      holds: [sender('alice@gone.example.net'), plain],
      passes: [],
      fails: [sender('alice@broken.example.net')],
    },
    {
      lists: { sender: 'reject_unknown_sender_domain', recipient: 'permit_mynetworks, reject' },
      does: 'refuses',
      holds: [{ ...sender('alice@gone.example.net'), from: OWN_CLIENT }],
      passes: [client(OWN_CLIENT)],
      fails: [
        { ...sender('alice@broken.example.net'), from: OWN_CLIENT },
        sender('alice@broken.example.net'),
      ],
    },
  ],
  reject_non_fqdn_recipient: inLists(['recipient'], 'reject_non_fqdn_recipient', {
    does: 'refuses',
    holds: [outbound('bob@example'), outbound('bob'), outbound('bob@bad..name')],
    passes: [plain, outbound('bob@[192.0.2.200]'), outbound('bob@example.net'), outbound('postmaster')],
  }),
  reject_unknown_recipient_domain: inLists(['recipient'], 'reject_unknown_recipient_domain', {
    does: 'refuses',
    holds: [
      outbound('bob@gone.example.net'),
      outbound('bob@null.example.net'),
      outbound('bob@text.example.net'),
      outbound('Bob@Gone.Example.NET'),
    ],
    passes: [
      plain,
      outbound('bob@example.net'),
      outbound('bob@address.example.net'),
      outbound('bob@[192.0.2.200]'),
    ],
    fails: [outbound('bob@broken.example.net'), outbound('bob@refused.example.net')],
  }),
  reject_multi_recipient_bounce: [
    {
      lists: { recipient: 'reject_multi_recipient_bounce' },
      inPostfix: { data: 'reject_multi_recipient_bounce' },
      does: 'refuses',
      holds: [says('MAIL FROM:<>', BOB, 'RCPT TO:<carol@example.org>', 'DATA')],
      passes: [
        says('MAIL FROM:<>', BOB, ...MESSAGE),
        says(ALICE, BOB, 'RCPT TO:<carol@example.org>', ...MESSAGE),
        says('MAIL FROM:<postmaster@example.net>', BOB, 'RCPT TO:<carol@example.org>', ...MESSAGE),
      ],
    },
  ],
  reject_unknown_reverse_client_hostname: inLists(
    ['client', 'recipient'],
    'reject_unknown_reverse_client_hostname',
    {
      does: 'refuses',
      holds: [client(CLIENT.unnamed)],
      passes: [
        plain,
        client(CLIENT.ipv6),
        client(STRANGE.forged),
        client(STRANGE.brokenForward),
        client(STRANGE.deadName),
        client(STRANGE.noAnswerOfAddress),
      ],
      fails: [client(STRANGE.brokenReverse)],
    },
  ),
  reject_unknown_client_hostname: [
    ...inLists(['client', 'recipient'], 'reject_unknown_client_hostname', {
      does: 'refuses',
      holds: [
        client(CLIENT.unnamed),
        client(STRANGE.forged),
        client(STRANGE.deadName),
        client(STRANGE.noAnswerOfAddress),
        client(STRANGE.numeric),
      ],
      passes: [plain, client(CLIENT.ipv6)],
      fails: [client(STRANGE.brokenReverse), client(STRANGE.brokenForward)],
    }),
  ],
  reject_generic_reverse_client_hostname:
    'Postfix knows no such word: a regexp: table does a part of it there',
  greylist: 'Postfix has no greylist: that is what Postern is for',
  discard: 'in main.cf it is the result of a table: the rows of check_sender_access have it',
  quarantine: 'in main.cf it is HOLD, the result of a table: the rows of check_sender_access have it',
  soft_first: 'Postfix has no such word',
  check_spf: 'Postfix has no such word',
  dnsbl_score: "postscreen's",
  skip_greylist_dnswl_client: 'Postfix has no such word',
  ...LIST_WORD_ROWS,
};

/** What a row cannot show: these hold always. */
const WITHOUT_CONDITION: readonly Word[] = [
  'permit',
  'reject',
  'defer',
  'defer_if_permit',
  'defer_if_reject',
  'warn_if_reject',
];

/** What is missing for the words of this version: a row or a reason, a session in which it holds, does not, can't tell. */
export function uncompared(): string[] {
  return Object.keys(WORDS).flatMap((word) => {
    const entry = Object.hasOwn(TABLE, word) ? TABLE[word as Word] : [];
    if (typeof entry === 'string') return entry === '' ? [`${word}: no reason`] : [];
    const rows = entry.filter(({ lists }) => Object.values(lists).some((list) => list.includes(word)));
    const has = (which: 'holds' | 'passes' | 'fails'): boolean =>
      rows.some((row) => (row[which] ?? []).length > 0);
    const asks = (POSTFIX_REPLIES[word as ReplyWord]?.onTemperror ?? null) !== null;
    return [
      ...(rows.length < entry.length ? [`${word}: it stands in no list of a row`] : []),
      ...(has('holds') ? [] : [`${word}: no session in which it holds`]),
      ...(has('passes') || WITHOUT_CONDITION.includes(word as Word)
        ? []
        : [`${word}: none in which it does not`]),
      ...(has('fails') || !asks ? [] : [`${word}: none in which its lookup fails`]),
    ];
  });
}
