/** Owns AnnouncedList: a DNS list that the policy asks, as its health has to know it. */

import type { KnownList, KnownLists } from './known-lists.ts';
import { neverOf } from './list-answer.ts';
import type { ListKeys } from './list-keys.ts';
import type { ListPattern } from './list-pattern.ts';
import type { ListSite } from './list-site.ts';
import { ADDRESS_TESTS, NAME_TESTS, type TestEntries } from './test-entries.ts';

/**
 * What a list is asked about, and is proven for: one that is sane for the one may list all of the other. `address`: of
 * IPv4, and that it answers at all; `ipv6`: addresses too, which nobody need test before there is such a client.
 */
export type ListKind = 'address' | 'ipv6' | 'name';

export interface AnnouncedList {
  /** As it is asked, a key included; where the key is missing, as the rule has it: `${dqs}.zen.dq.spamhaus.net`. */
  readonly zone: string;
  /** All that is ever shown of `zone`. */
  readonly alias: string;
  readonly kind: ListKind;
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

/** `kind`: what the rule asks about. */
export function announced(
  site: Pick<ListSite, 'zone' | 'alias'>,
  kind: Exclude<ListKind, 'ipv6'>,
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
    tests: testsOf(known, kind),
    never: neverOf(known),
    missingKey: asked.ok ? null : asked.why,
    keyAdvice: asked.ok ? null : asked.instead,
  };
}

/** The same list of addresses, as it is proven for IPv6 clients: RFC 5782 §5. */
export function overIpv6(list: AnnouncedList): AnnouncedList {
  const { listed, unlisted } = list.tests;
  const tests = {
    ...list.tests,
    listed: listed === null ? null : '::ffff:7f00:2',
    unlisted: unlisted === null ? null : '::ffff:7f00:1',
  };
  return { ...list, kind: 'ipv6', tests };
}

/** Of a list that is asked about what it does not list, what nobody may list is still of the kind that is asked. */
function testsOf(known: KnownList | null, kind: 'address' | 'name'): TestEntries {
  const usual = kind === 'name' ? NAME_TESTS : ADDRESS_TESTS;
  if (known === null) return usual;
  const isItsKind = (known.kind === 'names') === (kind === 'name');
  return isItsKind ? known.tests : { ...known.tests, unlisted: usual.unlisted };
}
