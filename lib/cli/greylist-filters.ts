/** Owns the options that say which triplets are meant. */

import type { ListFilter } from '../greylist/listing.ts';
import { parseNetwork } from '../mail/network.ts';
import { parseClient } from '../mail/session.ts';
import { STATES } from '../control/greylist-order.ts';
import { durationAdvice, parseDuration } from '../yaml/duration.ts';
import { readSince, SINCE_FORMS } from './since.ts';
import { UsageError } from './usage.ts';

export const FILTER_OPTIONS = {
  client: { type: 'string' },
  sender: { type: 'string' },
  rcpt: { type: 'string' },
  state: { type: 'string' },
  since: { type: 'string' },
} as const;

const WHO = `
  --client WHAT   an address (finds the networks that it lies in), a network (those in it and around it), a part of a
                  domain that SPF or a confirmed name has proven, a host (finds its organisation), or a client as the
                  log shows it, mx.example.net[192.0.2.10]
  --sender WHAT   a part of the address, or a pattern with * and ?; a whole address may be given as the log shows it,
                  prvs=…=bob@example.net finds bob@example.net
  --rcpt WHAT     likewise
`;
const STATE = '  --state STATE   waiting, passed or expired\n';
const SINCE = `  --since WHEN    only what was tried since then:\n${SINCE_FORMS}`;

export const FILTER_HELP = WHO + STATE + SINCE;
/** Where all that is meant waits. */
export const WAITING_FILTER_HELP = WHO + SINCE;

export type Filters = { readonly [K in keyof typeof FILTER_OPTIONS]?: string | undefined };

/** No text that anybody can mean is longer; and the service takes no longer question. */
const LONGEST = 600;

/** Null: none is given. Throws UsageError. */
export function readFilters(command: string, values: Filters, nowMs: number): ListFilter | null {
  for (const name of ['client', 'sender', 'rcpt'] as const) {
    const text = values[name];
    // A script's empty variable must not mean everybody.
    if (text !== undefined && text.trim() === '')
      throw new UsageError(`${command}: --${name} is empty: say who`);
    if (text !== undefined && text.length > LONGEST)
      throw new UsageError(`${command}: --${name} is longer than ${LONGEST} characters`);
  }
  const { client, sender, rcpt, state, since } = values;
  if (client !== undefined && isFailedAddress(client.trim()))
    throw new UsageError(
      `${command}: --client ${client.trim()}: that is no address and no network; write 192.0.2.10 or 192.0.2.0/24`,
    );
  const known = STATES.find((name) => name === state);
  if (state !== undefined && known === undefined)
    throw new UsageError(`${command}: --state ${state}: write ${STATES.join(', ')}`);
  const filter: ListFilter = {
    ...(client === undefined ? {} : { origin: client.trim() }),
    ...(sender === undefined ? {} : { sender: sender.trim() }),
    ...(rcpt === undefined ? {} : { recipient: rcpt.trim() }),
    ...(known === undefined ? {} : { state: known }),
    ...(since === undefined ? {} : { sinceMs: readSince(command, since, nowMs) }),
  };
  return Object.keys(filter).length === 0 ? null : filter;
}

/** Of what can only be meant as one: no part of a domain has a slash or colon, or is four numbers. */
function isFailedAddress(text: string): boolean {
  const isMeant = /^\d+(?:\.\d+){3}$|^[^*?]*[/:][^*?]*$/.test(text);
  // Of IPv6 a part may be given, which is text like any other.
  const isPart = /^[\da-f:]+$/i.test(text);
  return isMeant && !isPart && parseNetwork(text) === null && parseClient(text) === null;
}

/** In milliseconds. Throws UsageError. */
export function readAge(command: string, option: string, written: string): number {
  const age = parseDuration(written);
  if (age === null) {
    const { what, instead } = durationAdvice(written);
    throw new UsageError(`${command}: --${option} ${written}: ${what}; ${instead}`);
  }
  if (age === 0) throw new UsageError(`${command}: --${option} 0: write 30m, 12h or 2d`);
  return age;
}
