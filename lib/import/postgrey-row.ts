/** Owns the rows of postgrey's two databases: what a key and its value say of a triplet or a client. */

import { exactSubject, networkOrigin, type Prefixes } from '../greylist/address-origin.ts';
import { fromPostgrey } from '../greylist/former-spelling.ts';
import { normaliseRecipient } from '../greylist/normalise.ts';
import { parseAddress, type Address } from '../mail/network.ts';
import { toText } from '../milter/bytes.ts';
import { mailboxOf, secondsOf, type ForeignRow } from './foreign-row.ts';
import type { PostgreyTimes } from './postgrey.ts';

/** `--privacy`: SHA-1 in hex. */
const HASH = /^[0-9a-f]{40}$/;

/** `192.0.2.0/alice@example.net/bob@example.org` → `1700000000,1700000400`: first seen, last seen. */
export function tripletRow(key: Buffer, value: Buffer, times: PostgreyTimes, prefixes: Prefixes): ForeignRow {
  const text = toText(key.toString('latin1'));
  if (HASH.test(text)) return 'hashed';
  const parts = splitKey(text);
  const [first, last] = value.toString('latin1').split(',').map(secondsOf);
  if (parts === null || first == null || last == null) return 'damaged';
  const { address, sender, recipient } = parts;
  const triplet = {
    kind: 'triplet',
    origins: [networkOrigin(address, prefixes)],
    recipient: normaliseRecipient(mailboxOf(recipient)),
    // As postgrey itself asks, and with the delay that it has now.
    passed: last - first >= times.delaySeconds,
    firstMs: first * 1000,
    lastMs: last * 1000,
  } as const;
  const senders = sender === '' ? ['<>'] : fromPostgrey(mailboxOf(sender));
  return senders.map((spelling) => ({ ...triplet, sender: spelling }));
}

/** `192.0.2.10` → `7,1700000400`: triplets that have passed, at most one an hour; the last of them. */
export function clientRow(key: Buffer, value: Buffer, { allowAfter }: PostgreyTimes): ForeignRow {
  const text = key.toString('latin1');
  if (HASH.test(text)) return 'hashed';
  const address = parseAddress(text);
  const [count, last] = value.toString('latin1').split(',').map(secondsOf);
  if (address === null || count == null || last == null) return 'damaged';
  const allowed = allowAfter > 0 && count >= allowAfter;
  return [
    {
      kind: 'standing',
      subject: exactSubject(address),
      count: Math.min(count, MOST_COUNT),
      allowed,
      lastMs: last * 1000,
    },
  ];
}

const MOST_COUNT = 1_000_000;

/** A sender may hold slashes, his domain none; with --lookup-by-host the address has its /32. */
function splitKey(
  text: string,
): { readonly address: Address; readonly sender: string; readonly recipient: string } | null {
  const [, network = '', rest = ''] = /^([0-9a-f.:]+)(?:\/(?:32|128)(?=\/))?\/(.*)$/s.exec(text) ?? [];
  const address = parseAddress(network);
  if (address === null) return null;
  const at = rest.startsWith('/') ? 0 : rest.indexOf('@') + 1;
  const inDomain = rest.indexOf('/', at);
  const slash = inDomain < 0 ? rest.indexOf('/') : inDomain;
  const recipient = rest.slice(slash + 1);
  return slash < 0 || recipient === '' ? null : { address, sender: rest.slice(0, slash), recipient };
}
