/** Owns the rows of `check_*_access`: every result in a table of one kind, some results in tables of every kind. */

import type { AccessWord } from '../../lib/checks/table-access.ts';
import { CLIENT } from '../support/mta/private-network.ts';
import { ALICE, BOB, client, plain, says, type Lists, type Row, type Session } from './word-rows.ts';

/**
 * What an access table may say. Not `REJECT 5.7.25` alone: behind such a code Postfix 3.7 reads on, whatever stands in its
 * memory there (dsn_split()).
 */
const RESULTS: readonly string[] = [
  'OK',
  'ok whatever',
  'RELAY',
  '1234567890',
  '550',
  'DUNNO',
  'REJECT',
  'REJECT go away',
  'reject go away',
  'REJECT 5.7.25 go away',
  'REJECT 5.1.2 no such domain',
  'REJECT 5.1.7 no such sender',
  'REJECT 4.7.9 of the other class',
  'REJECT 2.7.9 of no class',
  'REJECT 100% sure, "quoted" <and> {braced}',
  'DEFER',
  'DEFER later',
  'DEFER 4.3.2 later',
  'DEFER 5.3.2 of the other class',
  'DEFER_IF_PERMIT',
  'DEFER_IF_PERMIT 4.2.1 not sure',
  'DEFER_IF_REJECT',
  'DEFER_IF_REJECT 4.2.1 not sure',
  '450 full',
  '450 4.3.2 full',
  '451 5.3.2 of the other class',
  '499 odd',
  '421 4.7.0 closing',
  '521 closing too',
  '550 no',
  '550 5.1.1 gone',
  '599 odd',
  'WARN seen',
  'INFO seen',
  'HOLD',
  'HOLD look at it',
  'permit',
  'reject',
  'defer',
  'defer_if_permit',
  'reject_non_fqdn_helo_hostname, defer',
  'warn_if_reject reject',
  'warn_if_reject reject, permit',
  'permit_mynetworks, reject',
  'permit_sasl_authenticated, reject_unknown_helo_hostname',
];

/** What is enough to see that a table of another kind was read and asked. */
const SOME = ['OK', 'DUNNO', 'REJECT go away', 'DEFER_IF_PERMIT 4.2.1 not sure', '450 4.3.2 full', 'defer'];

/** How the same entry stands in a table of each kind. */
const KINDS: Readonly<Record<string, (key: string, result: string) => string>> = {
  hash: (key, result) => `${key} ${result}`,
  lmdb: (key, result) => `${key.toUpperCase()} ${result}`,
  texthash: (key, result) => `${key}\n  ${result}`,
  regexp: (key, result) => `/^${escaped(key)}$/ ${result}`,
  pcre: (key, result) => `/^(?:${escaped(key)})$/ ${result}`,
  inline: (key, result) => `{${key} = ${result}}`,
};

function escaped(key: string): string {
  return key.replaceAll('.', '\\.');
}

interface Subject {
  readonly list: keyof Lists;
  /** What is looked up for the n-th result, and a session in which it is; there, with a recipient or sender that is refused behind the table. */
  readonly key: (n: number) => string;
  readonly session: (n: number) => Session;
}

const named = (n: number): string => `c${n}.example.com`;
export const address = (n: number): string => `198.51.100.${100 + n}`;

/** PTR names of the clients from 198.51.100.100 on; every second one is confirmed. */
export const ADDRESS_OF: Readonly<Record<string, string>> = Object.fromEntries(
  RESULTS.map((_, n) => [named(n), address(n)]),
);

export const LATE = 'RCPT TO:<late@example.org>';
/** Behind every table: who gets so far is let in, and `late` refused. */
export const BEHIND =
  'check_recipient_access inline:{ {late@example.org=REJECT behind} }, check_sender_access inline:{ {late@=REJECT behind} }';

const SUBJECTS: Readonly<Record<AccessWord, Subject>> = {
  check_client_access: {
    list: 'client',
    key: address,
    session: (n) => ({ ...says(ALICE, BOB, LATE), from: address(n) }),
  },
  check_reverse_client_hostname_access: {
    list: 'client',
    key: named,
    session: (n) => ({ ...says(ALICE, BOB, LATE), from: address(n) }),
  },
  check_helo_access: {
    list: 'helo',
    key: (n) => `h${n}.example.com`,
    session: (n) => ({ ...says(ALICE, BOB, LATE), greeting: `HELO h${n}.example.com` }),
  },
  check_sender_access: {
    list: 'sender',
    key: (n) => `s${n}@example.net`,
    session: (n) => says(`MAIL FROM:<s${n}@example.net>`, BOB, LATE),
  },
  check_recipient_access: {
    list: 'recipient',
    key: (n) => `r${n}@example.org`,
    session: (n) =>
      says(
        ALICE,
        `RCPT TO:<r${n}@example.org>`,
        'RSET',
        'MAIL FROM:<late@example.net>',
        `RCPT TO:<r${n}@example.org>`,
      ),
  },
};

/** Every result in a hash table of this word, some in tables of every other kind. */
export function accessRows(word: AccessWord): Row[] {
  return Object.keys(KINDS).map((kind) => row(word, kind));
}

function row(word: AccessWord, kind: string): Row {
  const { list, key, session } = SUBJECTS[word];
  const results = kind === 'hash' ? RESULTS : SOME;
  const entries = results.map((result, n) => KINDS[kind]!(key(n), result));
  const file = `${word}-${kind}`;
  const table = kind === 'inline' ? `inline:{ ${entries.join(', ')} }` : `${kind}:TABLES/${file}`;
  return {
    lists:
      list === 'recipient'
        ? { recipient: `${word} ${table}, ${BEHIND}` }
        : { [list]: `${word} ${table}`, recipient: BEHIND },
    does: null,
    holds: results.map((_, n) => session(n)),
    passes: [session(results.length), plain],
    ...(kind === 'inline' ? {} : { tables: { [file]: `${entries.join('\n')}\n` } }),
  };
}

/** Addresses and networks; the first line that fits counts. */
export function cidrRow(): Row {
  const entries = SOME.map((result, n) => `${address(n)} ${result}`);
  return {
    lists: { client: 'check_client_access cidr:TABLES/cidr', recipient: BEHIND },
    does: null,
    holds: [
      ...SOME.map((_, n) => SUBJECTS.check_client_access.session(n)),
      client(CLIENT.unnamed),
      client(CLIENT.ipv6),
    ],
    passes: [plain],
    tables: {
      cidr: `${entries.join('\n')}\n!198.51.100.0/24 DUNNO\n198.51.100.0/28 450 a small net\n2001:db8::/32 REJECT six\n`,
    },
  };
}
