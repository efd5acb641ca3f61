/** Owns the negotiation: from what a filter wants and an MTA offers to the terms that hold for a connection. */

import { ACTION, NEWEST_VERSION, OLDEST_VERSION, PROTOCOL, within } from './flags.ts';
import type { Options } from './layouts.ts';
import type { StageName } from './macros.ts';
import { ProtocolError } from './protocol-error.ts';
import type { MacroList, Terms } from './response.ts';

/** The stages that SETSYMLIST knows; the number of each on the wire is its place here (SMFIM_*). */
const LISTED = [
  'connect',
  'helo',
  'mail',
  'rcpt',
  'data',
  'endOfMessage',
  'endOfHeaders',
] as const satisfies StageName[];

export type MacroLists = Readonly<Partial<Record<(typeof LISTED)[number], readonly string[]>>>;

export interface Wanted {
  /** Bits of ACTION. */
  readonly actions: number;
  /** Bits of PROTOCOL. */
  readonly protocol: number;
  /** Without a list the MTA decides itself what it sends at that stage. */
  readonly macros: MacroLists;
}

/**
 * The answer to an offer. Goes by the bits offered and never by the version: Postfix offers all actions at any
 * version, and drops a filter that asks for one it did not offer. Throws ProtocolError for version 1 and below.
 */
export function negotiate(wanted: Wanted, offered: Options): Terms {
  if (offered.version < OLDEST_VERSION)
    throw new ProtocolError(`protocol version ${offered.version} is too old`);
  const lists = macroLists(wanted.macros);
  const mayChoose = lists.length > 0 && (offered.actions & ACTION.setMacroLists) !== 0;
  const actions = within(wanted.actions & ~ACTION.setMacroLists, offered.actions);
  return {
    kind: 'negotiate',
    version: Math.min(NEWEST_VERSION, offered.version),
    actions: mayChoose ? actions | ACTION.setMacroLists : actions,
    protocol: oneFrameSize(within(wanted.protocol, offered.protocol & ~NEVER)),
    macros: mayChoose ? lists : [],
  };
}

/**
 * DATA is always asked for, and always answered, even by a filter that has nothing to say to it: over TCP, Postfix's
 * small DATA frame would otherwise meet Nagle's algorithm and our delayed ACK, and every message wait 40 ms.
 */
const NEVER = PROTOCOL.noData | PROTOCOL.silentData;

function oneFrameSize(protocol: number): number {
  return protocol & PROTOCOL.frames1M ? within(protocol, ~PROTOCOL.frames256K) : protocol;
}

function macroLists(wanted: MacroLists): MacroList[] {
  const lists: MacroList[] = [];
  for (const [stage, name] of LISTED.entries()) {
    const names = wanted[name];
    if (names !== undefined) lists.push({ stage, names: names.map(canonical).join(' ') });
  }
  return lists;
}

/** MTAs know one-letter macros by the letter and all others in braces. */
function canonical(name: string): string {
  if (name.length === 1 || name.startsWith('{')) return name;
  return `{${name}}`;
}
