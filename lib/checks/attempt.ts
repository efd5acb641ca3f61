/** Owns what greylisting is told of a recipient's try: where it comes from, and what the client has shown of himself. */

import { exactSubject, networkOrigin, type Prefixes } from '../greylist/address-origin.ts';
import type { Attempt, Origin, Subject } from '../greylist/triplet.ts';
import { formerSpellings } from '../greylist/former-spelling.ts';
import type { Providers, ShownDomains } from '../greylist/providers.ts';
import { normaliseRecipient, normaliseSender } from '../greylist/normalise.ts';
import { suffixList, type RegisteredDomain } from '../lists/registered-domain.ts';
import { asciiDomain, withoutRootDot } from '../mail/domain.ts';
import type { Address } from '../mail/network.ts';
import type { AtRcpt, Client, Session } from '../mail/session.ts';
import type { CheckId } from '../policy/finding.ts';
import type { Findings } from '../policy/rule.ts';
import type { Listed } from '../policy/verdict.ts';
import { GENERIC_NAME } from './generic-reverse-client-hostname.ts';
import { spfId, SPF_SKIP_DOMAINS } from './spf.ts';

export interface OriginSettings extends Prefixes {
  /** What counts as the same sender host; the network counts besides where nothing else is known. */
  readonly origins: readonly Origin['kind'][];
  /** Absent: there are none. */
  readonly providers?: Providers;
  /** Whether some DNS list that refuses has the client on it, as far as they have been asked. */
  readonly isListed?: (known: Findings) => boolean;
}

const SPF = spfId('mailfrom');

/** Whether it is worth asking what is known without SPF: whoever is known need not wait for the DNS. */
export function isWithoutSpf(
  { origins }: Pick<OriginSettings, 'origins'>,
  known: Findings | undefined,
): boolean {
  return origins.includes('spf') && known?.get(SPF) === undefined;
}

/** What has to be found out before an attempt can be told. */
export function checksBefore({ origins }: Pick<OriginSettings, 'origins'>): readonly CheckId[] {
  return origins.includes('spf') ? [GENERIC_NAME, SPF] : [GENERIC_NAME];
}

/** Null: the MTA gave no client address. */
export function attemptOf(
  session: AtRcpt,
  known: Findings | undefined,
  settings: OriginSettings,
): Attempt | null | Promise<Attempt | null> {
  const { address } = session.client;
  if (address === null) return null;
  const list = suffixList();
  return list instanceof Promise
    ? list.then((registered) => attemptFrom(address, session, known, settings, registered))
    : attemptFrom(address, session, known, settings, list);
}

function attemptFrom(
  address: Address,
  { client, sender, recipient }: AtRcpt,
  known: Findings | undefined,
  settings: OriginSettings,
  registered: RegisteredDomain,
): Attempt {
  const shown = shownBy(client, known, registered);
  const network = networkOrigin(address, settings);
  const named = originsShown(shown).filter(({ kind }) => settings.origins.includes(kind));
  const origins = named.length === 0 || settings.origins.includes('network') ? [...named, network] : named;
  const provider = settings.providers?.find(shown) ?? null;
  const listed = known !== undefined && settings.isListed?.(known) === true;
  const normalised = normaliseSender(sender);
  const formerly = formerSpellings(sender, normalised);
  return {
    origins,
    sender: normalised,
    ...(formerly.length === 0 ? {} : { formerly }),
    recipient: normaliseRecipient(recipient),
    proof: {
      subjects: listed ? [] : subjectsOf(address, [...named, network]),
      ...(provider === null || listed ? {} : { provider }),
      ownsSender: ownsSender(sender, shown, registered),
      mayCap: !listed && !shown.fails && !shown.isGeneric,
    },
  };
}

/**
 * Who loses what he has earned when a blacklist has him. The client: the exact address, and the domain that vouches for it.
 * The sender's domain: that alone, and only if SPF proves it. Anybody writes a listed sender, and a forwarder or a provider
 * hands on what others wrote: his address is not the sender's.
 */
export async function subjectsListed(
  who: Listed,
  client: Client,
  known: Findings,
): Promise<readonly Subject[]> {
  if (client.address === null) return [];
  const { spfDomain } = shownBy(client, known, await suffixList());
  const domains = spfDomain === null ? [] : [{ kind: 'spf', value: spfDomain } as const];
  return who === 'sender' ? domains : subjectsOf(client.address, domains);
}

/** Whom SPF would vouch for, if it does; null: the null sender, or it was asked already. */
export function domainUnasked({ sender }: Session, known: Findings): Subject | null {
  if (sender === null || sender === undefined || known.get(SPF) !== undefined) return null;
  const domain = sender.domain === null ? null : asciiDomain(sender.domain);
  return domain === null ? null : { kind: 'spf', value: domain };
}

interface Shown extends ShownDomains {
  /** SPF says that the sender is not. */
  readonly fails: boolean;
  /** The registered domain of the client's confirmed name; a name that is one of thousands shows nothing. */
  readonly ptrDomain: string | null;
  readonly isGeneric: boolean;
}

function shownBy(client: Client, known: Findings | undefined, registered: RegisteredDomain): Shown {
  const spf = known?.get(SPF);
  const passes = spf?.result === 'pass' && spf.facts['wide'] !== 'yes';
  const kind = known?.get(GENERIC_NAME)?.result ?? '';
  const isGeneric = GENERIC.has(kind);
  // Mail servers stand on a hoster's static lines, but what he has named after the address says nothing of his customer.
  const isNobodys = isGeneric || kind === 'static' || client.name === null;
  const name = isNobodys ? null : asciiDomain(withoutRootDot(client.name));
  return {
    clientName: name,
    spfDomain: passes ? (spf.facts['domain']?.toLowerCase() ?? null) : null,
    fails: spf?.result === 'fail' && known?.get(SPF_SKIP_DOMAINS)?.result !== 'yes',
    ptrDomain: name === null ? null : registered(name),
    isGeneric,
  };
}

const GENERIC: ReadonlySet<string> = new Set(['pool', 'address']);

function originsShown({ spfDomain, ptrDomain }: Shown): Origin[] {
  return [
    ...(spfDomain === null ? [] : [{ kind: 'spf', value: spfDomain } as const]),
    ...(ptrDomain === null ? [] : [{ kind: 'ptr', value: ptrDomain } as const]),
  ];
}

function subjectsOf(address: Address, others: readonly Origin[]): Subject[] {
  return [exactSubject(address), ...others];
}

/** A pass for `<>` is one of the HELO, and nobody has a correspondent without a name. */
function ownsSender(
  sender: AtRcpt['sender'],
  { spfDomain, ptrDomain }: Shown,
  registered: RegisteredDomain,
): boolean {
  const domain = sender === null || sender.domain === null ? null : asciiDomain(sender.domain);
  if (domain === null) return false;
  if (spfDomain === domain) return true;
  return ptrDomain !== null && ptrDomain === registered(domain);
}
