/** Owns the settings under which Postern's SPF and its peers refuse, and the sessions whose replies are compared. */

import type { SpfSession } from '../support/mta/spf-session.ts';
import type { BothSettings } from '../support/mta/spf-side-by-side.ts';
import { UNTRAPPED } from './spf-peer-rows.ts';

export interface ReplyRow {
  readonly session: SpfSession;
  /** Code and enhanced status, `550 5.7.23`; null: let in. */
  readonly reply: string | null;
  /** The domain's own words in it; null: there are none. Absent: not looked at. */
  readonly explains?: string | null;
  /** What the peers say instead. */
  readonly differs?: {
    readonly pyspf?: string;
    readonly policyd?: string;
    /** Of policyd-spf; null: none. */
    readonly explains?: string | null;
    readonly why: string;
  };
}

export interface ReplyTable extends BothSettings {
  readonly title: string;
  readonly rows: readonly ReplyRow[];
}

const CLIENT = '192.0.2.10';
const STRANGER = '198.51.100.7';
const HELO = 'mx.none.example';

const FAILS = '550 5.7.23';
const WRONG = '550 5.7.24';
const LATER = '451 4.7.24';
/** RFC 7372 §3.2: 4.7.24 goes with 451. */
const DEFERRED = {
  pyspf: '450 4.7.24',
  // Postfix makes it 450 where nothing later refuses the recipient.
  policyd: 'defer_if_permit 4.7.24',
  why: 'RFC 7372 §3.2 has 451 for 4.7.24',
};

function reply(
  { helo = HELO, sender = '', client = CLIENT }: Partial<SpfSession>,
  expected: string | null,
  more: Pick<ReplyRow, 'explains' | 'differs'> = {},
): ReplyRow {
  return { session: { client, helo, sender }, reply: expected, ...more };
}

const from = (domain: string, client = CLIENT): Partial<SpfSession> => ({
  sender: `alice@${domain}`,
  client,
});

