/** Owns the judgement of one restriction: Postern's, Postfix's, or nobody's any more. */

import { STAYS_IN_POSTFIX, WORDS } from '../rules/policy-words.ts';
import { judgeTable, type TableContext } from './access-table.ts';
import { judgeDnsList } from './dns-rule.ts';
import { nearest } from '../yaml/spelling.ts';
import { isWrong, stays, type Fate } from './fate.ts';
import { isForeignWord } from './foreign-words.ts';
import type { Service } from './master-cf.ts';
import { hasOpenName, openNames } from './open-name.ts';
import type { Parameters } from './parameters.ts';
import { recognise, type PolicyService } from './policy-service.ts';
import type { RblReplies } from './rbl-reply.ts';
import type { Refusals } from './refusal.ts';
import { ownReply } from './reply-codes.ts';
import type { ListedRestriction, MainCfList } from './restriction-list.ts';
import type { ZoneKeys } from './zone-keys.ts';

export interface Circumstances {
  readonly parameters: Parameters;
  readonly tables: TableContext;
  readonly replies: RblReplies;
  readonly refusals: Refusals;
  readonly keys: ZoneKeys;
  readonly services: readonly Service[];
  /** Told of each policy service that becomes a word of Postern. */
  readonly onService: (service: PolicyService) => void;
}

/** Lists that stay as they are, whatever is in them. */
const WHOLE: Readonly<Partial<Record<MainCfList, string>>> = {
  relay: 'smtpd_relay_restrictions stay as a whole: they keep the relay closed even when Postern is away',
  end_of_data: 'Postern decides at the envelope, before the message is taken',
  etrn: 'Postern does not see ETRN',
};

const DNS_LIST =
  /^(?:reject_rbl_client|reject_rhsbl_(?:client|reverse_client|helo|sender|recipient)|permit_dnswl_client|permit_rhswl_client)$/;

const CLOSED = 'what is closed to everybody else stays closed, even when Postern is away';

/** What comes of it is a rule that Postern takes. */
export function judge(restriction: ListedRestriction, list: MainCfList, circumstances: Circumstances): Fate {
  const fate = judgeWord(restriction, list, circumstances);
  if (fate.kind !== 'rule') return fate;
  const why = circumstances.refusals.of(fate.rule);
  if (why === null) return fate;
  const usual = { ...fate.rule, reply: null };
  if (fate.rule.reply !== null && circumstances.refusals.of(usual) === null)
    return noted({ ...fate, rule: usual }, `the reply of main.cf is left out: ${why}`);
  return stays(`Postern would not take it: ${why}`, fate.permits);
}

function judgeWord(restriction: ListedRestriction, list: MainCfList, circumstances: Circumstances): Fate {
  const { word, argument } = restriction;
  const whole = WHOLE[list];
  const known = Object.hasOwn(STAYS_IN_POSTFIX, word) ? STAYS_IN_POSTFIX[word]! : null;
  if (whole !== undefined)
    return known === null && isUnknown(word)
      ? unknown(word, circumstances)
      : stays(list === 'relay' ? (known ?? whole) : whole);
  if (argument !== null && hasOpenName(argument))
    return stays(
      `main.cf does not set ${openNames(argument).join(', ')}, which this import can't know then: set it there (as "postconf ${openNames(argument).join(' ').replaceAll('$', '')}" prints it), and import again`,
      /^(?:check|permit)_/.test(word),
    );
  if (word === 'check_policy_service') return judgeService(argument, list, circumstances);
  if (known !== null) return stays(known, mayPermit(word, circumstances.parameters));
  if (list === 'data' && word !== 'reject_multi_recipient_bounce' && !isPurePermit(word))
    return stays('Postern decides at RCPT, and this is asked at DATA', /^(?:check|permit)_/.test(word));
  if (/^(?:reject|defer|defer_if_permit|defer_if_reject)$/.test(word)) return stays(CLOSED);
  if (word.endsWith('_access') && Object.hasOwn(WORDS, word)) {
    const fate = judgeTable(word, argument, circumstances.tables);
    return restriction.note === null || fate.kind !== 'rule' ? fate : noted(fate, restriction.note);
  }
  if (DNS_LIST.test(word))
    return noted(judgeDnsList(restriction, circumstances.replies, circumstances.keys), restriction.note);
  if (isForeignWord(word))
    return isWrong(
      'Postfix does not know this word (Postern does): a class whose name is missing, or a slip',
      true,
      MEND,
    );
  if (Object.hasOwn(WORDS, word)) {
    const permits = isPurePermit(word);
    const rule = { text: word, reply: ownReply(word, circumstances.parameters) };
    return noted(
      { kind: 'rule', rule, permits, decides: !permits, notes: [], safer: null },
      restriction.note,
    );
  }
  if (word.endsWith('_access'))
    return isWrong(`Postfix has no such table${meant(word, circumstances)}`, true, MEND);
  if (word === 'permit_naked_ip_address')
    return stays('Postfix has given it up since 2.0: it lets spam in', true, 'take it out and import again');
  return unknown(word, circumstances);
}

