/** Owns the policy that is fixed in this version: Postfix's words in the order that every installation needs. */

import { authenticated } from '../checks/authenticated.ts';
import { calloutSender } from '../checks/callout-sender.ts';
import { greylist } from '../checks/greylist.ts';
import type { Greylisting } from '../checks/greylist.ts';
import { mynetworks } from '../checks/mynetworks.ts';
import { sparedRecipient } from '../checks/spared-recipient.ts';
import { submitted } from '../checks/submitted.ts';
import { unknownClient } from '../checks/unknown-client.ts';
import { tempfail } from '../mail/reply.ts';
import { NetworkSet } from '../mail/network.ts';
import type { Policy } from '../policy/policy.ts';
import { is } from '../policy/rule.ts';
import type { Condition, Findings, Rule } from '../policy/rule.ts';
import type { Ruling } from '../policy/verdict.ts';
import type { Config } from './config.ts';

/** RFC 5321 §4.5.1 and RFC 2142: who must be reachable when the filter itself is the problem. */
const SPARED = ['postmaster', 'abuse'];

export function fixedPolicy(config: Config, greylisting: Greylisting): Policy {
  const checks = [
    submitted,
    unknownClient,
    mynetworks(new NetworkSet(config.mynetworks)),
    authenticated,
    calloutSender,
    sparedRecipient(SPARED),
    greylist(greylisting),
  ];
  const spared: readonly Rule[] = [
    permit('permit_submitted', is('submitted', 'yes'), 'not received over SMTP'),
    permit('permit_mynetworks', is('mynetworks', 'yes'), 'client in mynetworks'),
    permit('permit_sasl_authenticated', is('sasl_authenticated', 'yes'), 'client logged in'),
    permit('spare_recipients', is('spared_recipient', 'yes'), 'recipient is never delayed'),
    permit('unknown_client', is('unknown_client', 'yes'), 'the MTA gave no client address'),
  ];
  const delay = greylistRule(config.onStoreFailure);
  const atData = config.greylist.nullSender === 'data';
  return {
    rcpt: [[...spared, nullSender(atData), delay]],
    data: atData
      ? [
          [
            permit('null_sender', { kind: 'not', of: is('callout_sender', 'yes') }, 'decided at RCPT'),
            ...spared,
            delay,
          ],
        ]
      : [],
    checks: new Map(checks.map((check) => [check.id, check])),
  };
}

/** These senders are never greylisted at RCPT. */
function nullSender(atData: boolean): Rule {
  const rule = permit('null_sender', is('callout_sender', 'yes'), 'skipped');
  const later: Ruling = { effect: { action: 'permit' }, reason: 'greylisted at DATA', postponed: true };
  return atData ? { ...rule, outcome: () => later } : rule;
}

function permit(word: string, when: Condition, reason: string): Rule {
  const ruling: Ruling = { effect: { action: 'permit' }, reason };
  return { word, when, may: ['permit'], outcome: () => ruling };
}

function greylistRule(onStoreFailure: Config['onStoreFailure']): Rule {
  return {
    word: 'greylist',
    when: is('greylist', 'new', 'early', 'passed', 'known', 'temperror'),
    may: ['tempfail'],
    outcome: (findings) => greylistRuling(findings, onStoreFailure),
  };
}

function greylistRuling(findings: Findings, onStoreFailure: Config['onStoreFailure']): Ruling {
  const { result, facts } = findings.get('greylist')!;
  switch (result) {
    case 'new':
    case 'early': {
      const waitSeconds = Number(facts['wait']);
      const reply = tempfail(451, '4.7.1', `Greylisted, please try again in ${waitSeconds} seconds`);
      return { effect: { action: 'tempfail', reply }, reason: result, waitSeconds };
    }
    case 'passed':
      return {
        effect: { action: 'continue' },
        reason: `passed after ${facts['delayed']} s`,
        delayedSeconds: Number(facts['delayed']),
      };
    case 'known':
      return { effect: { action: 'continue' }, reason: 'known' };
    default: {
      const reason = `greylist not available: ${facts['why']}`;
      if (onStoreFailure === 'accept') return { effect: { action: 'continue' }, reason };
      const reply = tempfail(451, '4.3.0', 'Greylisting is not available, please try again later');
      return { effect: { action: 'tempfail', reply }, reason };
    }
  }
}
