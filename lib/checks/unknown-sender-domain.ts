/** Owns the check whether mail to the sender's domain could go anywhere: `reject_unknown_sender_domain`. */

import type { Resolver } from '../dns/resolver.ts';
import { looksLikeLiteral } from '../mail/domain.ts';
import { writtenMailbox } from '../mail/mailbox.ts';
import type { Check } from '../policy/check.ts';
import { found, type Finding } from '../policy/finding.ts';
import { findingOf, lookUpMailHost, unlessOurs } from './domain-lookup.ts';
import type { MailHost } from './domain-lookup.ts';
import type { LocalDomains } from './local-domains.ts';

/** Like Postfix, asks nothing about domains that are ours (`ours`; null: nobody said), a bare local part, and domains in brackets. */
export function unknownSenderDomain(
  resolver: Resolver,
  ours: LocalDomains | null = null,
): Check<'mail', MailHost> {
  return {
    id: 'unknown_sender_domain',
    stage: 'mail',
    far: true,
    results: ['ok', 'not_found', 'null_mx', 'malformed'],
    run({ sender }, signal) {
      if (sender === null || sender.domain === null) return found('ok');
      const { domain } = sender;
      const facts = { sender: writtenMailbox(sender), domain };
      if (looksLikeLiteral(domain)) return found('ok', facts);
      const ask = (): Promise<Finding<MailHost>> =>
        lookUpMailHost(resolver, domain, signal).then((lookup) => findingOf(lookup, facts));
      return unlessOurs(ours, domain, facts, ask);
    },
  };
}