function unknown(word: string, circumstances: Circumstances): Fate {
  return isWrong(
    `neither Postfix 3.7 nor Postern knows this word: a class whose name is missing, or a slip${meant(word, circumstances)}`,
    true,
    MEND,
  );
}

const MEND = 'mend it and import again';

function meant(word: string, { tables }: Circumstances): string {
  const near = nearest(word, [...NAMES, ...tables.classes]);
  return near === null ? '' : `: did you mean ${near}?`;
}

const NAMES = [
  ...Object.keys(WORDS).filter((word) => !isForeignWord(word)),
  ...Object.keys(STAYS_IN_POSTFIX),
];

/** A word that no Postfix has. */
function isUnknown(word: string): boolean {
  return !Object.hasOwn(STAYS_IN_POSTFIX, word) && (isForeignWord(word) || !Object.hasOwn(WORDS, word));
}

function judgeService(
  argument: string | null,
  list: MainCfList,
  { services, onService }: Circumstances,
): Fate {
  if (argument === null) return isWrong('it has no service behind it: Postfix refuses all mail there', true);
  if (list === 'data') return stays('Postern decides at RCPT, and this service is asked at DATA', true);
  const service = recognise(argument, services);
  if (service.kind === 'other')
    return stays(`${service.name} speaks to Postfix, not to Postern`, !/quota/.test(service.name));
  onService(service);
  const spf = service.kind === 'spf';
  const notes = [
    `was ${service.name}: ${spf ? 'its settings are in spf: below' : 'its settings are in greylist: below'}`,
  ];
  if (service.remote && !spf)
    notes.push(
      'this greylister runs on another machine, perhaps for several servers: Postern remembers on this machine alone for now; a store that servers share (Redis) comes with a later version',
    );
  return {
    kind: 'rule',
    rule: { text: spf ? 'check_spf' : 'greylist', reply: null },
    permits: false,
    decides: true,
    notes,
    safer: null,
  };
}

function noted(fate: Fate, note: string | null): Fate {
  return fate.kind !== 'rule' || note === null ? fate : { ...fate, notes: [note, ...fate.notes] };
}

function isPurePermit(word: string): boolean {
  return /^permit(?:_mynetworks|_sasl_authenticated|_tls_all_clientcerts)?$/.test(word);
}

/** Postfix's own words that stay; check_*_{a,mx,ns}_access may not let in (forbid_allowlist in smtpd_check.c). */
function mayPermit(word: string, parameters: Parameters): boolean {
  if (word === 'permit_tls_clientcerts') return parameters.text('relay_clientcerts') !== '';
  return (
    word.startsWith('permit_') || /^check_(?:sasl|ccert)_access$/.test(word) || word === 'check_relay_domains'
  );
}
