/**
 * Owns the rows of the words of DNS lists in the table of all words: as they hold, do not, and can not be told. What
 * lists answer is compared in dns-lists.spec.ts, with real ones.
 */

import type { ListWord } from '../../lib/rules/policy-words.ts';
import { CLIENT } from '../support/mta/private-network.ts';
import { but, client, helo, inLists, outbound, plain, sender, type Row, type Session } from './word-rows.ts';

/** Of whom a list that answers can not tell. */
const UNTOLD = '198.51.100.9';

export const LISTS_ZONE: readonly string[] = [
  ...['bl', 'wl'].map((list) => `2.0.0.127.${list}.example. A 127.0.0.2`),
  '7.100.51.198.bl.example. A 127.0.0.2',
  '7.100.51.198.bl.example. TXT "listed since yesterday"',
  '10.2.0.192.wl.example. A 127.0.0.2',
  ...['bl', 'wl'].map((list) => `9.100.51.198.${list}.example. SERVFAIL`),
  ...['test', 'gone.example.net', 'localhost', 'forged.example.com'].map(
    (name) => `${name}.names.example. A 127.0.0.2`,
  ),
  ...['broken.example.net', 'mx6.example.net'].map((name) => `${name}.names.example. SERVFAIL`),
  ...['test', 'mx.example.net'].map((name) => `${name}.mx.example. A 127.0.0.2`),
  'mx6.example.net.mx.example. SERVFAIL',
];

/** Its name does not lead back to it. */
const UNVERIFIED = client('198.51.100.1');

/** A blacklist that can not tell refuses nobody. */
const untold: readonly Session[] = [client(UNTOLD)];

export const LIST_WORD_ROWS: Readonly<
  Record<Exclude<ListWord, 'skip_greylist_dnswl_client'>, readonly Row[]>
> = {
  reject_rbl_client: inLists(['client', 'sender', 'recipient'], 'reject_rbl_client bl.example', {
    does: 'refuses',
    holds: [client(CLIENT.unnamed)],
    passes: [plain, client(CLIENT.ipv6)],
    fails: untold,
  }),
  reject_rhsbl_client: inLists(['client', 'recipient'], 'reject_rhsbl_client mx.example', {
    does: 'refuses',
    holds: [plain],
    passes: [UNVERIFIED, client(CLIENT.unnamed)],
    fails: [client(CLIENT.ipv6)],
  }),
  reject_rhsbl_reverse_client: inLists(['client', 'recipient'], 'reject_rhsbl_reverse_client names.example', {
    does: 'refuses',
    holds: [UNVERIFIED],
    passes: [plain, client(CLIENT.unnamed)],
    fails: [client(CLIENT.ipv6)],
  }),
  reject_rhsbl_helo: inLists(['helo', 'recipient'], 'reject_rhsbl_helo names.example', {
    does: 'refuses',
    holds: [helo('gone.example.net'), helo('localhost')],
    passes: [plain, helo('[192.0.2.10]')],
    fails: [helo('broken.example.net')],
  }),
  reject_rhsbl_sender: inLists(['sender', 'recipient'], 'reject_rhsbl_sender names.example', {
    does: 'refuses',
    holds: [sender('alice@gone.example.net')],
    passes: [plain, sender('')],
    fails: [sender('alice@broken.example.net')],
  }),
  reject_rhsbl_recipient: inLists(['recipient'], 'reject_rhsbl_recipient names.example', {
    does: 'refuses',
    holds: [outbound('bob@gone.example.net')],
    passes: [plain, outbound('bob@example.net')],
    fails: [outbound('bob@broken.example.net')],
  }),
  permit_dnswl_client: [
    ...inLists(
      ['client', 'recipient'],
      'permit_dnswl_client wl.example, reject_rbl_client bl.example, reject',
      {
        does: 'permits',
        holds: [plain],
        passes: [client(CLIENT.unnamed), client(CLIENT.ipv6)],
      },
    ),
    {
      lists: { recipient: 'permit_dnswl_client wl.example, reject' },
      does: 'permits',
      holds: [plain],
      passes: [client(CLIENT.ipv6)],
      fails: [
        but(
          client(UNTOLD),
          'only a refusal by a DNS list is put off for a whitelist that can not be asked: others stand',
          `450 4.7.1 <${UNTOLD}>: Client host rejected: Service unavailable`,
          '554 5.7.1 <bob@example.org>: Recipient address rejected: Access denied',
        ),
      ],
    },
    {
      lists: { recipient: 'permit_dnswl_client wl.example, reject_rhsbl_sender names.example' },
      does: null,
      holds: [{ ...sender('alice@gone.example.net'), from: UNTOLD }],
      passes: [client(UNTOLD)],
    },
  ],
  permit_rhswl_client: [
    {
      lists: { client: 'permit_rhswl_client mx.example, reject' },
      does: 'permits',
      holds: [plain],
      passes: [UNVERIFIED, client(CLIENT.unnamed)],
    },
    {
      lists: { client: 'permit_rhswl_client mx.example', recipient: 'reject_rbl_client bl.example' },
      does: 'refuses',
      holds: [client(CLIENT.unnamed)],
      passes: [plain],
      fails: [client(CLIENT.ipv6)],
    },
  ],
};
