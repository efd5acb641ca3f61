/** Owns the two checks of SPF: whether the client may use the name of its HELO, and whether the domain of its sender. */

import type { Resolver } from '../dns/resolver.ts';
import { asciiDomain, withoutRootDot } from '../mail/domain.ts';
import { parseAddress, type Address, type NetworkSet } from '../mail/network.ts';
import type { AtHelo, AtMail } from '../mail/session.ts';
import type { Check } from '../policy/check.ts';
import { found, type CheckId, type Finding } from '../policy/finding.ts';
import {
  SPF_RESULTS,
  type SpfEvaluator,
  type SpfFound,
  type SpfIdentity,
  type SpfQuestion,
  type SpfResult,
} from '../spf/evaluator.ts';

/** Who is not asked about; names in ASCII and lower case. */
export interface SpfSkips {
  readonly networks: NetworkSet;
  /** HELO names, believed where an address of the name is the client's. */
  readonly helo: readonly string[];
  /** Whoever passes for one of these domains is a forwarder that is trusted. */
  readonly domains: readonly string[];
  /** Domains of confirmed names of clients, with their subdomains. */
  readonly ptr: readonly string[];
}

export interface SpfAsking {
  readonly evaluator: SpfEvaluator;
  readonly resolver: Resolver;
  readonly mynetworks: NetworkSet;
  readonly skips: SpfSkips;
  /** What we are called, for explanations. */
  readonly receiver: string;
}

export function spfId(identity: SpfIdentity): CheckId {
  return `spf ${identity}`;
}

export const SPF_CHECKS: readonly CheckId[] = [spfId('helo'), spfId('mailfrom')];

type SpfFinding = Finding<SpfResult>;

/**
 * Facts, each only where there is one: `domain`, `explanation` (of a fail, a stranger's words), `mechanism`, `why` (of
 * none, permerror and temperror), `lookups`; `wide` and `no_mail` are `yes`. `skipped`: why nobody was asked, with the
 * result none; such a finding says nothing of the client, and no header and no rule goes by it.
 */
export function spfHelo(asking: SpfAsking): Check<'helo', SpfResult> {
  return {
    id: spfId('helo'),
    stage: 'helo',
    results: SPF_RESULTS,
    far: true,
    run: (session, signal) => ask('helo', session, asking, signal),
  };
}

export function spfMailFrom(asking: SpfAsking): Check<'mail', SpfResult> {
  return {
    id: spfId('mailfrom'),
    stage: 'mail',
    results: SPF_RESULTS,
    far: true,
    run: (session, signal) =>
      session.auth === null ? ask('mailfrom', session, asking, signal) : skipped('authenticated'),
  };
}

function ask(
  identity: SpfIdentity,
  session: AtHelo & Partial<Pick<AtMail, 'sender'>>,
  asking: SpfAsking,
  signal: AbortSignal,
): SpfFinding | Promise<SpfFinding> {
  const { client } = session;
  const ip = client.address;
  if (client.submitted) return skipped('not received over SMTP');
  if (ip === null) return skipped('the MTA gave no client address');
  if (asking.mynetworks.has(ip)) return skipped('client in mynetworks');
  if (asking.skips.networks.has(ip)) return skipped('skip_networks');
  const name = client.name === null ? null : asciiDomain(withoutRootDot(client.name));
  if (name !== null && asking.skips.ptr.some((domain) => isWithin(name, domain))) return skipped('skip_ptr');
  return asked(
    { ip, helo: session.helo, receiver: asking.receiver, identity, sender: session.sender ?? null },
    asking,
    signal,
  );
}

/** What is remembered takes no time. */
function asked(
  question: SpfQuestion,
  asking: SpfAsking,
  signal: AbortSignal,
): SpfFinding | Promise<SpfFinding> {
  const answer = asking.evaluator.evaluate(question, signal);
  return !(answer instanceof Promise) && isLastWord(answer, asking.skips)
    ? findingOf(answer)
    : judged(question, answer, asking, signal);
}

/** Whoever passes needs nobody else's word for him. */
function isLastWord({ result, domain }: SpfFound, { helo, domains }: SpfSkips): boolean {
  return result === 'pass' || domain === null || (helo.length === 0 && domains.length === 0);
}

async function judged(
  question: SpfQuestion,
  evaluated: SpfFound | Promise<SpfFound>,
  { evaluator, resolver, skips }: SpfAsking,
  signal: AbortSignal,
): Promise<SpfFinding> {
  const { helo, ip } = question;
  const answer = await evaluated;
  if (isLastWord(answer, skips)) return findingOf(answer);
  if (helo !== null && (await isNamed(helo, ip, skips.helo, resolver, signal))) return skipped('skip_helo');
  for (const domain of skips.domains) {
    const postmaster = { local: 'postmaster', domain };
    const own = await evaluator.evaluate({ ...question, identity: 'mailfrom', sender: postmaster }, signal);
    if (own.result === 'pass' && !own.wide) return skipped(`skip_domains: ${domain}`);
  }
  return findingOf(answer);
}

/** Whether the HELO is one of the names, and the client's address one of its own: anybody can say anything. */
async function isNamed(
  helo: string,
  ip: Address,
  names: readonly string[],
  resolver: Resolver,
  signal: AbortSignal,
): Promise<boolean> {
  const name = asciiDomain(withoutRootDot(helo));
  if (name === null || !names.includes(name)) return false;
  const answer = await (ip.family === 'ipv4' ? resolver.a(name, signal) : resolver.aaaa(name, signal));
  return answer.status === 'found' && answer.records.some((each) => parseAddress(each)?.text === ip.text);
}

function isWithin(name: string, domain: string): boolean {
  return name === domain || name.endsWith(`.${domain}`);
}

function skipped(why: string): SpfFinding {
  return found('none', { skipped: why });
}

function findingOf(answer: SpfFound): SpfFinding {
  const { result, domain, explanation, mechanism, why, wide, noMail, lookups } = answer;
  return found(result, {
    ...(domain === null ? {} : { domain, lookups: String(lookups) }),
    ...(explanation === null ? {} : { explanation }),
    ...(mechanism === null ? {} : { mechanism }),
    ...(why === null ? {} : { why }),
    ...(wide ? { wide: 'yes' } : {}),
    ...(noMail ? { no_mail: 'yes' } : {}),
  });
}
