/** Owns the envelope of `postern explain` as its options give it. */

import { clockOf } from '../explain/clock.ts';
import type { ClientTrace } from '../explain/trace.ts';
import { isHostname } from '../mail/domain.ts';
import { parseMailbox } from '../mail/mailbox.ts';
import { parseAddress, type Address } from '../mail/network.ts';
import { UsageError } from './usage.ts';

export interface AskedEnvelope {
  readonly address: Address;
  /** Null: the DNS is to be asked. */
  readonly client: ClientTrace | null;
  /** Null: not given. */
  readonly helo: string | null;
  /** With its angle brackets, as the recipients. */
  readonly sender: string;
  readonly recipients: readonly string[];
  readonly auth: string | null;
}

/** Postfix cuts lines at 2048 (line_length_limit). */
const LONGEST = 2048;

interface Values {
  readonly client?: string | undefined;
  readonly ptr?: string | undefined;
  readonly helo?: string | undefined;
  readonly from?: string | undefined;
  readonly rcpt?: readonly string[] | undefined;
  readonly auth?: string | undefined;
}

/** Null: none of them is given. Throws UsageError. */
export function readEnvelope(values: Values, positionals: readonly string[]): AskedEnvelope | null {
  const { client, ptr, helo, from, rcpt, auth } = values;
  const given = [client, ptr, helo, from, rcpt, auth].some((value) => value !== undefined);
  if (!given) return null;
  if (positionals.length > 0) throw wrong(`an envelope or the file ${positionals[0]}, not both`);
  for (const [name, value] of Object.entries({ client, ptr, helo, from, rcpt: rcpt?.join(''), auth }))
    if (value !== undefined && /\p{Cc}/u.test(value)) throw wrong(`--${name}: no control characters`);
  for (const value of [helo, from, auth, ...(rcpt ?? [])])
    if (value !== undefined && value.length > LONGEST) throw wrong(`no MTA takes ${value.length} characters`);
  if (client === undefined) throw wrong('write --client and the address of the client: --client 192.0.2.10');
  if (from === undefined) throw wrong("write --from alice@example.net, or --from '<>' for a bounce");
  if (rcpt === undefined) throw wrong('write --rcpt and the recipient: --rcpt bob@example.org');
  const address = parseAddress(client);
  if (address === null) throw wrong(`--client ${client}: write an address, 192.0.2.10 or 2001:db8::10`);
  if (helo === '') throw wrong('--helo: write a name, or leave it out');
  if (auth === '') throw wrong('--auth: write a login, or leave it out');
  return {
    address,
    client: ptr === undefined ? null : clientNamed(address, ptr),
    helo: helo ?? null,
    sender: pathOf('from', from),
    recipients: rcpt.map(recipientPath),
    auth: auth ?? null,
  };
}

function clientNamed(address: Address, ptr: string): ClientTrace {
  const given = { address: address.text, found: null, ms: null };
  if (ptr === 'none') return { ...given, ptr: null, resolve: 'fail' };
  const name = ptr.replace(/\.$/, '');
  if (!isHostname(name)) throw wrong(`--ptr ${ptr}: write a host name, or none`);
  return { ...given, ptr: name, resolve: 'ok' };
}

/** `bob@example.org` → `<bob@example.org>` */
function pathOf(option: string, text: string): string {
  const bare = text.replace(/^\s*<(.*)>\s*$/, '$1').trim();
  const quoted = /^"(?:[^"\\]|\\.)*"(?:@|$)/.test(bare);
  if (!quoted && /[\s<>]/.test(bare))
    throw wrong(`--${option} ${text}: write one address, alice@example.net`);
  return `<${bare}>`;
}

function recipientPath(text: string): string {
  const path = pathOf('rcpt', text);
  if (parseMailbox(path) === null) throw wrong('--rcpt: write an address, bob@example.org');
  return path;
}

/** Of `--at`. Throws UsageError. */
export function timeOf(text: string, dayMs: number): number {
  try {
    return clockOf(text, dayMs);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw wrong(`--at ${text}: ${error.message}`);
  }
}

function wrong(what: string): UsageError {
  return new UsageError(`explain: ${what}; see: postern explain --help`);
}