export const REPLIES: readonly ReplyTable[] = [
  {
    title: 'fails and permerrors refused, temperrors put off',
    ours: '{ permerror: reject, temperror: defer }',
    theirs: {
      HELO_reject: 'Fail',
      Mail_From_reject: 'Fail',
      PermError_reject: 'True',
      TempError_Defer: 'True',
    },
    rows: [
      reply(from('own.example'), null),
      reply(from('own.example', STRANGER), FAILS),
      reply(from('soft.example', STRANGER), null),
      reply(from('neutral.example'), null),
      reply(from('none.example'), null),
      reply(from('typo.example'), WRONG),
      reply(from('twice.example'), WRONG),
      reply(from('silent.example'), LATER, { differs: DEFERRED }),
      reply({ helo: 'mx.own.example', client: STRANGER, ...from('none.example', STRANGER) }, FAILS),
      reply({ helo: 'nomail.example', ...from('own.example') }, FAILS),
      reply({ helo: 'typo.example', ...from('own.example') }, WRONG),
      reply({ helo: 'silent.example', ...from('own.example') }, LATER, { differs: DEFERRED }),
      reply({ helo: 'mx.own.example' }, null),
      reply({ helo: 'mx.own.example', client: STRANGER }, FAILS),
      reply({ helo: 'typo.example' }, WRONG),
      reply({ helo: 'silent.example' }, LATER, { differs: DEFERRED }),
      reply({}, null),
    ],
  },
  {
    title: 'as Debian ships it, and we do',
    ours: '{}',
    theirs: {
      HELO_reject: 'Fail',
      Mail_From_reject: 'Fail',
      PermError_reject: 'False',
      TempError_Defer: 'False',
    },
    rows: [
      reply(from('own.example', STRANGER), FAILS),
      reply(from('typo.example'), null),
      reply(from('silent.example'), null),
      reply(from('soft.example', STRANGER), null),
      reply({ helo: 'nomail.example' }, FAILS),
      reply(from('exp.example'), FAILS, { explains: '192.0.2.10 may not' }),
      reply(from('exp-servfail.example'), FAILS, { explains: null }),
      reply(from('umlaut-exp.example'), FAILS, { explains: null }),
      reply(from('percent-exp.example'), FAILS, {
        explains: '100% no, 50%d %s',
        differs: { pyspf: UNTRAPPED, why: 'it gives the text to libmilter with single %' },
      }),
      reply(from('comment-exp.example'), FAILS, { explains: 'a) b; c=d (e' }),
      reply(from('lines.example'), FAILS, {
        explains: null,
        differs: {
          pyspf: UNTRAPPED,
          explains: 'no\nmore',
          why: 'they take the text as it is: a reply and the policy protocol end at line ends',
        },
      }),
      reply(from('crlf.example'), FAILS, {
        explains: null,
        differs: { pyspf: UNTRAPPED, explains: 'no\r\nmore', why: 'as above' },
      }),
      reply(from('long-exp.example'), FAILS, {
        explains: 'word '.repeat(60).trim(),
        differs: {
          pyspf: UNTRAPPED,
          explains: 'word '.repeat(200),
          why: 'they pass it on whole: libmilter takes lines of 980 bytes, RFC 5321 §4.5.3.1.5 replies of 512',
        },
      }),
    ],
  },
  {
    title: 'all refused that is not passed',
    ours: '{ helo_softfail: reject, helo_neutral: reject, mail_from_softfail: reject, mail_from_neutral: reject }',
    theirs: { HELO_reject: 'SPF_Not_Pass', Mail_From_reject: 'SPF_Not_Pass' },
    rows: [
      reply(from('own.example'), null),
      reply(from('own.example', STRANGER), FAILS),
      reply(from('soft.example', STRANGER), FAILS),
      reply(from('neutral.example'), FAILS),
      reply(from('bare.example'), FAILS),
      reply(from('none.example'), null),
      reply(from('typo.example'), null),
      reply({ helo: 'neutral.example', ...from('own.example') }, FAILS),
      reply({ helo: 'soft.example', client: STRANGER }, FAILS),
      reply({}, null),
    ],
  },
  {
    title: 'softfails refused, and of HELO nothing',
    ours: '{ helo_fail: continue, mail_from_softfail: reject }',
    theirs: { HELO_reject: 'False', Mail_From_reject: 'Softfail' },
    rows: [
      reply(from('soft.example', STRANGER), FAILS),
      reply(from('neutral.example'), null),
      reply({ helo: 'nomail.example', ...from('own.example') }, null),
      reply({ helo: 'nomail.example' }, FAILS, {
        differs: {
          pyspf: 'let in',
          policyd: 'let in',
          why: 'the null sender is postmaster at the HELO (RFC 7208 §2.4), of whom Mail_From_reject does not speak there',
        },
      }),
    ],
  },
  {
    title: 'of HELO only those of the null sender refused',
    ours: '{ helo_fail: continue }',
    theirs: { HELO_reject: 'Null', Mail_From_reject: 'Fail' },
    rows: [
      reply({ helo: 'nomail.example', ...from('own.example') }, null),
      reply({ helo: 'nomail.example', ...from('own.example', STRANGER) }, FAILS),
      reply({ helo: 'nomail.example' }, FAILS),
      reply({ helo: 'mx.own.example' }, null),
    ],
  },
  {
    title: 'only domains refused that send no mail',
    ours: '{ no_mail_only: true }',
    theirs: { HELO_reject: 'Fail', Mail_From_reject: 'Fail', No_Mail: 'True' },
    rows: [
      reply(from('own.example', STRANGER), null),
      reply(from('nomail.example'), FAILS),
      reply({ helo: 'nomail.example', ...from('own.example') }, FAILS),
      reply({ helo: 'nomail.example' }, FAILS),
      reply({ helo: 'mx.own.example', client: STRANGER }, null),
    ],
  },
  {
    title: 'domains that must pass',
    ours: '{ reject_not_pass_domains: [soft.example, neutral.example] }',
    theirs: {
      HELO_reject: 'Fail',
      Mail_From_reject: 'Fail',
      Reject_Not_Pass_Domains: 'soft.example,neutral.example',
    },
    rows: [
      reply(from('soft.example'), null),
      reply(from('soft.example', STRANGER), FAILS),
      reply(from('neutral.example'), FAILS),
      reply(from('bare.example'), null),
      reply({ helo: 'neutral.example', ...from('own.example') }, FAILS),
      reply({ helo: 'neutral.example' }, FAILS),
    ],
  },
];
