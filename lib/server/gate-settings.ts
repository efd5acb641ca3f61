/** Owns GateSettings: what a gate works by, for as long as one configuration is in use. */

import type { Sink } from '../observe/event.ts';
import type { decide } from '../policy/driver.ts';
import type { Policy } from '../policy/policy.ts';
import type { Macros } from './client-facts.ts';
import type { HeaderSettings } from './header-settings.ts';
import type { Learning } from './learning.ts';

export interface GateSettings {
  readonly policy: Policy;
  /** Null: what the MTA calls itself (`{j}`), else `hostName`. */
  readonly authservId: string | null;
  readonly hostName: string;
  /** Decide and tell, but let everything through. */
  readonly observe: boolean;
  readonly headers: HeaderSettings;
  /** Absent: nothing is learnt, as for `explain`. */
  readonly learning?: Learning;
  readonly sink: Sink;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly sessionId: () => string;
  /** For `explain`, which looks on; absent: the driver's own. */
  readonly decide?: typeof decide;
}

/** Who we are in header fields. */
export function authservIdOf({ authservId, hostName }: GateSettings, macros: Macros): string {
  return authservId ?? macros.macro('j') ?? hostName;
}
