/** Owns the checks that the rules of a policy may ask. */

import { delayOf, greylist, greylistKnown, type Greylisting } from '../checks/greylist.ts';
import { authenticated } from '../checks/authenticated.ts';
import { calloutSender } from '../checks/callout-sender.ts';
import { genericReverseClientHostname } from '../checks/generic-reverse-client-hostname.ts';
import { invalidHeloHostname } from '../checks/invalid-helo-hostname.ts';
import { mynetworks } from '../checks/mynetworks.ts';
import { nonFqdnHeloHostname } from '../checks/non-fqdn-helo-hostname.ts';
import { nonFqdnRecipient } from '../checks/non-fqdn-recipient.ts';
import { nonFqdnSender } from '../checks/non-fqdn-sender.ts';
import { ownHeloHostname, type Own } from '../checks/own-helo-hostname.ts';
import { sparedRecipient } from '../checks/spared-recipient.ts';
import { localDomains, type LocalDomains } from '../checks/local-domains.ts';
import { missingHelo } from '../checks/missing-helo.ts';
import { multiRecipientBounce } from '../checks/multi-recipient-bounce.ts';
import { verifiedCertificate } from '../checks/verified-certificate.ts';
import { spfHelo, spfMailFrom, spfSkipDomains, type SpfAsking } from '../checks/spf.ts';
import { softFirst } from '../checks/soft-first.ts';
import { submitted } from '../checks/submitted.ts';
import { trustedRelay } from '../checks/trusted-relay.ts';
import { tableAccess } from '../checks/table-access.ts';
import { unknownClient } from '../checks/unknown-client.ts';
import { unknownClientHostname } from '../checks/unknown-client-hostname.ts';
import { unknownHeloHostname } from '../checks/unknown-helo-hostname.ts';
import { unknownRecipientDomain } from '../checks/unknown-recipient-domain.ts';
import { unknownReverseClientHostname } from '../checks/unknown-reverse-client-hostname.ts';
import { unknownSenderDomain } from '../checks/unknown-sender-domain.ts';
import type { Resolver } from '../dns/resolver.ts';
import { sleeplessClock } from '../dns/sleepless-clock.ts';
import { NetworkSet } from '../mail/network.ts';
import type { AnyCheck } from '../policy/check.ts';
import type { CheckId } from '../policy/finding.ts';
import type { Table } from '../tables/table.ts';
import type { ListsInUse } from '../lists/lists-in-use.ts';
import type { ListAsking } from '../checks/listing.ts';
import { SPF_LIMITS } from '../spf/evaluator.ts';
import { MailauthEvaluator } from '../spf/mailauth-evaluator.ts';
import { RememberingEvaluator } from '../spf/remembering-evaluator.ts';
import { ListChecks } from './list-checks.ts';
import { domainTableKey, type Config } from './config.ts';
import { asksSpf, greylists } from './judge-spf.ts';
import { listedIn } from './learning.ts';
import { isAccessWord } from '../rules/rule-of-word.ts';
import { softKey } from '../rules/soft-first-rule.ts';
import { restrictionsIn } from '../rules/written-rule.ts';

/** What the rules work with besides the config. */
export interface Materials {
  readonly greylisting: Greylisting;
  readonly resolver: Resolver;
  /** What a client must not call itself. */
  readonly own: Own;
  /** The lists of the config are held already. */
  readonly lists: ListsAsked;
  /** By `type:name`, all that the policy names. */
  readonly tables: ReadonlyMap<string, Table<string>>;
}

/** What rules need of ListsInUse. */
export interface ListsAsked extends Pick<ListsInUse, 'named'> {
  readonly health: ListAsking['health'];
  readonly elapsed: ListAsking['elapsed'];
}

