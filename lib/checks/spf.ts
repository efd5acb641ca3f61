/** Owns the two checks of SPF: whether the client may use the name of its HELO, and whether the domain of its sender. */

import type { Resolver } from '../dns/resolver.ts';
import { asciiDomain, withoutRootDot } from '../mail/domain.ts';
import { parseAddress, type Address, type NetworkSet } from '../mail/network.ts';
import type { AtHelo, AtMail } from '../mail/session.ts';
import type { Check } from '../policy/check.ts';
import { found, temperror, type CheckId, type Finding } from '../policy/finding.ts';
import {
  SPF_RESULTS,
  type SpfEvaluator,
  type SpfFound,
  type SpfIdentity,
  type SpfQuestion,
  type SpfResult,
} from '../spf/evaluator.ts';
import { within } from '../spf/within.ts';

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
  /** For all that one finding needs. */
  readonly deadlineMs: number;
}

export function spfId(identity: SpfIdentity): CheckId {
  return `spf ${identity}`;
}

export const SPF_CHECKS: readonly CheckId[] = [spfId('helo'), spfId('mailfrom')];

type SpfFinding = Finding<SpfResult>;

/**
 * Facts, each only where there is one: `domain`, `explanation` (of a fail, a stranger's words), `mechanism`, `record`, `why` (of
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
  const { networks, ptr } = asking.skips;
  if (networks.has(ip)) return skipped(`skip_networks: ${networks.first(ip) ?? ''}`);
  const name = client.name === null ? null : asciiDomain(withoutRootDot(client.name));
  const own = name === null ? undefined : ptr.find((domain) => isWithin(name, domain));
  if (own !== undefined) return skipped(`skip_ptr: ${own}`);
  const { receiver, evaluator, skips, deadlineMs } = asking;
  const question = { ip, helo: session.helo, receiver, identity, sender: session.sender ?? null };
  if (skips.helo.length === 0) {
    const answer = evaluator.evaluate(question, signal);
    // What is remembered takes no time.
    return answer instanceof Promise ? answer.then(findingOf) : findingOf(answer);
  }
  // Whoever is slow to answer must not have the time of the whole decision: what is known by then counts.
  return within(deadlineMs, signal, (over) => evaluated(question, asking, over));
}

async function evaluated(
  question: SpfQuestion,
  { evaluator, resolver, skips }: SpfAsking,
  signal: AbortSignal,
): Promise<SpfFinding> {
  const { helo, ip } = question;
  const answer = await evaluator.evaluate(question, signal);
  if (answer.result === 'pass' || answer.domain === null) return findingOf(answer);
  if (helo !== null && (await isNamed(helo, ip, skips.helo, resolver, signal)))
    return skipped(`skip_helo: ${helo.toLowerCase()}`);
  return findingOf(answer);
}

export const SPF_SKIP_DOMAINS: CheckId = 'spf_skip_domains';

/**
 * Whether the client passes for one of `skip_domains`: a question for each of them, so only rules that would go by a result
 * other than pass ask it. Facts: `domain`, the first that it passes for, with `yes`; `why`, with `temperror`.
 */
export function spfSkipDomains(asking: SpfAsking): Check<'helo', 'yes' | 'no'> {
  return {
    id: SPF_SKIP_DOMAINS,
    stage: 'helo',
    results: ['yes', 'no'],
    far: true,
    run({ client, helo }, signal) {
      const { skips, evaluator, receiver, deadlineMs } = asking;
      const ip = client.address;
      if (ip === null || skips.domains.length === 0) return found('no');
      return within(deadlineMs, signal, async (over) => {
        const enough = new AbortController();
        const either = AbortSignal.any([over, enough.signal]);
        const answers = await Promise.all(
          skips.domains.map(async (domain) => {
            const sender = { local: 'postmaster', domain };
            const own = await evaluator.evaluate(
              { ip, helo, receiver, identity: 'mailfrom', sender },
              either,
            );
            const vouches = own.result === 'pass' && !own.wide;
            if (vouches) enough.abort();
            return { domain, vouches, why: own.result === 'temperror' ? (own.why ?? '') : null };
          }),
        );
        const vouching = answers.find(({ vouches }) => vouches);
        if (vouching !== undefined) return found('yes', { domain: vouching.domain });
        const unknown = answers.find(({ why }) => why !== null);
        return unknown === undefined ? found('no') : temperror(`${unknown.domain}: ${unknown.why}`);
      });
    },
  };
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
  const { result, domain, explanation, mechanism, record, why, wide, noMail, lookups } = answer;
  return found(result, {
    ...(domain === null ? {} : { domain, lookups: String(lookups) }),
    ...(explanation === null ? {} : { explanation }),
    ...(mechanism === null ? {} : { mechanism }),
    ...(record === null ? {} : { record }),
    ...(why === null ? {} : { why }),
    ...(wide ? { wide: 'yes' } : {}),
    ...(noMail ? { no_mail: 'yes' } : {}),
  });
}
