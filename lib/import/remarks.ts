/** Owns what is said of the parameters of main.cf that change restrictions, or stand beside Postern. */

import { editDistance } from '../yaml/spelling.ts';
import { MAIN_CF_LISTS } from './restriction-list.ts';
import { POSTFIX_REPLIES } from '../checks/postfix-replies.ts';
import type { Parameters } from './parameters.ts';

export interface Remark {
  readonly line: number;
  readonly name: string;
  readonly text: string;
  /** Postfix itself would refuse it, or does not know it. */
  readonly wrong?: true;
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

/** What became of the restriction classes. */
export interface ClassUse {
  readonly writtenOut: ReadonlySet<string>;
  readonly inTables: ReadonlySet<string>;
}

export function remarksOn(parameters: Parameters, classes: ReadonlySet<string>, use: ClassUse): Remark[] {
  return [
    ...byDefault(parameters),
    ...ofClasses(parameters, classes, use),
    ...ofSettings(parameters),
    ...slips(parameters, classes),
  ];
}

function ofClasses(
  parameters: Parameters,
  classes: ReadonlySet<string>,
  { writtenOut, inTables }: ClassUse,
): Remark[] {
  const name = 'smtpd_restriction_classes';
  const line = parameters.setting(name)?.line ?? 0;
  const groups: readonly [string[], string][] = [
    [[...classes].filter((each) => writtenOut.has(each)), 'written out in this file where it is used'],
    [
      [...classes].filter((each) => !writtenOut.has(each) && inTables.has(each)),
      'named only by tables, as a result: it stays in main.cf with them',
    ],
    [
      [...classes].filter((each) => !writtenOut.has(each) && !inTables.has(each)),
      'named by nothing that was read here',
    ],
  ];
  return groups.flatMap(([found, text]) =>
    found.length === 0 ? [] : [{ line, name, text: `${found.join(', ')}: ${text}` }],
  );
}

const NEAR = [
  ...MAIN_CF_LISTS.map((list) => `smtpd_${list}_restrictions`),
  'smtpd_restriction_classes',
  'smtpd_milters',
  'mynetworks',
  'mydestination',
  'relay_domains',
];

/** More letters, and it is a name of somebody's own. */
const FURTHEST = 2;

/** Names that look like one of those that this import reads. */
function slips(parameters: Parameters, classes: ReadonlySet<string>): Remark[] {
  return [...parameters.names].flatMap((name) => {
    if (NEAR.includes(name) || classes.has(name) || name.length > 40) return [];
    const meant = NEAR.find(
      (near) => Math.abs(near.length - name.length) <= FURTHEST && editDistance(name, near) <= FURTHEST,
    );
    const line = parameters.setting(name)?.line ?? 0;
    return meant === undefined
      ? []
      : [
          {
            line,
            name,
            text: `Postfix knows no such parameter, and nothing of it is asked: did you mean ${meant}?`,
            wrong: true as const,
          },
        ];
  });
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
    if (/_(?:reject|defer)_code$/.test(name) && !/^\d{3}$/.test(parameters.text(name)))
      return [
        {
          line,
          name,
          text: `${parameters.text(name)}: this is no code: Postfix's smtpd does not start with it`,
          wrong: true as const,
        },
      ];
    if (CODES.has(name) || name === 'access_map_defer_code')
      return codeRemark(name, parameters.text(name), line);
    const said = SAID.find(([pattern]) => pattern.test(name))?.[1];
    const text = typeof said === 'function' ? said(parameters.text(name)) : (said ?? null);
    if (text === null) return [];
    const refused = name.endsWith('_tempfail_action') && parameters.text(name) === 'permit';
    return [{ line, name, text, ...(refused ? { wrong: true as const } : {}) }];
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
