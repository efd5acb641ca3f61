/** Owns Policy: the rules of each point where a decision falls, and the checks that they name. */

import type { Network } from '../mail/network.ts';
import type { Stage } from '../mail/session.ts';
import type { AnyCheck } from './check.ts';
import type { EarlyStage } from './early.ts';
import type { CheckId } from './finding.ts';
import type { Rule } from './rule.ts';

export interface Policy {
  /** Before RCPT, for all recipients of the session or message; absent: nothing is decided there. */
  readonly early: Readonly<Partial<Record<EarlyStage, readonly (readonly Rule[])[]>>>;
  /** Decided for each recipient as it is given: one list, or Postfix's five. */
  readonly rcpt: readonly (readonly Rule[])[];
  /** Decided for each accepted recipient once more at DATA, where any refusal holds for the whole message. */
  readonly data: readonly (readonly Rule[])[];
  /** The stages at which there is something to ask the network about, before a rule does. */
  readonly ahead: ReadonlySet<Stage>;
  readonly checks: ReadonlyMap<CheckId, AnyCheck>;
  /** For what trusted relays hand on; null: there are none. */
  readonly relayed: RelayedPolicy | null;
}

/** The rules as they are asked about the host before a relay: nothing of it is remembered. */
export interface RelayedPolicy {
  readonly relays: readonly Network[];
  /** Of a message that the rules reject for all of its recipients. */
  readonly onReject: 'tag' | 'quarantine';
  readonly lists: readonly (readonly Rule[])[];
  readonly checks: ReadonlyMap<CheckId, AnyCheck>;
}
