/** Owns the rows of `check_*_access` about what is looked up, in which order, and what becomes of the message. */

import type { AccessWord } from '../../lib/checks/table-access.ts';
import { CLIENT, OWN_CLIENT } from '../support/mta/private-network.ts';
import { address, BEHIND, LATE } from './access-rows.ts';
import {
  ALICE,
  BOB,
  but,
  client,
  helo,
  MESSAGE,
  outbound,
  plain,
  recipient,
  says,
  sender,
  type Lists,
  type Row,
  type Session,
} from './word-rows.ts';

/** Names, parent domains, address, networks by octet: what is found first counts. */
export const CLIENT_ORDER: readonly Row[] = [
  table(
    'client',
    'check_client_access',
    {
      'mx.example.net': 'REJECT by name',
      'example.com': 'REJECT by parent',
      '.example.com': 'REJECT by a parent with its dot',
      '198.51.100.102': 'REJECT by address',
      '198.51.100.7': 'DUNNO',
      '198.51.100': 'REJECT by network',
      unknown: 'DUNNO',
      '203.0': 'REJECT by a wide network',
      '192': 'REJECT by the widest',
      '2001:db8': 'REJECT six',
    },
    [
      client(CLIENT.named),
      client(CLIENT.neighbour),
      client(CLIENT.unnamed),
      client(CLIENT.ipv6),
      client(OWN_CLIENT),
      client(address(1)),
      client(address(2)),
      client(address(3)),
    ],
  ),
  table(
    'client',
    'check_client_access',
    {
      '198.51.100.7': 'REJECT by address',
      '198.51': 'REJECT by network',
      '2001:db8::10': 'REJECT six',
      net: 'REJECT by the top',
    },
    [
      client(CLIENT.named),
      client(CLIENT.neighbour),
      client(CLIENT.unnamed),
      client(CLIENT.ipv6),
      client(OWN_CLIENT),
      client(address(1)),
    ],
  ),
];

export const REVERSE_ORDER: readonly Row[] = [
  table(
    'client',
    'check_reverse_client_hostname_access',
    {
      'mx.example.net': 'REJECT by name',
      'example.com': 'REJECT by parent',
      '198.51.100.7': 'REJECT by address',
      '192.0.2': 'REJECT by network',
      '2001:db8': 'REJECT six',
    },
    [
      client(CLIENT.named),
      client(CLIENT.neighbour),
      client(CLIENT.unnamed),
      client(CLIENT.ipv6),
      client(address(1)),
      client(address(2)),
    ],
  ),
];

export const HELO_ORDER: readonly Row[] = [
  table(
    'helo',
    'check_helo_access',
    {
      'mx.example.net': 'REJECT by name',
      'example.com': 'REJECT by parent',
      org: 'REJECT by the top',
      '[192.0.2.10]': 'REJECT the literal',
      '192.0.2': 'REJECT by network',
      localhost: 'DUNNO',
      'example.com.': 'REJECT with a dot',
    },
    [
      plain,
      helo('MX.Example.NET'),
      helo('a.b.example.com'),
      helo('example.org'),
      helo('[192.0.2.10]'),
      helo('192.0.2.10'),
      helo('localhost'),
      helo('example.com.'),
      helo('mx.example.net.'),
      helo('notexample.com'),
    ],
  ),
  {
    lists: { helo: 'check_helo_access pcre:TABLES/greetings' },
    does: 'refuses',
    holds: [helo('MX.Example.NET'), helo('[192.0.2.10]'), helo('Bob.example.com')],
    passes: [helo('alice.example.org')],
    tables: {
      greetings: '/^(.*)\\.example\\.net$/ REJECT $1 again\n/^\\[(.*)\\]$/ REJECT $1\n/^bob/ REJECT bob\n',
    },
  },
];

const ADDRESSES = [
  'alice@example.net',
  'Alice@Example.NET',
  'carol@sub.example.net',
  'carol@a.b.example.com',
  'dave+x@example.org',
  'eve@example.org',
  '"eve e"@example.org',
  'erin@[192.0.2.200]',
  'frank@other.example',
  'example.net@other.example',
];
const ADDRESS_ENTRIES = {
  'alice@example.net': 'REJECT by address',
  'example.net': 'REJECT by domain',
  '.example.com': 'REJECT by a domain with its dot',
  'b.example.com': 'REJECT by parent',
  'dave@': 'REJECT by user, without the extension',
  'dave+x@': 'REJECT by user',
  'eve e@example.org': 'REJECT unquoted',
  '"eve e"@example.org': 'REJECT quoted',
  '[192.0.2.200]': 'REJECT the literal',
  frank: 'REJECT without a sign',
  org: 'REJECT by the top',
};

const LONG = 'and that is said at length '.repeat(25).trim();
const TOLD_LONG = `554 5.7.1 <c@example.net>: Sender address rejected: ${LONG}`;

/** Sixty letters, which the last pattern but one tries in more ways than anybody waits for. */
const TANGLED = `${'a'.repeat(60)}!@example.net`;

