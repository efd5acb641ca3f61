/** Owns the sessions in which Postern's SPF is compared with its peers': what they say, what the DNS holds, what it comes to. */

import type { SpfResult } from '../../lib/spf/evaluator.ts';
import type { SpfSession } from '../support/mta/spf-session.ts';

/** What the peers say instead: pyspf-milter of MAIL FROM, policyd-spf of HELO; and who is right. */
export interface Difference {
  readonly mailfrom?: string;
  readonly helo?: string;
  readonly why: string;
}

/** pyspf-milter's, where something happens to it that it does not expect; the client hears it again each time it tries. */
export const UNTRAPPED = '451 4.3.0 pymilter: untrapped exception in pyspf-filter';

export interface PeerRow {
  readonly title: string;
  readonly session: SpfSession;
  readonly mailfrom: SpfResult;
  readonly helo: SpfResult;
  readonly differs?: Difference;
}

/** In no record. */
const STRANGER = '198.51.100.7';
const CLIENT = '192.0.2.10';
const CLIENT6 = '2001:db8::10';
/** Has no record. */
const HELO = 'mx.none.example';

const SERVER_FAILURE =
  'it takes every answer of a server for one, failures too: a record that is there counts as none (RFC 7208 §4.4, §5: temperror)';
const A_LABELS =
  'its DNS library decodes A-labels and does not find what it has asked for: such domains have no records (RFC 7208 §4.3: A-labels are what is asked for)';
const ROOT_DOT =
  'it takes the dot behind a name for an empty label, which only elsewhere is one (RFC 7208 §4.3)';

function row(
  title: string,
  mailfrom: SpfResult,
  { helo = HELO, sender = '', client = CLIENT }: Partial<SpfSession>,
  ofHelo: SpfResult = 'none',
): PeerRow {
  return { title, session: { client, helo, sender }, mailfrom, helo: ofHelo };
}

/** alice@domain of a client at 192.0.2.10. */
function from(domain: string, result: SpfResult, title = domain, client = CLIENT): PeerRow {
  return row(title, result, { sender: `alice@${domain}`, client });
}

function but(compared: PeerRow, differs: Difference): PeerRow {
  return { ...compared, differs };
}

