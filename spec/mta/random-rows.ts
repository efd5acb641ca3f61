/** Owns random rows: policies of many words in Postfix's lists, to compare what comes first and what outweighs what. */

import * as fc from 'fast-check';
import { CLIENT, OWN_CLIENT } from '../support/mta/private-network.ts';
import { BOB, type Row, type Session } from './word-rows.ts';

/**
 * Words that refuse some of the sessions below, permit some, or put some off. Not DISCARD, which is another thing in
 * Postfix.
 */
const word = fc.constantFrom(
  'permit',
  'reject',
  'defer',
  'defer_if_permit',
  'defer_if_reject',
  'permit_mynetworks',
  'reject_invalid_helo_hostname',
  'reject_non_fqdn_helo_hostname',
  'reject_unknown_helo_hostname',
  'reject_non_fqdn_sender',
  'reject_unknown_sender_domain',
  'reject_unknown_client_hostname',
  'reject_unknown_reverse_client_hostname',
  'reject_rbl_client bl.example',
  'reject_rhsbl_helo names.example=127.0.0.2',
  'reject_rhsbl_sender names.example',
  'permit_dnswl_client wl.example',
);
const result = fc.oneof(
  fc.constantFrom(
    'OK',
    '123',
    'DUNNO',
    'REJECT no',
    'DEFER later',
    'DEFER_IF_PERMIT perhaps',
    'DEFER_IF_REJECT perhaps',
  ),
  fc.constantFrom('450 4.2.0 busy', '550 5.1.1 gone', 'WARN seen', 'HOLD'),
  fc
    .array(fc.tuple(fc.constantFrom('', '', 'warn_if_reject '), word), { minLength: 1, maxLength: 3 })
    .map(joined),
);
const table = fc.tuple(
  fc.constantFrom(
    ['check_client_access', ['192.0.2.10', 'mx.example.net', '198.51', 'unknown']],
    ['check_helo_access', ['localhost', 'example.net', 'bad..name']],
    ['check_sender_access', ['<>', 'alice@', 'example.net', 'gone.example.net']],
    ['check_recipient_access', ['bob@example.org', 'carol@', 'example.org']],
  ),
  fc.array(result, { minLength: 4, maxLength: 4 }),
);
const rule = fc.oneof(
  word,
  table.map(([[access, keys], results]) => {
    const entries = (keys as readonly string[]).map((key, n) => `{${key} = ${results[n]!}}`);
    return `${access as string} inline:{ ${entries.join(', ')} }`;
  }),
);
const list = fc
  .array(fc.tuple(fc.constantFrom('', '', '', 'warn_if_reject '), rule), { minLength: 1, maxLength: 4 })
  .map(joined);
const lists = fc.record({ client: list, helo: list, sender: list, recipient: list }, { requiredKeys: [] });

function joined(parts: readonly (readonly string[])[]): string {
  return parts.map((each) => each.join('')).join(', ');
}

const CLIENTS = [CLIENT.named, CLIENT.unnamed, OWN_CLIENT];
const GREETINGS = [
  'HELO mx.example.net',
  'HELO localhost',
  'HELO bad..name',
  'HELO broken.example.net',
  'HELO gone.example.net',
];
const SENDERS = [
  'alice@example.net',
  '',
  'alice@gone.example.net',
  'alice@broken.example.net',
  'Alice@[192.0.2.200]',
];
const RECIPIENTS = ['RCPT TO:<carol@example.org>', 'RCPT TO:<dan@example.org>'];

/** Every client meets every greeting and sender in some of them. */
const SESSIONS: readonly Session[] = Array.from({ length: 15 }, (_, n) => ({
  from: CLIENTS[n % 3]!,
  greeting: GREETINGS[n % 5]!,
  lines: [0, 2].flatMap((next) => [
    `MAIL FROM:<${SENDERS[(n + next + Math.trunc(n / 5)) % 5]!}>`,
    BOB,
    RECIPIENTS[n % 2]!,
    'RSET',
  ]),
}));

export function randomRows(seed: number, count: number): Row[] {
  return fc
    .sample(lists, { seed, numRuns: count })
    .filter((each) => Object.keys(each).length > 0)
    .map((each) => ({ lists: each as Row['lists'], does: null, holds: SESSIONS, passes: [] }));
}
