/** Owns AnnouncedList: a DNS list that the policy asks, as its health has to know it. */

import type { KnownLists } from './known-lists.ts';
import { neverOf } from './list-answer.ts';
import type { ListKeys } from './list-keys.ts';
import type { ListPattern } from './list-pattern.ts';
import type { ListSite } from './list-site.ts';
import { ADDRESS_TESTS, NAME_TESTS, type TestEntries } from './test-entries.ts';

export interface AnnouncedList {
  /** As it is asked, a key included; where the key is missing, as the rule has it: `${dqs}.zen.dq.spamhaus.net`. */
  readonly zone: string;
  /** All that is ever shown of `zone`. */
  readonly alias: string;
  /** What the rules ask about. */
  readonly kind: 'address' | 'name';
  /** See KnownList; null: none is suggested, or nothing is known. */
  readonly role: 'reject' | 'score' | 'skip_greylist' | null;
  /** Whether the data knows it: else it may be the administrator's own, or a slip. */
  readonly known: boolean;
  /** Whether a rule of the policy lets in whom it lists: then, while it is out, nobody knows whom to refuse. */
  readonly spares: boolean;
  readonly tests: TestEntries;
  /** The list's own answers that are errors or notes. */
  readonly never: readonly ListPattern[];
  /** Why its key is not there: then it is never asked. Null: it is there, or needs none. */
  readonly missingKey: string | null;
  /** What an administrator can do about it; null: it is there, or needs none. */
  readonly keyAdvice: string | null;
}

/** `kind`: what the rule asks about; of a list that we know, what it lists decides how it is tested. */
export function announced(
  site: Pick<ListSite, 'zone' | 'alias'>,
  kind: AnnouncedList['kind'],
  lists: KnownLists,
  keys: ListKeys,
  spares = false,
): AnnouncedList {
  const asked = keys.zoneToAsk(site.zone);
  const known = lists.find(site.zone);
  return {
    zone: asked.ok ? asked.zone : site.zone,
    alias: site.alias,
    kind,
    role: known?.role ?? null,
    known: known !== null,
    spares,
    tests: known?.tests ?? (kind === 'name' ? NAME_TESTS : ADDRESS_TESTS),
    never: neverOf(known),
    missingKey: asked.ok ? null : asked.why,
    keyAdvice: asked.ok ? null : asked.instead,
  };
}
