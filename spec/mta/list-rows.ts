/** Owns the rows that compare the words of DNS lists with Postfix, and the zones that are asked: see dns-lists.spec.ts. */

import { CLIENT } from '../support/mta/private-network.ts';
import { TEST_POINTS, type ListZone } from '../support/dns/rbldnsd.ts';
import {
  ALICE,
  BOB,
  but,
  client,
  helo,
  inLists,
  outbound,
  plain,
  says,
  sender,
  type Row,
  type Session,
} from './word-rows.ts';

/** Clients by how bl.example lists them. */
const BY_LISTING = {
  noReason: '198.51.100.11',
  severalAnswers: '198.51.100.12',
  longReason: '198.51.100.13',
  quotes: '198.51.100.14',
  notAscii: '198.51.100.15',
  excluded: '198.51.100.41',
  outside: '198.51.100.17',
  refusedResolver: '198.51.100.18',
  error: '198.51.100.19',
  /** Names of theirs: see REVERSE. */
  spammer: '198.51.100.21',
  unverified: '198.51.100.22',
  numeric: '198.51.100.23',
  severalStrings: '198.51.100.31',
  longReasons: '198.51.100.32',
} as const;

/** `198.51.100.7` → `7.100.51.198` */
function reversed(address: string): string {
  return address.split('.').toReversed().join('.');
}

const REASON = 'Listed, see https://bl.example/lookup?ip=$&why=100%#1';

export const ZONES: Readonly<Record<string, ListZone>> = {
  'bl.example': {
    ip4set: [
      `:127.0.0.2:${REASON}`,
      ...TEST_POINTS.ip4set,
      '192.0.2.0/24',
      `${BY_LISTING.noReason} :127.0.0.3:`,
      `${BY_LISTING.severalAnswers} :127.0.0.4:Open proxy at $`,
      `${BY_LISTING.severalAnswers} :127.0.0.10:Dial-up line`,
      `${BY_LISTING.longReason} :127.0.0.2:${'So long a reason. '.repeat(14)}.`,
      `${BY_LISTING.quotes} :127.0.0.2:"Quoted" 'too', back\\slash, {braces} \${rbl_code} %{zone} <angles>; 5.5.5  two blanks `,
      `${BY_LISTING.notAscii} :127.0.0.2:Größe\tand a tab`,
      '198.51.100.40/30',
      `!${BY_LISTING.excluded}`,
      `${BY_LISTING.outside} :192.0.2.1:parked`,
      `${BY_LISTING.refusedResolver} :127.255.255.254:Error: open resolver`,
      `${BY_LISTING.error} :127.0.0.1:Query refused`,
    ],
    ip6trie: [`:127.0.0.2:${REASON}`, ...TEST_POINTS.ip6trie, '2001:db8::/64'],
  },
  'wl.example': {
    ip4set: [
      ':127.0.0.11:',
      ...TEST_POINTS.ip4set,
      '192.0.2.10',
      `${CLIENT.unnamed} :127.0.0.3:`,
      `${BY_LISTING.refusedResolver} :127.255.255.254:`,
    ],
  },
  'names.example': {
    dnset: [
      ':127.0.0.2:$ is sold by spammers',
      ...TEST_POINTS.dnset,
      '.spam.example',
      '!good.spam.example',
      'mx.example.net :127.0.0.4:',
      'xn--bcher-kva.example',
    ],
  },
};

/** Of this zone rbldnsd knows nothing, and refuses to answer. */
export const REFUSED_ZONE = 'refused.example';

/** What unbound answers by itself: names of clients, and TXT records of several strings, which rbldnsd does not make. */
export const LOCAL_DATA: readonly string[] = [
  ...Object.entries({
    [BY_LISTING.spammer]: 'a.spam.example',
    [BY_LISTING.unverified]: 'b.spam.example',
    [BY_LISTING.numeric]: 'host.198',
  }).map(([address, name]) => `${reversed(address)}.in-addr.arpa. 60 IN PTR ${name}.`),
  `a.spam.example. 60 IN A ${BY_LISTING.spammer}`,
  'b.spam.example. 60 IN A 192.0.2.55',
  ...['2.0.0.127', reversed(BY_LISTING.severalStrings), reversed(BY_LISTING.longReasons)].map(
    (name) => `${name}.strings.example. 60 IN A 127.0.0.2`,
  ),
  `${reversed(BY_LISTING.severalStrings)}.strings.example. 60 IN TXT "one string, " "another"`,
  ...['a', 'b', 'c'].map(
    (letter) =>
      `${reversed(BY_LISTING.longReasons)}.strings.example. 60 IN TXT "${letter.repeat(letter === 'c' ? 40 : 240)}"`,
  ),
];

