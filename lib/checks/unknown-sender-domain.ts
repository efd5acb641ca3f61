/** Owns the check whether mail to the sender's domain could go anywhere: `reject_unknown_sender_domain`. */

import type { Resolver } from '../dns/resolver.ts';
import { looksLikeLiteral } from '../mail/domain.ts';
import { writtenMailbox } from '../mail/mailbox.ts';
import type { Check } from '../policy/check.ts';
import { found } from '../policy/finding.ts';
import { findingOf, lookUpMailHost } from './domain-lookup.ts';
import type { MailHost } from './domain-lookup.ts';

/** Like Postfix, asks nothing about domains that are ours (`isOurs`), a bare local part, and domains in brackets. */
export function unknownSenderDomain(
  resolver: Resolver,
  isOurs: (domain: string) => boolean = () => false,
): Check<'mail', MailHost> {
  return {
    id: 'unknown_sender_domain',
    stage: 'mail',
    results: ['ok', 'not_found', 'null_mx', 'malformed'],
    run({ sender }, signal) {
      if (sender === null || sender.domain === null) return found('ok');
      const { domain } = sender;
      const facts = { sender: writtenMailbox(sender), domain };
      if (looksLikeLiteral(domain) || isOurs(domain)) return found('ok', facts);
      return lookUpMailHost(resolver, domain, signal).then((lookup) => findingOf(lookup, facts));
    },
  };
}
