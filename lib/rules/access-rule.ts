/** Owns the rule of a `check_*_access`: what the result found in the table comes to. */

import { unkeyed, withoutKeys } from '../mail/secret-zone.ts';
import { fillReply } from '../checks/reply-template.ts';
import { reject, tempfail } from '../mail/reply.ts';
import type { Session } from '../mail/session.ts';
import { is } from '../policy/rule.ts';
import type { Findings, Rule } from '../policy/rule.ts';
import type { CheckId } from '../policy/finding.ts';
import type { Effect, Ruling } from '../policy/verdict.ts';
import { factsOf, statusAbout, type About } from './about.ts';
import { readAccessResult, type AccessResult } from './access-result.ts';
import { deferring, refusing, type AnyReply } from './effect-of-reply.ts';
import type { Restriction } from './restrictions.ts';

type RuleOf = (restriction: Restriction, about: About) => Rule;

/** `ruleFor` makes a rule of a policy word that the table names. */
export function accessRule(written: string, check: CheckId, about: About, ruleFor: RuleOf): Rule {
  return {
    word: written,
    when: is(check, 'found', 'temperror'),
    may: ['permit', 'reject', 'tempfail', 'discard', 'quarantine'],
    outcome(findings, session) {
      const { result, facts } = findings.get(check)!;
      if (result === 'temperror') return unreadable(session, about, facts['why']!);
      const read = readAccessResult(facts['result']!);
      // Loaded tables hold none such; a substitution ($1) may still come to one.
      if (!read.ok) return unreadable(session, about, read.what);
      const ruling = {
        effect: effectOf(read.value, session, about, ruleFor),
        // A table may ask a list by its key.
        reason: `${withoutKeys(facts['key']!)} ${unkeyed(facts['result']!)}`,
      };
      return about === 'reverse_client' ? unpermitting(ruling) : ruling;
    },
  };
}

/** Postfix's answer when a table can't be asked. */
function unreadable(session: Session, about: About, why: string): Ruling {
  const reply = fillReply(
    {
      code: 451,
      status: '4.3.5',
      text: '<%{name}>: %{class} rejected: Server configuration error',
      parameter: null,
    },
    factsOf(session, about),
  );
  return { effect: refusing(reply), reason: unkeyed(`table not available: ${why}`) };
}

/**
 * Whoever holds an address can give it any name: in a table of such names, whatever permits is a mistake, and Postfix
 * answers the same (forbid_allowlist()).
 */
function unpermitting(ruling: Ruling): Ruling {
  const { effect } = ruling;
  if (effect.action === 'permit')
    return { effect: refusing(MISTAKEN), reason: 'must not permit by a name that nobody has verified' };
  if (effect.action !== 'apply') return ruling;
  const rules = effect.rules.map((rule) => ({
    ...rule,
    outcome: (findings: Findings, session: Session) => unpermitting(rule.outcome(findings, session)),
  }));
  return { ...ruling, effect: { action: 'apply', rules } };
}

const MISTAKEN = tempfail(451, '4.3.5', 'Server configuration error');

function effectOf(result: AccessResult, session: Session, about: About, ruleFor: RuleOf): Effect {
  switch (result.kind) {
    case 'permit':
    case 'discard':
      return { action: result.kind };
    case 'dunno':
      return { action: 'continue' };
    case 'note':
      return { action: 'note', text: result.text };
    case 'quarantine':
      return { action: 'quarantine', reason: result.text ?? 'triggers HOLD action' };
    case 'rules':
      return {
        action: 'apply',
        rules: result.restrictions.map((each) => warned(each, ruleFor(each, about))),
      };
    case 'refuse':
      return refusing(replyOf(result, session, about, 'Access denied'));
    case 'defer_if_permit':
    case 'defer_if_reject':
      return deferring(result.kind, replyOf(result, session, about, 'Service unavailable'));
  }
}

function warned({ warnOnly }: Restriction, rule: Rule): Rule {
  return warnOnly ? { ...rule, warnOnly: true } : rule;
}

/** Postfix's access_map_reject_code and access_map_defer_code, and its text around the admin's. */
function replyOf(
  result: Extract<AccessResult, { readonly code: number | null }>,
  session: Session,
  about: About,
  usual: string,
): AnyReply {
  const { name, class: what } = factsOf(session, about);
  const text = `<${name}>: ${what} rejected: ${result.text ?? usual}`;
  const [subject, detail] = statusAbout(about, result.status ?? `${result.class}.7.1`)
    .split('.')
    .slice(1)
    .map(Number);
  return result.class === 4
    ? tempfail(result.code ?? 450, `4.${subject!}.${detail!}`, text)
    : reject(result.code ?? 554, `5.${subject!}.${detail!}`, text);
}
