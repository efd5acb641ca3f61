/** Owns the way from the rules of a config to a Policy: each word becomes a rule, with the checks that it asks. */

import { TRUSTED_RELAY } from '../checks/trusted-relay.ts';
import type { AnyCheck } from '../policy/check.ts';
import { stagesAhead } from '../policy/ahead.ts';
import { earlyRules, type EarlyStage } from '../policy/early.ts';
import type { CheckId } from '../policy/finding.ts';
import type { Policy, RelayedPolicy } from '../policy/policy.ts';
import { is } from '../policy/rule.ts';
import type { Rule } from '../policy/rule.ts';
import { Untraced } from '../policy/untraced.ts';
import type { Config } from './config.ts';
import { permitting } from '../rules/permit-rule.ts';
import type { GreylistPlace } from '../rules/greylist-rule.ts';
import { weighedIn, type ListName } from '../rules/rule-lists.ts';
import { needsOf } from '../rules/rule-needs.ts';
import { skipRule } from '../rules/skip-lists.ts';
import { ruleOf } from '../rules/rule-of-word.ts';
import { decidedAt } from '../rules/rule-stage.ts';
import type { WrittenRule } from '../rules/written-rule.ts';
import { checksOf, type Materials } from './policy-checks.ts';

export function compilePolicy(config: Config, materials: Materials): Policy {
  const checks = checksOf(config, materials);
  const greylistAtData = config.greylist.nullSender === 'data';
  const lists = (stage: GreylistPlace['stage'], ...first: readonly Rule[]): Rule[][] =>
    config.policy.map(({ name, rules }) => [
      ...first,
      SUBMITTED,
      ...(config.trustedRelays.length === 0 ? [] : [RELAYED]),
      SPARED,
      ...(name === 'helo' ? [NO_HELO] : []),
      ...rules.map((rule, i) => ({
        ...placedRule(rule, name, stage, config),
        place: { number: i + 1, line: rule.line },
      })),
    ]);
  const rcpt = lists('rcpt');
  return {
    early: earlyLists(rcpt, checks),
    rcpt,
    data:
      greylistAtData || asksAtData(config)
        ? lists(
            'data',
            permitting('null_sender', { kind: 'not', of: is('callout_sender', 'yes') }, 'decided at RCPT'),
          )
        : [],
    ahead: stagesAhead(rcpt, checks),
    checks,
    relayed: config.trustedRelays.length === 0 ? null : relayedPolicy(config, rcpt, checks),
  };
}

/** Whoever is not delayed is not asked about by a greylist either. */
function relayedPolicy(
  { trustedRelays, onRelayedReject }: Config,
  rcpt: readonly (readonly Rule[])[],
  checks: ReadonlyMap<CheckId, AnyCheck>,
): RelayedPolicy {
  return {
    relays: trustedRelays,
    onReject: onRelayedReject,
    lists: rcpt.map((rules) => [NEVER_DELAYED, ...rules]),
    checks: new Untraced(checks),
  };
}

function placedRule(
  rule: WrittenRule,
  list: ListName | null,
  stage: GreylistPlace['stage'],
  config: Config,
): Rule {
  const {
    onStoreFailure,
    onLookupFailure,
    decideAt,
    spf,
    greylist: { nullSender, skips, origins },
  } = config;
  const lists = { known: config.knownLists, weighed: weighedIn(config.policy) };
  const compiled = ruleOf(rule, {
    stage,
    list,
    nullSenderAtData: nullSender === 'data',
    onStoreFailure,
    onLookupFailure: rule.onLookupFailure ?? onLookupFailure,
    reply: rule.reply,
    spf,
    waitsForSpf: origins.includes('spf'),
    skips: skips.map((skip) => skipRule(skip, lists)),
    lists,
  });
  const at = decidedAt(needsOf(rule), list, { at: rule.at, decideAt });
  return at === 'rcpt' ? compiled : { ...compiled, at };
}

function asksAtData({ policy }: Config): boolean {
  return policy.some(({ rules }) =>
    rules.some((rule) => rule.kind === 'restriction' && rule.word === 'reject_multi_recipient_bounce'),
  );
}

/** Only the stages at which some rule may refuse: nothing is asked of the MTA for the others. */
function earlyLists(
  lists: readonly (readonly Rule[])[],
  checks: ReadonlyMap<CheckId, AnyCheck>,
): Policy['early'] {
  const decided = new Set(lists.flat().map(({ at }) => at));
  const early: { [stage in EarlyStage]?: readonly (readonly Rule[])[] } = {};
  for (const stage of EARLY_STAGES)
    if (decided.has(stage)) early[stage] = lists.map((rules) => earlyRules(rules, stage, checks));
  return early;
}

const EARLY_STAGES: readonly EarlyStage[] = ['connect', 'helo', 'mail'];

/** Postfix asks its helo list only of a client that has said something (smtpd_check_rcpt in smtpd_check.c). */
const NO_HELO = permitting('no_helo', is('missing_helo', 'yes'), 'no HELO was given');

// Before everything that is written: these must not be refused whatever the rules are.

const SUBMITTED = permitting('permit_submitted', is('submitted', 'yes'), 'not received over SMTP');

const RELAYED = permitting(
  'trusted_relays',
  is(TRUSTED_RELAY, 'yes'),
  'a trusted relay: the host before it is looked at when the header has come',
);

const SPARED = permitting(
  'spare_recipients',
  is('spared_recipient', 'yes'),
  'this recipient is let in before all rules',
);

const NEVER_DELAYED: Rule = {
  word: 'trusted_relays',
  when: { kind: 'always' },
  may: [],
  outcome: () => ({
    effect: { action: 'skip_greylist' },
    reason: 'what a trusted relay hands on is never delayed',
  }),
};
