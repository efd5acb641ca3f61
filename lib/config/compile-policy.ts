/** Owns the way from the rules of a config to a Policy: each word becomes a rule, with the checks that it asks. */

import { greylist, type Greylisting } from '../checks/greylist.ts';
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
import { submitted } from '../checks/submitted.ts';
import { tableAccess } from '../checks/table-access.ts';
import { unknownClient } from '../checks/unknown-client.ts';
import { unknownClientHostname } from '../checks/unknown-client-hostname.ts';
import { unknownHeloHostname } from '../checks/unknown-helo-hostname.ts';
import { unknownRecipientDomain } from '../checks/unknown-recipient-domain.ts';
import { unknownReverseClientHostname } from '../checks/unknown-reverse-client-hostname.ts';
import { unknownSenderDomain } from '../checks/unknown-sender-domain.ts';
import type { Resolver } from '../dns/resolver.ts';
import { NetworkSet } from '../mail/network.ts';
import type { AnyCheck } from '../policy/check.ts';
import type { CheckId } from '../policy/finding.ts';
import type { Policy } from '../policy/policy.ts';
import { is } from '../policy/rule.ts';
import type { Rule } from '../policy/rule.ts';
import type { Table } from '../tables/table.ts';
import type { Config } from './config.ts';
import { permitting } from './permit-rule.ts';
import { isAccessWord, ruleOf, type Place } from './rule-of-word.ts';

/** What the rules work with besides the config. */
export interface Materials {
  readonly greylisting: Greylisting;
  readonly resolver: Resolver;
  /** What a client must not call itself. */
  readonly own: Own;
  /** By `type:name`, all that the policy names. */
  readonly tables: ReadonlyMap<string, Table<string>>;
}

/** RFC 5321 §4.5.1 and RFC 2142: who must be reachable when the filter itself is the problem. */
const SPARED = ['postmaster', 'abuse'];

export function compilePolicy(config: Config, materials: Materials): Policy {
  const atData = config.greylist.nullSender === 'data';
  const lists = (stage: Place['stage'], ...first: readonly Rule[]): Rule[][] =>
    config.policy.map(({ name, rules }) => [
      ...first,
      ...UNTOUCHED,
      ...rules.map((rule) =>
        ruleOf(rule, {
          stage,
          list: name,
          nullSenderAtData: atData,
          onStoreFailure: config.onStoreFailure,
        }),
      ),
    ]);
  return {
    rcpt: lists('rcpt'),
    data: atData
      ? lists(
          'data',
          permitting('null_sender', { kind: 'not', of: is('callout_sender', 'yes') }, 'decided at RCPT'),
        )
      : [],
    checks: checksOf(config, materials),
  };
}

/** Before everything that is written: these must not be refused whatever the rules are. */
const UNTOUCHED: readonly Rule[] = [
  permitting('permit_submitted', is('submitted', 'yes'), 'not received over SMTP'),
  permitting('spare_recipients', is('spared_recipient', 'yes'), 'recipient is never delayed'),
];

function checksOf(config: Config, { greylisting, resolver, own, tables }: Materials): Map<CheckId, AnyCheck> {
  const checks: AnyCheck[] = [
    submitted,
    unknownClient,
    mynetworks(new NetworkSet(config.mynetworks)),
    authenticated,
    calloutSender,
    sparedRecipient(SPARED),
    greylist(greylisting),
    invalidHeloHostname,
    nonFqdnHeloHostname,
    unknownHeloHostname(resolver),
    ownHeloHostname(own),
    nonFqdnSender,
    unknownSenderDomain(resolver),
    nonFqdnRecipient,
    unknownRecipientDomain(resolver),
    unknownReverseClientHostname,
    unknownClientHostname,
    genericReverseClientHostname,
  ];
  for (const { word, table } of config.policy.flatMap(({ rules }) => rules)) {
    if (table === null || !isAccessWord(word)) continue;
    const opened = tables.get(table);
    if (opened === undefined) throw new Error(`the table ${table} was not opened`);
    checks.push(tableAccess(word, opened));
  }
  return new Map(checks.map((check) => [check.id, check]));
}