export const SENDER_ORDER: readonly Row[] = [
  table('sender', 'check_sender_access', { ...ADDRESS_ENTRIES, '<>': 'REJECT no bounces' }, [
    sender(''),
    ...ADDRESSES.map(sender),
  ]),
  {
    lists: { sender: 'check_sender_access pcre:TABLES/patterns' },
    does: null,
    holds: [
      sender('x@example.net'),
      sender('X@Example.NET'),
      sender('Kept@sub.example.net'),
      but(
        sender('p-@example.com'),
        'an empty $1 leaves a code without text, which is no reason to refuse with an error of our own',
        '451 4.3.5 Server configuration error',
        '450 4.7.1 <p-@example.com>: Sender address rejected: Access denied',
      ),
      sender('p-later@example.com'),
      sender(''),
      sender('n@no.example'),
      sender('Y@example.edu'),
      sender('1@example.edu'),
    ],
    passes: [sender('zoe@example.org')],
    fails: [
      but(
        sender(TANGLED),
        'Postfix takes a pattern that it has given up on for one that does not match; Postern can not tell, and says so',
        '250 2.1.5 Ok',
        `451 4.3.5 <${TANGLED}>: Sender address rejected: Server configuration error`,
      ),
    ],
    tables: {
      patterns: [
        '/^x@(.*)$/ REJECT $1 is not welcome, nor is ${1}x, for 100$$',
        'if /sub/',
        '/^(kept)@/ 550 5.1.$1',
        'endif',
        '/^p-(\\w*)@/ 450 $1',
        '/^<>$/ REJECT bounce',
        '!/^[a-z]/ REJECT no letter',
        '/no\\.example$/i DUNNO',
        '/^(a+)+\\1b$/ REJECT never told',
        '/^y@/ REJECT y',
        '',
      ].join('\n'),
    },
  },
  {
    lists: {
      recipient: `check_sender_access inline:{ {h@=HOLD}, {d@=DISCARD}, {w@=WARN}, {e@=DEFER_IF_REJECT} }, ${BEHIND}`,
    },
    does: null,
    holds: ['h', 'd', 'w', 'e'].flatMap((name) => [
      says(`MAIL FROM:<${name}@example.net>`, BOB, ...MESSAGE),
      says(`MAIL FROM:<${name}@example.net>`, BOB, LATE, 'RCPT TO:<carol@example.org>', ...MESSAGE),
    ]),
    passes: [says(ALICE, BOB, ...MESSAGE)],
  },
  {
    lists: { recipient: `check_sender_access inline:{ {c@=REJECT ${LONG}}, {d@=REJECT grüß Gott} }` },
    does: 'refuses',
    holds: [
      but(
        sender('c@example.net'),
        'a line of a reply has 512 octets at most (RFC 5321 §4.5.3.1.5), which Postfix does not mind',
        TOLD_LONG,
        TOLD_LONG.slice(0, 510),
      ),
      but(
        sender('d@example.net'),
        'a reply is ASCII (RFC 5321 §2.4), which Postfix does not mind',
        `554 5.7.1 <d@example.net>: Sender address rejected: ${Buffer.from('grüß Gott').toString('latin1')}`,
        '554 5.7.1 <d@example.net>: Sender address rejected: gr?? Gott',
      ),
    ],
    passes: [plain],
  },
];

const SPARED =
  'postmaster and abuse must be reachable when the filter itself is the problem (RFC 5321 §4.5.1)';

export const RECIPIENT_ORDER: readonly Row[] = [
  table('recipient', 'check_recipient_access', ADDRESS_ENTRIES, ADDRESSES.map(outbound)),
  table(
    'recipient',
    'check_recipient_access',
    { 'postmaster@example.org': 'REJECT', 'postmaster@': 'REJECT user', 'abuse@': 'REJECT too' },
    [
      but(
        recipient('postmaster@example.org'),
        SPARED,
        '554 5.7.1 <postmaster@example.org>: Recipient address rejected: Access denied',
        '250 2.1.5 Ok',
      ),
      but(
        recipient('abuse@example.org'),
        SPARED,
        '554 5.7.1 <abuse@example.org>: Recipient address rejected: too',
        '250 2.1.5 Ok',
      ),
      recipient('postmaster'),
      recipient('webmaster@example.org'),
    ],
  ),
  {
    lists: { recipient: `check_recipient_access inline:{ {held@=HOLD}, {lost@=DISCARD}, {no@=REJECT} }` },
    does: null,
    holds: [
      says(ALICE, BOB, 'RCPT TO:<lost@example.org>', ...MESSAGE),
      says(ALICE, 'RCPT TO:<lost@example.org>', BOB, ...MESSAGE),
      says(ALICE, 'RCPT TO:<held@example.org>', 'RCPT TO:<lost@example.org>', ...MESSAGE),
    ],
    passes: [
      says(ALICE, 'RCPT TO:<no@example.org>', 'RCPT TO:<lost@example.org>'),
      but(
        says(ALICE, 'RCPT TO:<lost@example.org>', 'RCPT TO:<no@example.org>'),
        'in Postfix DISCARD is for the whole message, and nobody after it is judged; in Postern it is for its recipient',
        '250 2.1.5 Ok',
        '554 5.7.1 <no@example.org>: Recipient address rejected: Access denied',
      ),
      says(ALICE, BOB, ...MESSAGE),
    ],
  },
];

/** A hash table of these entries, in their order. */
function table(
  list: keyof Lists,
  word: AccessWord,
  entries: Readonly<Record<string, string>>,
  sessions: readonly Session[],
): Row {
  const file = `${word}-order-${Object.keys(entries).length}`;
  const lines = Object.entries(entries).map(
    ([key, result]) => `${key.includes(' ') ? key.replace(' ', '\\ ') : key} ${result}`,
  );
  return {
    lists: { [list]: `${word} hash:TABLES/${file}` },
    does: null,
    holds: sessions,
    passes: [],
    tables: { [file]: `${lines.join('\n')}\n` },
  };
}