export const ROWS: readonly PeerRow[] = [
  from('none.example', 'none', 'no such domain'),
  from('text.example', 'none', 'a TXT that is no SPF'),
  from('neutral.example', 'neutral'),
  from('bare.example', 'neutral'),
  from('unmatched.example', 'neutral', 'nothing matches'),
  from('own.example', 'pass'),
  from('own.example', 'pass', 'pass over IPv6', CLIENT6),
  from('own.example', 'fail', 'fail', STRANGER),
  from('own.example', 'fail', 'fail over IPv6', '2001:db8:1::7'),
  from('soft.example', 'softfail', 'softfail', STRANGER),
  from('all.example', 'pass', '+all', STRANGER),
  from('nomail.example', 'fail', 'a domain that sends no mail'),

  row('null sender, HELO passes', 'pass', { helo: 'mx.own.example' }, 'pass'),
  row('null sender, HELO fails', 'fail', { helo: 'mx.own.example', client: STRANGER }, 'fail'),
  row('null sender, HELO has none', 'none', {}),
  row('null sender, HELO a literal', 'none', { helo: '[192.0.2.10]' }),
  row('null sender, HELO of one label', 'none', { helo: 'localhost' }),
  row(
    'HELO passes, MAIL FROM has none',
    'none',
    { helo: 'mx.own.example', sender: 'alice@none.example' },
    'pass',
  ),
  row(
    'HELO fails, MAIL FROM passes',
    'pass',
    { helo: 'nomail.example', sender: 'alice@own.example' },
    'fail',
  ),
  row(
    'HELO and MAIL FROM disagree softly',
    'softfail',
    { helo: 'neutral.example', sender: 'alice@soft.example', client: STRANGER },
    'neutral',
  ),
  row('HELO in capitals', 'none', { helo: 'MX.Own.Example', sender: 'alice@none.example' }, 'pass'),
  but(
    row('HELO with a dot behind', 'none', { helo: 'mx.own.example.', sender: 'alice@none.example' }, 'pass'),
    { helo: 'none', why: ROOT_DOT },
  ),
  row('HELO an address', 'none', { helo: '192.0.2.10', sender: 'alice@none.example' }),
  but(
    row(
      'HELO not to be looked up',
      'none',
      { helo: 'servfail.example', sender: 'alice@none.example' },
      'temperror',
    ),
    { helo: 'none', why: SERVER_FAILURE },
  ),
  row(
    'HELO with a wrong record',
    'none',
    { helo: 'typo.example', sender: 'alice@none.example' },
    'permerror',
  ),
  row('HELO with spaces', 'none', { helo: 'two words.example', sender: 'alice@none.example' }),
  row('HELO with an underscore', 'none', { helo: 'mail_1.example', sender: 'alice@none.example' }, 'pass'),
  row('HELO in UTF-8', 'none', { helo: 'bücher.example', sender: 'alice@none.example' }, 'pass'),
  but(
    row(
      'HELO with A-labels',
      'none',
      { helo: 'xn--bcher-kva.example', sender: 'alice@none.example' },
      'pass',
    ),
    { helo: 'none', why: A_LABELS },
  ),
  row('HELO with a label that is too long', 'pass', {
    helo: `${'a'.repeat(64)}.example`,
    sender: 'alice@own.example',
  }),

  but(from('servfail.example', 'temperror'), { mailfrom: 'none', why: SERVER_FAILURE }),
  but(from('refused.example', 'temperror'), { mailfrom: 'none', why: SERVER_FAILURE }),
  from('silent.example', 'temperror'),
  from('typo.example', 'permerror'),
  from('late-typo.example', 'permerror', 'a mistake behind what matches'),
  from('twice.example', 'permerror', 'two records'),
  from('version.example', 'none'),
  from('spf2.example', 'none'),
  from('among.example', 'pass', 'a record among other texts'),
  from('upper.example', 'pass', 'a record in capitals'),
  from('blanks.example', 'pass'),
  from('tab.example', 'none', 'a tab behind the version'),
  from('parts.example', 'pass', 'a record in several strings'),
  from('glued.example', 'permerror', 'strings without a blank between'),
  from('long.example', 'pass', 'a record over TCP'),
  from('umlaut.example', 'permerror', 'a record that is not ASCII'),
  from('alias.example', 'pass'),
  from('alias2.example', 'pass'),
  from('nowhere.example', 'none', 'an alias of nothing'),
  but(from('loop.example', 'temperror', 'aliases in a circle'), { mailfrom: 'none', why: SERVER_FAILURE }),

  from('redirect.example', 'pass'),
  from('redirect.example', 'fail', 'redirect to a record that fails', STRANGER),
  from('redirect-none.example', 'permerror'),
  from('redirect-all.example', 'softfail', 'redirect behind all', STRANGER),
  from('redirect-twice.example', 'permerror'),
  from('redirect-self.example', 'permerror'),
  but(from('redirect-servfail.example', 'temperror'), { mailfrom: 'permerror', why: SERVER_FAILURE }),
  from('modifier.example', 'pass', 'a modifier nobody knows'),
  from('modifier-macro.example', 'permerror', 'a modifier nobody knows, with a wrong macro'),

  from('include.example', 'pass'),
  from('include.example', 'softfail', 'include of a record that fails', STRANGER),
  from('include-none.example', 'permerror'),
  from('include-typo.example', 'permerror'),
  but(from('include-servfail.example', 'temperror'), { mailfrom: 'permerror', why: SERVER_FAILURE }),
  from('include-after.example', 'pass', 'include of none behind what matches'),
  from('include-soft.example', 'fail', 'include of a record that softfails', STRANGER),
  from('circle.example', 'permerror'),

  from('exists.example', 'pass'),
  from('exists.example', 'fail', 'exists without a name', STRANGER),
  from('exists6.example', 'pass', 'exists by an IPv6 address', CLIENT6),
  row('macros of the local part', 'pass', { sender: 'x-alice@local.example' }),
  row('macros of the local part, in capitals', 'pass', { sender: 'x-ALICE@local.example' }),
  row('macros of the HELO', 'pass', { sender: 'alice@helo.example' }),
  row('macros with escapes', 'pass', { sender: 'alice+x@sender.example' }),
  from('when.example', 'permerror', 'a macro of explanations only'),
  from('percent.example', 'permerror'),
  from('letter.example', 'permerror'),

  from('a.example', 'pass'),
  from('a.example', 'pass', 'a over IPv6', CLIENT6),
  from('a.example', 'fail', 'a of another', STRANGER),
  from('a24.example', 'pass'),
  from('a24.example', 'pass', 'a with a prefix over IPv6', CLIENT6),
  from('a-literal.example', 'permerror', 'a of an address'),
  from('a33.example', 'permerror'),
  but(from('a-servfail.example', 'temperror'), { mailfrom: 'pass', why: SERVER_FAILURE }),
  from('a-later.example', 'pass'),
  from('a-alias.example', 'pass'),
  from('a-label.example', 'permerror', 'a of one label'),
  from('a-underscore.example', 'pass'),
  from('mx.example', 'pass'),
  from('mx-null.example', 'fail'),
  from('mx10.example', 'pass'),
  but(from('mx11.example', 'pass', 'eleven hosts behind mx, of which the first matches'), {
    mailfrom: 'permerror',
    why: 'it counts the hosts, §4.6.4 of RFC 7208 the addresses that are asked for: here one',
  }),
  from('mx11.example', 'permerror', 'eleven hosts behind mx', STRANGER),
  but(from('mx-void.example', 'pass', 'mx of names without addresses'), {
    mailfrom: 'permerror',
    why: 'it counts every lookup that finds nothing, §4.6.4 of RFC 7208 the terms whose lookups do: here one',
  }),

  from('ptr.example', 'pass'),
  from('ptr.example', 'fail', 'ptr of a forged name', STRANGER),
  from('ptr.example', 'fail', 'ptr that can not be looked up', '198.51.100.8'),
  row('macros of the name', 'pass', { sender: 'alice@p.example' }),
  from('many.example', 'fail', 'ptr beyond the tenth name', '198.51.100.9'),
  from('many0.example', 'pass', 'ptr of many names, then an address', '198.51.100.9'),

  from('lookups10.example', 'pass', 'ten lookups'),
  from('lookups11.example', 'permerror', 'eleven lookups'),
  from('lookups-deep.example', 'permerror', 'eleven lookups, ten of them included', STRANGER),
  from('lookups-early.example', 'pass', 'thirteen lookups, of which the first matches'),
  from('void2.example', 'pass', 'two lookups that find nothing'),
  from('void3.example', 'permerror', 'three lookups that find nothing'),
  from('void-same.example', 'permerror', 'three lookups of one name that find nothing'),
  from('void6.example', 'permerror', 'three lookups that find no IPv6 address', CLIENT6),

  from('ip6.example', 'pass', 'ip6, spelled otherwise', CLIENT6),
  from('ip6.example', 'fail', 'ip6 for a client with IPv4'),
  from('ip6-wrong.example', 'permerror'),
  from('ip4-33.example', 'permerror'),
  from('ip4-short.example', 'permerror'),
  from('ip4-bits.example', 'pass', 'ip4 with bits beyond its prefix'),
  from('own.example', 'pass', 'IPv4 written as IPv6', '::ffff:192.0.2.10'),

  but(from('xn--bcher-kva.example', 'pass', 'a domain with A-labels'), { mailfrom: 'none', why: A_LABELS }),
  but(from('bücher.example', 'pass', 'a domain in UTF-8'), {
    mailfrom: 'none',
    why: 'it asks for the bytes as they are; they stand for A-labels (RFC 8616 §4)',
  }),
  but(from('idn.example', 'pass', 'a of a name with A-labels'), { mailfrom: 'fail', why: A_LABELS }),
  from('mail_1.example', 'pass', 'a domain with an underscore'),
  from('Own.EXAMPLE', 'pass', 'a domain in capitals'),
  but(from('own.example.', 'pass', 'a domain with a dot behind'), { mailfrom: 'none', why: ROOT_DOT }),
  from('[192.0.2.10]', 'none', 'a literal'),
  from('localhost', 'none', 'a domain of one label'),
  from(`${'a'.repeat(64)}.example`, 'none', 'a label that is too long'),
  from('own..example', 'none', 'an empty label'),
  row('a sender without a domain', 'none', { sender: 'alice' }),
  row('a sender without a local part', 'pass', { sender: '@own.example' }),
  but(row('a quoted local part', 'pass', { sender: '"a@b c"@own.example' }), {
    mailfrom: 'none',
    why: 'it ends a quoted local part at the @ inside',
  }),
  row('a local part in UTF-8', 'pass', { sender: 'älice@own.example' }),
  but(from('nul.example', 'permerror', 'a name with a NUL'), {
    mailfrom: 'fail',
    why: 'it looks at the last label only; a name is of printable ASCII (RFC 7208 §7.1)',
  }),
  from('exp.example', 'fail', 'an explanation'),
  from('soft-exp.example', 'softfail', 'an explanation that would end a comment'),
  from('exp-twice.example', 'permerror'),
  from('exp-empty.example', 'permerror'),
  from('exp-servfail.example', 'fail'),
  from('umlaut-exp.example', 'fail', 'an explanation that is not ASCII'),
];

const NUL_TOLD = 'the header field that it would add has a NUL in it; permerror, and mail goes on';

/** Of the suite of RFC 7208, by the names of its tests; of the rest all three say the same. */
export const SUITE_DIFFERENCES: Readonly<Record<string, Difference>> = {
  'a-dash-in-toplabel': { mailfrom: 'fail', why: A_LABELS },
  'a-null': { mailfrom: UNTRAPPED, why: NUL_TOLD },
  'mx-null': { mailfrom: UNTRAPPED, why: NUL_TOLD },
};
