/** Owns the rule of a `when:` and its `then:`. */

import { POSTFIX_REPLIES } from '../checks/postfix-replies.ts';
import { fillReply } from '../checks/reply-template.ts';
import type { ListContext } from './list-says.ts';
import type { Session } from '../mail/session.ts';
import type { Findings, Rule } from '../policy/rule.ts';
import type { Effect, Ruling } from '../policy/verdict.ts';
import { factsOf, type About } from './about.ts';
import { refusing, type AnyReply } from './effect-of-reply.ts';
import { fillPlaceholders, placeholders, type ReplyPattern } from './reply-pattern.ts';
import type { Restriction } from './restrictions.ts';
import type { Then } from './then.ts';
import type { WhenRule } from './written-rule.ts';

/** `greylisting` makes the rule of a `greylist` with its options. */
export function whenRule(
  { written, when, does }: WhenRule,
  about: About,
  lists: ListContext,
  greylisting: (restriction: Restriction) => Rule,
): Rule {
  const byList = when.lists.length > 0 || when.scores.length > 0 ? { byList: true as const } : {};
  const accused = (findings: Findings): Pick<Ruling, 'listed'> =>
    when.accuses(lists, findings) ? { listed: 'client' } : {};
  const effect = effectOf(does, about, (restriction) => greylisting({ ...restriction, written }));
  return {
    word: written,
    when: when.condition(lists),
    may: MAY[does.kind],
    outcome: (findings, session) => ({
      effect: effect(session),
      reason: does.kind,
      ...byList,
      ...accused(findings),
    }),
  };
}

const MAY: Readonly<Record<Then['kind'], Rule['may']>> = {
  accept: ['permit'],
  reject: ['reject'],
  tempfail: ['tempfail'],
  greylist: ['tempfail'],
  discard: ['discard'],
  quarantine: ['quarantine'],
  tag: [],
  continue: [],
  skip_greylist: [],
};

function effectOf(
  then: Then,
  about: About,
  greylisting: (restriction: Restriction) => Rule,
): (session: Session) => Effect {
  switch (then.kind) {
    case 'accept':
      return () => ({ action: 'permit' });
    case 'discard':
      return () => ({ action: 'discard' });
    case 'continue':
      return () => ({ action: 'continue' });
    case 'skip_greylist':
      return () => ({ action: 'skip_greylist' });
    case 'quarantine':
      return () => ({ action: 'quarantine', reason: then.text ?? 'quarantined by the policy' });
    case 'tag':
      return () => ({ action: 'tag', name: then.name });
    case 'greylist': {
      const rules = [greylisting(then.restriction)];
      return () => ({ action: 'apply', rules });
    }
    case 'reject':
      return (session) => refusing(replyOf('reject', then.reply, session, about));
    case 'tempfail':
      return (session) => refusing(replyOf('defer', then.reply, session, about));
  }
}

/** Postfix's text around the admin's, as in an access table: `<bob@example.org>: Recipient address rejected: …`. */
function replyOf(
  word: 'reject' | 'defer',
  pattern: ReplyPattern | null,
  session: Session,
  about: About,
): AnyReply {
  const template = POSTFIX_REPLIES[word].replies['always']!;
  const facts = factsOf(session, about);
  const own = pattern?.text ?? null;
  // The admin's text has placeholders of its own, which must not be filled twice.
  const text = own === null ? template.text : '<%{name}>: %{class} rejected: %{own}';
  const filled =
    own === null ? facts : { ...facts, own: fillPlaceholders(own, { ...placeholders(session), ...facts }) };
  const digit = word === 'reject' ? 5 : 4;
  // As an access table's REJECT and DEFER.
  const [subject, detail] = pattern?.status ?? [7, 1];
  return fillReply(
    { ...template, text, status: `${digit}.${subject}.${detail}` },
    filled,
    pattern?.code ?? template.code,
  );
}