/** The last number of each listing's answers. */
const ANSWERS: Readonly<Record<string, readonly number[]>> = {
  [CLIENT.named]: [2],
  [BY_LISTING.noReason]: [3],
  [BY_LISTING.severalAnswers]: [4, 10],
};
const MATCHED: Readonly<Record<string, readonly number[]>> = {
  '127.0.0.[2..11]': [2, 3, 4, 10],
  '127.0.0.10': [10],
  '127.0.0.[4;10]': [4, 10],
  '127.[0..9].0.[3..4]': [3, 4],
};
const LISTED_CLIENTS = [
  BY_LISTING.noReason,
  BY_LISTING.severalAnswers,
  BY_LISTING.longReason,
  BY_LISTING.quotes,
  BY_LISTING.notAscii,
];

/** None of them is listed by its address. */
const UNLISTED = [client(CLIENT.unnamed), client(BY_LISTING.excluded)];

const LONG = `554 5.7.1 Service unavailable; Client host [${BY_LISTING.longReasons}] blocked using strings.example; ${'a'.repeat(240)}`;
const NO_LISTING = 'an answer that tells an error is no listing, and lets nobody in';

/** Postfix refuses by any answer, Postern does not. */
function onlyInPostfix(address: string, reason: string): Session {
  return but(
    client(address),
    NO_LISTING,
    `554 5.7.1 Service unavailable; Client host [${address}] blocked using bl.example; ${reason}`,
    '250 2.1.5 Ok',
  );
}

const BY_ADDRESS: readonly Row[] = [
  ...inLists(['client', 'recipient'], 'reject_rbl_client bl.example', {
    does: 'refuses',
    holds: [
      plain,
      client(CLIENT.ipv6),
      ...LISTED_CLIENTS.map(client),
      says(ALICE, BOB, 'RCPT TO:<carol@example.org>', 'RSET', 'MAIL FROM:<>', BOB),
    ],
    passes: UNLISTED,
  }),
  {
    lists: { recipient: 'reject_rbl_client bl.example' },
    does: null,
    holds: [
      onlyInPostfix(BY_LISTING.outside, 'parked'),
      onlyInPostfix(BY_LISTING.refusedResolver, 'Error: open resolver'),
      onlyInPostfix(BY_LISTING.error, 'Query refused'),
    ],
    passes: UNLISTED,
  },
  ...['127.0.0.[2..11]', '127.0.0.10', '127.0.0.[4;10]', '127.[0..9].0.[3..4]'].map((pattern): Row => {
    const matched = (answers: readonly number[]): boolean =>
      answers.some((answer) => MATCHED[pattern]!.includes(answer));
    const sessions = Object.entries(ANSWERS).map(([address, answers]) => ({ address, answers }));
    return {
      lists: { recipient: `reject_rbl_client bl.example=${pattern}` },
      does: 'refuses',
      holds: sessions.filter(({ answers }) => matched(answers)).map(({ address }) => client(address)),
      passes: [
        ...UNLISTED,
        ...sessions.filter(({ answers }) => !matched(answers)).map(({ address }) => client(address)),
        ...[BY_LISTING.outside, BY_LISTING.refusedResolver, BY_LISTING.error].map(client),
      ],
    };
  }),
  {
    lists: { recipient: 'reject_rbl_client BL.Example' },
    does: 'refuses',
    holds: [
      but(
        plain,
        'a zone is called by one name, however it is spelled',
        `554 5.7.1 Service unavailable; Client host [192.0.2.10] blocked using BL.Example; ${REASON.replace('$', '192.0.2.10')}`,
        `554 5.7.1 Service unavailable; Client host [192.0.2.10] blocked using bl.example; ${REASON.replace('$', '192.0.2.10')}`,
      ),
    ],
    passes: UNLISTED,
  },
  {
    lists: { client: 'reject_rbl_client bl.example=127.0.0.4, reject_rbl_client bl.example=127.0.0.10' },
    does: 'refuses',
    holds: [client(BY_LISTING.severalAnswers)],
    passes: [plain],
  },
  {
    lists: { recipient: 'reject_rbl_client strings.example' },
    does: 'refuses',
    holds: [
      but(
        client(BY_LISTING.longReasons),
        'a line of a reply has 512 octets (RFC 5321 §4.5.3.1.5), which Postfix does not mind',
        `${LONG} / ${'b'.repeat(240)} / ${'c'.repeat(14)}`,
        `${LONG} / ${'b'.repeat(240)} / ${'c'.repeat(14)}`.slice(0, 510),
      ),
      but(
        client(BY_LISTING.severalStrings),
        'Postfix reads the first string of a TXT record only (dns_lookup.c)',
        '554 5.7.1 Service unavailable; Client host [198.51.100.31] blocked using strings.example; one string,',
        '554 5.7.1 Service unavailable; Client host [198.51.100.31] blocked using strings.example; one string, another',
      ),
    ],
    passes: UNLISTED,
  },
  {
    lists: { recipient: 'warn_if_reject reject_rbl_client bl.example' },
    does: 'permits',
    holds: [plain],
    passes: [],
  },
  {
    lists: { recipient: 'check_client_access inline:{ {192.0.2.10 = reject_rbl_client bl.example} }' },
    does: 'refuses',
    holds: [plain],
    passes: [client(CLIENT.neighbour)],
  },
];

