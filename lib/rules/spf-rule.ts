/** Owns `check_spf`: what the two findings of SPF come to by the settings, and what the client is told. */

import { spfId, SPF_SKIP_DOMAINS } from '../checks/spf.ts';
import { reject, tempfail } from '../mail/reply.ts';
import type { Session } from '../mail/session.ts';
import type { Finding } from '../policy/finding.ts';
import type { Condition, Findings, Rule } from '../policy/rule.ts';
import type { SpfIdentity } from '../spf/evaluator.ts';
import { factsOf } from './about.ts';
import { refusing, type AnyReply } from './effect-of-reply.ts';
import { placeholders, withPattern, type ReplyPattern } from './reply-pattern.ts';
import { SPF_CASES, type SpfAnswer, type SpfCase, type SpfSettings } from './spf.ts';

const AUTHENTICATED = 'sasl_authenticated';

interface Refused {
  readonly identity: SpfIdentity;
  readonly finding: Finding;
  readonly does: Exclude<SpfAnswer, 'continue'>;
}

/** `own`: what is written behind the word, instead of the section's; `reply`: instead of our words. */
export function spfRule(
  written: string,
  settings: SpfSettings,
  own: Readonly<Partial<Record<SpfCase, SpfAnswer>>>,
  reply: ReplyPattern | null,
): Rule {
  const effective = { ...settings, answers: { ...settings.answers, ...own } };
  return {
    word: written,
    when: refusedBy(effective),
    may: ['reject', 'tempfail'],
    outcome(findings, session) {
      const refused = refusedOf(findings, effective)!;
      const usual = replyOf(refused, session);
      const { identity, finding, does } = refused;
      const said =
        reply === null ? usual : withPattern(usual, reply, placesOf(refused, session), does === 'defer');
      return { effect: refusing(said), reason: `${identity} ${finding.result}: ${about(finding)}` };
    },
  };
}

function about({ facts: { domain = '', why } }: Finding): string {
  if (why === undefined) return domain;
  return why.includes(domain) ? why : `${domain}: ${why}`;
}

/** Both are asked, even where neither counts: headers tell of them. The HELO comes first, and ends it where it refuses. */
function refusedBy(settings: SpfSettings): Condition {
  const asksForwarders = settings.skip.domains.length > 0;
  return {
    kind: 'told',
    checks: [...CHECKS, ...(asksForwarders ? [SPF_SKIP_DOMAINS] : [])],
    tells(findings) {
      if (findings.get(AUTHENTICATED)?.result === 'yes') return false;
      const missing = CHECKS.filter((id) => findings.get(id) === undefined);
      const refused = refusedOf(findings, settings);
      if (refused !== null && (refused.identity === 'helo' || missing.length === 0)) {
        if (!asksForwarders) return true;
        const skips = findings.get(SPF_SKIP_DOMAINS);
        return skips === undefined ? [SPF_SKIP_DOMAINS] : skips.result !== 'yes';
      }
      return missing.length === 0 ? false : missing;
    },
  };
}

const IDENTITIES = ['helo', 'mailfrom'] as const;
const CHECKS = [AUTHENTICATED, ...IDENTITIES.map(spfId)];

/** Null: nobody, as far as is known. */
function refusedOf(findings: Findings, settings: SpfSettings): Refused | null {
  for (const identity of IDENTITIES) {
    const finding = findings.get(spfId(identity));
    if (finding === undefined) return null;
    const does = answerTo(identity, finding, settings);
    if (does !== 'continue') return { identity, finding, does };
  }
  return null;
}

function answerTo(identity: SpfIdentity, { result, facts }: Finding, settings: SpfSettings): SpfAnswer {
  const { answers, rejectNotPassDomains, noMailOnly } = settings;
  // Without a domain nobody was asked, or the check itself has failed: that is no result of SPF.
  const { domain } = facts;
  if (domain === undefined) return 'continue';
  if (noMailOnly && facts['no_mail'] === undefined && result !== 'temperror') return 'continue';
  const named = `${identity === 'helo' ? 'helo' : 'mail_from'}_${result}`;
  const which = SPF_CASES.find((each) => each === named || each === result);
  if (which === undefined) return 'continue';
  return which === named && rejectNotPassDomains.includes(domain) ? 'reject' : answers[which];
}

function replyOf({ identity, finding, does }: Refused, session: Session): AnyReply {
  const detail = finding.result === 'permerror' || finding.result === 'temperror' ? 24 : 23;
  const { name = '', class: what = '' } = factsOf(session, ABOUT[identity]);
  const text = `<${name}>: ${what} rejected: ${sentence(identity, finding, session)}`;
  return does === 'reject' ? reject(550, `5.7.${detail}`, text) : tempfail(451, `4.7.${detail}`, text);
}

const ABOUT = { helo: 'helo', mailfrom: 'sender' } as const;
const NAMES = { helo: 'HELO', mailfrom: 'MAIL FROM' } as const;

/** Names the identity, the domain, and what the sender can do (RFC 7208 §8.4); a stranger's words as his. */
function sentence(identity: SpfIdentity, finding: Finding, session: Session): string {
  const { result, facts } = finding;
  const { domain = '', explanation } = facts;
  const head = `SPF ${NAMES[identity]} ${result}: ${failing(identity, finding, session)}`;
  if (result === 'permerror') return head;
  if (result === 'temperror') return `${head}, try again later`;
  return `${head}; ${explanation === undefined ? ADVICE[identity] : `${domain} explains: ${explanation}`}`;
}

/** What failed, in our own words. */
function failing(identity: SpfIdentity, { result, facts }: Finding, { client }: Session): string {
  const { domain = '', why = '' } = facts;
  const address = client.address?.text ?? 'unknown';
  switch (result) {
    case 'permerror':
      return `the record of ${domain} is wrong: ${why}`;
    case 'temperror':
      return `the record of ${domain} can't be looked up now`;
    case 'fail':
      return `${domain} does not let ${address} ${identity === 'helo' ? 'use its name' : 'send its mail'}`;
    default:
      return `${domain} does not vouch for ${address}`;
  }
}

const ADVICE = {
  helo: 'its administrator can add this address to the SPF record of the name',
  mailfrom:
    "send through the domain's own mail servers, or ask its administrator to add this one to its SPF record",
} as const;

function placesOf({ identity, finding }: Refused, session: Session): Readonly<Record<string, string>> {
  const reason = finding.facts['explanation'] ?? failing(identity, finding, session);
  return {
    ...{ ...placeholders(session), ...factsOf(session, ABOUT[identity]) },
    ...{ reason, result: finding.result },
  };
}