export function checksOf(config: Config, materials: Materials): ReadonlyMap<CheckId, AnyCheck> {
  const { resolver, own, tables } = materials;
  const greylisting = {
    ...materials.greylisting,
    isListed: listedIn(config),
    providers: config.greylist.providers,
  };
  const search = {
    parentDomainMatchesSubdomains: config.parentDomainMatchesSubdomains,
    extensionDelimiter: config.recipientDelimiter,
  };
  const ours = oursOf(config, tables);
  const mine = new NetworkSet(config.mynetworks);
  const listChecks = new ListChecks(config, {
    asking: {
      resolver: resolver.lists ?? resolver,
      health: materials.lists.health,
      elapsed: materials.lists.elapsed,
      mynetworks: mine,
      ours,
    },
    inUse: materials.lists,
  });
  const now = sleeplessClock({ now: () => greylisting.now(), elapsed: materials.lists.elapsed });
  const spf = spfAsking(config, resolver, { mynetworks: mine, own, now });
  const checks: AnyCheck[] = [
    submitted,
    unknownClient,
    mynetworks(mine),
    trustedRelay(new NetworkSet(config.trustedRelays)),
    authenticated,
    calloutSender,
    sparedRecipient(config.spareRecipients, ours),
    verifiedCertificate,
    missingHelo,
    multiRecipientBounce,
    greylist(greylisting),
    greylistKnown(greylisting),
    invalidHeloHostname,
    nonFqdnHeloHostname,
    unknownHeloHostname(resolver),
    ownHeloHostname(own),
    nonFqdnSender,
    unknownSenderDomain(resolver, ours),
    nonFqdnRecipient,
    unknownRecipientDomain(resolver, ours),
    unknownReverseClientHostname,
    unknownClientHostname,
    genericReverseClientHostname,
    spfHelo(spf),
    spfMailFrom(spf),
    spfSkipDomains(spf),
  ];
  for (const { test } of config.greylist.skips)
    checks.push(...test.checks.map((make) => make({ tables, search, now: () => greylisting.now() })));
  for (const rule of config.policy.flatMap(({ rules }) => rules)) {
    if (rule.kind === 'when')
      checks.push(...rule.when.checks.map((make) => make({ tables, search, now: () => greylisting.now() })));
    for (const each of restrictionsIn(rule)) {
      if (each.soft && !each.warnOnly) checks.push(softFirst(softKey(each), greylisting));
    }
    if (rule.kind === 'restriction' && rule.table !== null && isAccessWord(rule.word))
      checks.push(tableAccess(rule.word, opened(tables, rule.table), search));
  }
  checks.push(...listChecks.all());
  return new CheckMap(checks, (id) => {
    const delayMs = delayOf(id);
    return delayMs === null ? listChecks.named(id) : greylist(greylisting, delayMs);
  });
}

/** A table's result may be `greylist delay=…` or ask a DNS list, and is not known before it is found. */
class CheckMap extends Map<CheckId, AnyCheck> {
  readonly #make: (id: CheckId) => AnyCheck | undefined;

  constructor(checks: readonly AnyCheck[], make: (id: CheckId) => AnyCheck | undefined) {
    super(checks.map((check) => [check.id, check]));
    this.#make = make;
  }

  override get(id: CheckId): AnyCheck | undefined {
    return super.get(id) ?? this.#make(id);
  }
}

function spfAsking(
  { spf: { skip, lookups, voidLookups, explanation }, authservId, policy, greylist: { origins } }: Config,
  resolver: Resolver,
  {
    mynetworks,
    own,
    now,
  }: { readonly mynetworks: NetworkSet; readonly own: Own; readonly now: () => number },
): SpfAsking {
  const limits = { ...SPF_LIMITS, lookups, voidLookups };
  const evaluator = new MailauthEvaluator(resolver, { limits, explain: explanation });
  // Now, and not while the first mail waits.
  if (asksSpf(policy) || (origins.includes('spf') && greylists(policy))) evaluator.load();
  return {
    evaluator: new RememberingEvaluator(evaluator, { now }),
    resolver,
    mynetworks,
    skips: { ...skip, networks: new NetworkSet(skip.networks) },
    receiver: authservId ?? own.names[0] ?? 'unknown',
    deadlineMs: limits.deadlineMs,
  };
}

function opened(tables: ReadonlyMap<string, Table<string>>, name: string): Table<string> {
  const table = tables.get(name);
  if (table === undefined) throw new Error(`the table ${name} was not opened`);
  return table;
}

/** What we receive mail for; null: nobody said. */
export function oursOf(
  { localDomains: { names, tables: named } }: Config,
  tables: ReadonlyMap<string, Table<string>>,
): LocalDomains | null {
  if (names.length === 0 && named.length === 0) return null;
  return localDomains(
    names,
    named.map(({ text }) => opened(tables, domainTableKey(text))),
  );
}
