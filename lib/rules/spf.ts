/** Owns the section `spf:`: what each result of SPF comes to, who is not asked about, and the limits. */

import { asciiDomain } from '../mail/domain.ts';
import { parseNetwork, withoutExcess, type Network } from '../mail/network.ts';
import { shown } from '../yaml/problem.ts';
import { field, type Entries, type Section } from '../yaml/section.ts';
import { choice, flag, list, count, type JsonSchema, type Reader } from '../yaml/value.ts';

export const SPF_ANSWERS = ['reject', 'defer', 'continue'] as const;
export type SpfAnswer = (typeof SPF_ANSWERS)[number];

export const SPF_CASES = [
  'helo_fail',
  'helo_softfail',
  'helo_neutral',
  'mail_from_fail',
  'mail_from_softfail',
  'mail_from_neutral',
  'permerror',
  'temperror',
] as const;
export type SpfCase = (typeof SPF_CASES)[number];

export interface SpfSettings {
  readonly answers: Readonly<Record<SpfCase, SpfAnswer>>;
  /** Domains, in ASCII and lower case, whose fail, softfail and neutral are refused whatever the answers are. */
  readonly rejectNotPassDomains: readonly string[];
  /** Nobody is refused whose domain does not say that it sends no mail at all. */
  readonly noMailOnly: boolean;
  /** Who is not asked about; names as above. */
  readonly skip: {
    readonly networks: readonly Network[];
    readonly helo: readonly string[];
    readonly domains: readonly string[];
    readonly ptr: readonly string[];
  };
  readonly lookups: number;
  readonly voidLookups: number;
  /** Whether senders are told what their domain has to say. */
  readonly explanation: boolean;
}

export function isSpfAnswer(text: string): text is SpfAnswer {
  return SPF_ANSWERS.some((each) => each === text);
}

const answer = choice(SPF_ANSWERS);
const domain: JsonSchema = { type: 'string' };

const domains: Reader<readonly string[]> = list(domain, 'example.com', (text, place) => {
  const ascii = asciiDomain(text);
  if (ascii !== null && ascii.includes('.')) return [ascii];
  const bare = asciiDomain(text.replace(/^[@.]/, ''));
  return place.error(
    `"${shown(text)}" is not a domain`,
    bare?.includes('.') === true ? `write ${bare}` : 'write one such as example.com',
  );
});

const networks: Reader<readonly Network[]> = list(domain, '192.0.2.0/24', (text, place) => {
  const network = parseNetwork(text);
  if (network === null)
    return place.error(
      `"${shown(text)}" is not a network`,
      'write one such as 192.0.2.0/24 or "[2001:db8::]/32"',
    );
  const masked = withoutExcess(network);
  if (masked !== null)
    return place.error(`"${shown(text)}" has bits set beyond its /${network.prefix}`, `write ${masked}`);
  if (network.prefix === 0)
    place.warning(`"${shown(text)}" is everybody: SPF is not asked at all`, 'remove it');
  return [network];
});

export const spf = {
  later: [],
  belongs(key: string): string | null {
    const lower = key.toLowerCase();
    const old = Object.keys(OLD_NAMES).find((name) => name.toLowerCase() === lower);
    if (old !== undefined) return `write ${OLD_NAMES[old]}`;
    return LEFT_OUT.has(lower) ? 'remove it: there is nothing like it here' : null;
  },
  fields: {
    helo_fail: field(answer, 'reject'),
    helo_softfail: field(answer, 'continue'),
    helo_neutral: field(answer, 'continue'),
    mail_from_fail: field(answer, 'reject'),
    mail_from_softfail: field(answer, 'continue'),
    mail_from_neutral: field(answer, 'continue'),
    permerror: field(answer, 'continue'),
    temperror: field(answer, 'continue'),
    reject_not_pass_domains: field(domains, []),
    no_mail_only: field(flag, false),
    skip_networks: field(networks, []),
    skip_helo: field(domains, []),
    skip_domains: field(domains, []),
    skip_ptr: field(domains, []),
    lookups: field(count(1, 50, 'write 10, as RFC 7208 has it'), 10),
    void_lookups: field(count(1, 50, 'write 2, as RFC 7208 has it'), 2),
    explanation: field(flag, true),
  },
} satisfies Section;

/** What policyd-spf calls them. */
const OLD_NAMES: Readonly<Record<string, string>> = {
  HELO_reject: 'helo_fail: reject',
  Mail_From_reject: 'mail_from_fail: reject',
  PermError_reject: 'permerror: reject',
  TempError_Defer: 'temperror: defer',
  Reject_Not_Pass_Domains: 'reject_not_pass_domains: [example.com]',
  No_Mail: 'no_mail_only: true',
  skip_addresses: 'skip_networks: [192.0.2.0/24]',
  Whitelist: 'skip_networks: [192.0.2.0/24]',
  HELO_Whitelist: 'skip_helo: [mx.example.com]',
  Domain_Whitelist: 'skip_domains: [example.com]',
  Domain_Whitelist_PTR: 'skip_ptr: [example.com]',
  Void_Limit: 'void_lookups: 2',
  TestOnly: 'observe: true, without indentation, for all rules, or warn_if_reject check_spf for this one',
  Header_Type:
    'headers: { authentication_results: true, received_spf: false }, or the like, without indentation',
  Authserv_Id: 'authserv_id: mx.example.com, without indentation',
  defaultSeedOnly: 'observe: true, without indentation',
  debugLevel: 'log: { level: info }, without indentation',
};

/** Of policyd-spf too, in lower case. */
const LEFT_OUT: ReadonlySet<string> = new Set([
  ...['lookup_time', 'reason_message', 'spf_enhanced_status_codes', 'hide_receiver', 'prospective', 'mock'],
  ...['helo_pass_restriction', 'mail_from_pass_restriction'],
]);

export function spfSettings(entries: Entries<typeof spf.fields>): SpfSettings {
  return {
    answers: {
      helo_fail: entries.helo_fail.value,
      helo_softfail: entries.helo_softfail.value,
      helo_neutral: entries.helo_neutral.value,
      mail_from_fail: entries.mail_from_fail.value,
      mail_from_softfail: entries.mail_from_softfail.value,
      mail_from_neutral: entries.mail_from_neutral.value,
      permerror: entries.permerror.value,
      temperror: entries.temperror.value,
    },
    rejectNotPassDomains: entries.reject_not_pass_domains.value,
    noMailOnly: entries.no_mail_only.value,
    skip: {
      networks: entries.skip_networks.value,
      helo: entries.skip_helo.value,
      domains: entries.skip_domains.value,
      ptr: entries.skip_ptr.value,
    },
    lookups: entries.lookups.value,
    voidLookups: entries.void_lookups.value,
    explanation: entries.explanation.value,
  };
}