const BY_NAME: readonly Row[] = [
  {
    lists: { client: 'reject_rhsbl_client names.example' },
    does: 'refuses',
    holds: [plain, client(BY_LISTING.spammer)],
    passes: [
      client(CLIENT.ipv6),
      client(CLIENT.unnamed),
      client(BY_LISTING.unverified),
      client(BY_LISTING.numeric),
    ],
  },
  {
    lists: { client: 'reject_rhsbl_client names.example=127.0.0.4' },
    does: 'refuses',
    holds: [plain],
    passes: [client(BY_LISTING.spammer)],
  },
  {
    lists: { client: 'reject_rhsbl_reverse_client names.example' },
    does: 'refuses',
    holds: [plain, client(BY_LISTING.spammer), client(BY_LISTING.unverified)],
    passes: [client(CLIENT.ipv6), client(CLIENT.unnamed), client(BY_LISTING.numeric)],
  },
  ...inLists(['helo', 'recipient'], 'reject_rhsbl_helo names.example', {
    does: 'refuses',
    holds: [
      plain,
      helo('spam.example'),
      helo('mx.spam.example'),
      helo('Mx.SPAM.example'),
      helo('xn--bcher-kva.example'),
      { ...helo('spam.example'), greeting: 'EHLO spam.example' },
    ],
    passes: [
      helo('good.spam.example'),
      helo('example.com'),
      helo('[192.0.2.10]'),
      helo('192.0.2.10'),
      helo('[IPv6:2001:db8::10]'),
      helo('spam.example.123'),
      helo('x'),
      helo('bad..name'),
      helo('-'),
    ],
  }),
  ...inLists(['sender', 'recipient'], 'reject_rhsbl_sender names.example', {
    does: 'refuses',
    holds: [
      sender('alice@spam.example'),
      sender('alice@a.b.spam.example'),
      sender('Alice@Spam.EXAMPLE'),
      sender('"a@b"@spam.example'),
      sender('alice+news@spam.example'),
      but(
        sender('spam.example'),
        'a sender without @ has no domain to ask about',
        '554 5.7.1 Service unavailable; Sender address [spam.example] blocked using names.example; spam.example is sold by spammers',
        '250 2.1.5 Ok',
      ),
    ],
    passes: [
      sender(''),
      plain,
      sender('alice@good.spam.example'),
      sender('alice@[192.0.2.10]'),
      sender('alice@spam.example.123'),
      sender('alice'),
    ],
  }),
  {
    lists: { recipient: 'reject_rhsbl_recipient names.example' },
    does: 'refuses',
    holds: [outbound('bob@spam.example'), outbound('Bob@Mx.Spam.Example')],
    passes: [outbound('bob@example.net'), outbound('bob@good.spam.example'), plain],
  },
];

