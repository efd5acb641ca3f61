/** Owns the options that say which triplets are meant. */

import type { ListFilter } from '../greylist/listing.ts';
import { STATES } from '../control/greylist-order.ts';
import { durationAdvice, parseDuration } from '../yaml/duration.ts';
import { UsageError } from './usage.ts';

export const FILTER_OPTIONS = {
  client: { type: 'string' },
  sender: { type: 'string' },
  rcpt: { type: 'string' },
  state: { type: 'string' },
  since: { type: 'string' },
} as const;

export const FILTER_HELP = `
  --client WHAT   an address (finds the networks that it lies in), a network (those in it and around it), or a part of a
                  domain that SPF or a confirmed name has proven
  --sender WHAT   a part of the address, or a pattern with * and ?; a whole address may be given as the log shows it,
                  prvs=…=bob@example.net finds bob@example.net
  --rcpt WHAT     likewise
  --state STATE   waiting, passed or expired
  --since AGE     only what was tried in this time: 30m, 12h, 2d
`;

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
  const known = STATES.find((name) => name === state);
  if (state !== undefined && known === undefined)
    throw new UsageError(`${command}: --state ${state}: write ${STATES.join(', ')}`);
  const filter: ListFilter = {
    ...(client === undefined ? {} : { origin: client.trim() }),
    ...(sender === undefined ? {} : { sender: sender.trim() }),
    ...(rcpt === undefined ? {} : { recipient: rcpt.trim() }),
    ...(known === undefined ? {} : { state: known }),
    ...(since === undefined ? {} : { sinceMs: nowMs - readAge(command, 'since', since) }),
  };
  return Object.keys(filter).length === 0 ? null : filter;
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
