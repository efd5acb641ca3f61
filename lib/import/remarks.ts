/** Owns what is said of the parameters of main.cf that change restrictions, or stand beside Postern. */

import { POSTFIX_REPLIES } from '../checks/postfix-replies.ts';
import type { Parameters } from './parameters.ts';

export interface Remark {
  readonly line: number;
  readonly name: string;
  readonly text: string;
}

const CODES = new Set<string>(
  Object.values(POSTFIX_REPLIES).flatMap(({ replies }) =>
    Object.values(replies).map(({ parameter }) => parameter ?? ''),
  ),
);

const RELAY_IS_EMPTY =
  'relay control rests on reject_unauth_destination in smtpd_recipient_restrictions, and whoever is let in before it there may relay';

/** In their order here; a name that main.cf does not set says nothing. */
const SAID: readonly (readonly [name: RegExp, text: string | ((value: string) => string | null)])[] = [
  [
    /^smtpd_delay_reject$/,
    (value) =>
      value === 'no'
        ? 'no: Postfix refuses at CONNECT, HELO and MAIL. Postern decides at RCPT, where it knows the recipient and who has logged in; decide_at: helo (or connect, mail) brings it forward'
        : null,
  ],
  [/^smtpd_relay_restrictions$/, (value) => (value === '' ? `empty: ${RELAY_IS_EMPTY}` : null)],
  [
    /_tempfail_action$/,
    (value) =>
      value === 'permit'
        ? 'permit: Postfix knows only defer and defer_if_permit, and its smtpd does not start with this; what it asks for is on_lookup_failure: continue'
        : 'Postern defers as Postfix does by default, if nothing later refuses; on_lookup_failure: continue lets such mail in',
  ],
  [
    /^smtpd_milter_maps$/,
    (value) =>
      value === ''
        ? null
        : `${value}: takes the place of smtpd_milters for the clients in it: these ask Postern only if it stands there, too`,
  ],
  [
    /^smtpd_null_access_lookup_key$/,
    (value) => (value === '<>' ? null : `${value}: in Postern the null sender is looked up as <>`),
  ],
  [
    /^soft_bounce$/,
    (value) =>
      value === 'yes' ? 'yes: turns refusals of Postfix into deferrals, those of a milter too' : null,
  ],
  [/^content_filter$/, 'left as it is: it comes after Postern'],
  [/^smtpd_proxy_filter$/, 'left as it is: it comes after Postern'],
  [
    /^mime_header_checks$|^header_checks$|^body_checks$|^nested_header_checks$|^milter_header_checks$/,
    'stays: it looks into the message, Postern decides before it is taken',
  ],
  [/^relay_domains$/, 'stays: relay control never leaves main.cf'],
  [
    /^relay_recipient_maps$|^local_recipient_maps$|^virtual_mailbox_maps$/,
    'stays: only Postfix knows which recipients exist',
  ],
  [/^smtpd_restriction_classes$/, 'restriction classes are written out where they are used'],
  [/^smtpd_policy_service_/, 'stays, for the policy services that stay'],
  [
    /^milter_default_action$/,
    (value) =>
      value === 'accept'
        ? null
        : `${value}: for the other milters; Postern's entry in smtpd_milters says accept for itself`,
  ],
  [
    /^non_smtpd_milters$/,
    'left as it is: Postern never refuses mail that did not come by SMTP, and needs no entry there',
  ],
];

export function remarksOn(parameters: Parameters): Remark[] {
  return [...byDefault(parameters), ...ofSettings(parameters)];
}

function byDefault(parameters: Parameters): Remark[] {
  const name = 'smtpd_relay_restrictions';
  if (parameters.setting(name) !== null || parameters.text(name) !== '') return [];
  const level = parameters.setting('compatibility_level');
  const why = `empty by default where compatibility_level is below 1 (${level === null ? 'main.cf does not set it' : `line ${level.line}`})`;
  return [{ line: 0, name, text: `${why}: ${RELAY_IS_EMPTY}` }];
}

function ofSettings(parameters: Parameters): Remark[] {
  return [...parameters.names].flatMap((name) => {
    const line = parameters.setting(name)?.line ?? 0;
    if (CODES.has(name) || name === 'access_map_defer_code')
      return codeRemark(name, parameters.text(name), line);
    const said = SAID.find(([pattern]) => pattern.test(name))?.[1];
    const text = typeof said === 'function' ? said(parameters.text(name)) : (said ?? null);
    return text === null ? [] : [{ line, name, text }];
  });
}

function codeRemark(name: string, value: string, line: number): Remark[] {
  if (name === 'access_map_defer_code')
    return value === '450'
      ? []
      : [
          {
            line,
            name,
            text: `${value}: DEFER in a table is 450 in Postern; for another code write it in the table, "${value} text"`,
          },
        ];
  if (name === 'access_map_reject_code' && value !== '554')
    return [
      {
        line,
        name,
        text: `${value}: REJECT in a table is 554 in Postern; for another code write it in the table, "${value} text"`,
      },
    ];
  return [
    {
      line,
      name,
      text: `${value}: stands in the replies of the rules that moved, where it is not Postfix's default`,
    },
  ];
}