const ROOT_DOT: Row = {
  lists: { helo: 'reject_rhsbl_helo names.example' },
  does: null,
  holds: [
    but(
      helo('mx.spam.example.'),
      'a name is the same with the dot of the root behind it; Postfix asks for a name that can not be',
      '250 2.1.5 Ok',
      '554 5.7.1 Service unavailable; Helo command [mx.spam.example.] blocked using names.example; spam.example is sold by spammers',
    ),
  ],
  passes: [],
};

const WHITE: readonly Row[] = [
  ...inLists(['client', 'recipient'], 'permit_dnswl_client wl.example=127.0.0.[2..3], reject', {
    does: 'permits',
    holds: [client(CLIENT.unnamed)],
    passes: [plain, client(CLIENT.ipv6), client(CLIENT.neighbour)],
  }),
  {
    lists: { recipient: 'permit_dnswl_client wl.example, reject' },
    does: null,
    holds: [
      plain,
      client(CLIENT.unnamed),
      but(
        client(BY_LISTING.refusedResolver),
        NO_LISTING,
        '250 2.1.5 Ok',
        '554 5.7.1 <bob@example.org>: Recipient address rejected: Access denied',
      ),
    ],
    passes: [client(CLIENT.neighbour)],
  },
  {
    lists: { recipient: 'permit_dnswl_client wl.example, reject_rbl_client bl.example' },
    does: 'refuses',
    holds: [client(CLIENT.neighbour)],
    passes: [plain],
  },
  {
    lists: { client: 'permit_dnswl_client wl.example', recipient: 'reject_rbl_client bl.example' },
    does: 'refuses',
    holds: [plain, client(CLIENT.neighbour)],
    passes: UNLISTED,
  },
  {
    lists: { client: 'permit_rhswl_client names.example, reject' },
    does: 'permits',
    holds: [plain, client(BY_LISTING.spammer)],
    passes: [client(CLIENT.ipv6), client(CLIENT.unnamed), client(BY_LISTING.unverified)],
  },
];

const FAILING: readonly Row[] = [
  {
    lists: {
      client: `reject_rbl_client ${REFUSED_ZONE}, reject_rhsbl_client ${REFUSED_ZONE}, reject_rhsbl_helo ${REFUSED_ZONE}`,
      recipient: `reject_rhsbl_sender ${REFUSED_ZONE}, reject_rbl_client bl.example`,
    },
    does: 'refuses',
    holds: [plain],
    passes: UNLISTED,
  },
  {
    lists: { recipient: `permit_dnswl_client ${REFUSED_ZONE}, reject_rbl_client bl.example` },
    does: 'refuses',
    holds: [plain],
    passes: UNLISTED,
  },
  {
    lists: { recipient: `permit_rhswl_client ${REFUSED_ZONE}, reject_rhsbl_sender names.example` },
    does: 'refuses',
    holds: [sender('alice@spam.example')],
    passes: [plain],
  },
  {
    lists: { client: `permit_dnswl_client ${REFUSED_ZONE}`, recipient: 'reject_rbl_client bl.example' },
    does: 'refuses',
    holds: [plain],
    passes: UNLISTED,
  },
  {
    lists: {
      recipient: `permit_dnswl_client ${REFUSED_ZONE}, check_sender_access inline:{ alice@=REJECT }`,
    },
    does: null,
    holds: [
      but(
        plain,
        'only a refusal by a DNS list is put off for a whitelist that can not be asked: others stand',
        '450 4.7.1 <192.0.2.10>: Client host rejected: Service unavailable',
        '554 5.7.1 <alice@example.net>: Sender address rejected: Access denied',
      ),
    ],
    passes: [sender('bob@example.net')],
  },
];

export const ROWS: readonly Row[] = [...BY_ADDRESS, ...BY_NAME, ROOT_DOT, ...WHITE, ...FAILING];
