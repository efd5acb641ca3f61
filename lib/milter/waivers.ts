/** Owns what a filter can waive: for each stage, the flag that declines it and the one that leaves it unanswered. */

import { PROTOCOL } from './flags.ts';
import type { StageName } from './macros.ts';

export interface Waivers {
  /** "Don't send it." */
  readonly decline: number;
  /** "Don't wait for an answer." */
  readonly silent: number;
}

/** End of message is missing: it is always sent and always answered. */
export const WAIVERS: Readonly<Partial<Record<StageName, Waivers>>> = {
  connect: { decline: PROTOCOL.noConnect, silent: PROTOCOL.silentConnect },
  helo: { decline: PROTOCOL.noHelo, silent: PROTOCOL.silentHelo },
  mail: { decline: PROTOCOL.noMail, silent: PROTOCOL.silentMail },
  rcpt: { decline: PROTOCOL.noRcpt, silent: PROTOCOL.silentRcpt },
  data: { decline: PROTOCOL.noData, silent: PROTOCOL.silentData },
  header: { decline: PROTOCOL.noHeaders, silent: PROTOCOL.silentHeader },
  endOfHeaders: { decline: PROTOCOL.noEndOfHeaders, silent: PROTOCOL.silentEndOfHeaders },
  body: { decline: PROTOCOL.noBody, silent: PROTOCOL.silentBody },
  unknown: { decline: PROTOCOL.noUnknown, silent: PROTOCOL.silentUnknown },
};
