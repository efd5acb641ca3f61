/** Owns the question whether a name has a host behind it, as smtpd_check.c and dns_lookup.c ask and answer it. */

import type { Answer, Mx, Resolver } from '../dns/resolver.ts';
import { asciiDomain, isHostAddress, isHostname } from '../mail/domain.ts';
import type { Finding } from '../policy/finding.ts';
import type { LocalDomains } from './local-domains.ts';

/**
 * `malformed`: MX records of which none names a host. An MX that is a bare address (`10 192.0.2.1.`) is wrong too
 * (RFC 5321 §5.1), but Postfix lets it pass, as mailers do.
 */
export type Lookup<R extends string> =
  | { readonly result: R }
  | { readonly result: 'temperror'; readonly why: string };

export type MailHost = 'ok' | 'not_found' | 'null_mx' | 'malformed';

/** As reject_unknown_mailhost: an MX, else an A or AAAA. The null MX says that there is no mail, whatever else exists. */
export async function lookUpMailHost(
  resolver: Resolver,
  domain: string,
  signal: AbortSignal,
): Promise<Lookup<MailHost>> {
  const name = queryName(domain);
  if (name === null) return { result: 'not_found' };
  const mx = mailExchange(await resolver.mx(name, signal));
  if (mx.result !== 'not_found' && mx.result !== 'temperror') return mx;
  const addresses = await Promise.all([resolver.a(name, signal), resolver.aaaa(name, signal)]);
  return strongest([mx, ...addresses.map(exists)]);
}

export type HeloHost = 'ok' | 'not_found' | 'malformed';

/** As reject_unknown_hostname: an A, AAAA or MX; a host that takes no mail (null MX) may send some. ASCII only. */
export async function lookUpHeloHost(
  resolver: Resolver,
  name: string,
  signal: AbortSignal,
): Promise<Lookup<HeloHost>> {
  if (!isHostname(withoutWildcard(name))) return { result: 'not_found' };
  const a = exists(await resolver.a(name, signal));
  if (a.result === 'ok') return { result: 'ok' };
  const [aaaa, mx] = await Promise.all([resolver.aaaa(name, signal), resolver.mx(name, signal)]);
  const lookup = strongest([a, exists(aaaa), mailExchange(mx)]);
  if ('why' in lookup) return lookup;
  return { result: lookup.result === 'null_mx' ? 'ok' : lookup.result };
}

/** A temperror keeps the facts beside `why`: the reply that puts off names the same address as the one that refuses. */
export function findingOf<R extends string>(
  lookup: Lookup<R>,
  facts: Readonly<Record<string, string>>,
): Finding<R> {
  return { result: lookup.result, facts: 'why' in lookup ? { ...facts, why: lookup.why } : facts };
}

/** Postfix asks for `*.example.org` too: such a name may stand in the DNS. */
function queryName(domain: string): string | null {
  const rest = withoutWildcard(domain);
  const ascii = asciiDomain(rest);
  return ascii === null || rest === domain ? ascii : `*.${ascii}`;
}

function withoutWildcard(name: string): string {
  return name.replace(/^\*\./, '');
}

function mailExchange(answer: Answer<Mx>): Lookup<MailHost> {
  if (answer.status !== 'found') return exists(answer);
  const names = answer.records.map(({ exchange }) => exchange);
  // One null MX beside others is wrong (RFC 7505 §3), but Postfix obeys it.
  if (names.includes('')) return { result: 'null_mx' };
  const named = names.some((name) => isHostAddress(name) || isHostname(withoutWildcard(name)));
  return { result: named ? 'ok' : 'malformed' };
}

function exists(answer: Answer<unknown>): Lookup<'ok' | 'not_found'> {
  switch (answer.status) {
    case 'found':
      return { result: 'ok' };
    case 'nxdomain':
    case 'nodata':
      return { result: 'not_found' };
    case 'temperror':
      return { result: 'temperror', why: answer.why };
  }
}

/** The order of dns.h, weakest first: "not there" is only believed if every question was answered so. */
const STRENGTH = ['not_found', 'null_mx', 'malformed', 'temperror', 'ok'];

function strongest<R extends string>(lookups: readonly Lookup<R>[]): Lookup<R> {
  const strength = ({ result }: Lookup<R>): number => STRENGTH.indexOf(result);
  return lookups.reduce((best, next) => (strength(next) > strength(best) ? next : best));
}

/** Our own domains are where we receive mail, whatever the DNS says of them. */
export function unlessOurs(
  ours: LocalDomains | null,
  domain: string,
  facts: Finding['facts'],
  ask: () => Promise<Finding<MailHost>>,
): Finding<MailHost> | Promise<Finding<MailHost>> {
  if (ours === null) return ask();
  const settle = (answer: boolean | 'temperror'): Finding<MailHost> | Promise<Finding<MailHost>> => {
    if (answer === 'temperror')
      return { result: 'temperror', facts: { ...facts, why: 'the table of local domains could not tell' } };
    return answer ? { result: 'ok', facts } : ask();
  };
  const answer = ours(domain);
  return answer instanceof Promise ? answer.then(settle) : settle(answer);
}
