/** Owns whom an administrator may allow: what he writes, as the subjects whose standing an attempt is judged by. */

import { exactSubject, withoutNat64 } from '../greylist/address-origin.ts';
import type { Subject } from '../greylist/triplet.ts';
import { registeredDomain } from '../lists/registered-domain.ts';
import { asciiDomain, withoutRootDot } from '../mail/domain.ts';
import { parseClient } from '../mail/session.ts';
import { parseAddress, parseNetwork, subnetworks, withoutExcess, type Network } from '../mail/network.ts';
import type { OriginSettings } from './attempt.ts';

export type Allowed =
  | {
      readonly ok: true;
      /** At least one. */
      readonly subjects: readonly Subject[];
    }
  /** `why`: what is wrong, and what to write. */
  | { readonly ok: false; readonly why: string };

/** One network may stand for so many of those that attempts have. */
const MOST_SUBJECTS = 256;

/**
 * `192.0.2.10`, `198.51.100.0/22`, `example.com` (both that SPF vouches for it and that it is the organisation of a
 * confirmed name), `spf:example.com`, `ptr:example.com`; `mx.example.com[192.0.2.10]`, as a log has it, is the address.
 * `mx.example.com` may be meant as a host or as a sender's domain: to be allowed it has to be said which; to withdraw
 * it takes away what is there.
 */
export async function allowedSubjects(
  written: string,
  settings: OriginSettings,
  to: 'allow' | 'withdraw' = 'allow',
): Promise<Allowed> {
  const text = written.trim();
  const address = parseAddress(text) ?? parseClient(text)?.address ?? null;
  if (address !== null) return { ok: true, subjects: [exactSubject(address)] };
  const network = parseNetwork(text);
  if (network !== null) return networks(text, network, settings);
  if (text.includes('/')) return wrong(`${text} is no network; write it as 192.0.2.0/24`);
  if (text.includes('@'))
    return wrong(
      `${text}: anybody can write a sender; allow his domain, which SPF or a confirmed name has to prove: ` +
        `postern greylist allow ${text.slice(text.lastIndexOf('@') + 1) || 'example.com'}; ` +
        `or let in what waits: postern greylist release --sender ${text}`,
    );
  return domains(text, settings, to);
}

/** As the service knows them: of its own prefix; larger ones are several of these, smaller ones several addresses. */
function networks(written: string, network: Network, settings: OriginSettings): Allowed {
  const meant = withoutExcess(network);
  if (meant !== null) return wrong(`${written} has bits beyond its prefix; write ${meant}`);
  const known = asClientsStand(network);
  const { address, prefix } = known;
  const isIPv4 = address.family === 'ipv4';
  const own = isIPv4 ? settings.ipv4Prefix : settings.ipv6Prefix;
  const exact = isIPv4 ? 32 : 64;
  if (prefix > Math.max(own, exact)) return { ok: true, subjects: [exactSubject(address)] };
  const parts = prefix <= own && (own <= exact || prefix === own) ? own : exact;
  if (2 ** (parts - prefix) > MOST_SUBJECTS)
    return wrong(
      `${written} is ${2 ** (parts - prefix)} networks of greylist: ${isIPv4 ? 'ipv4' : 'ipv6'}_prefix: ${own}, ` +
        `and at most ${MOST_SUBJECTS} can be allowed at once; allow the domain instead, or write it into postern.yaml: ` +
        `greylist: { skip_clients: ["${written}"] }`,
    );
  const kind = parts === own ? 'network' : 'address';
  const subjects = subnetworks(known, parts).map((value): Subject => {
    return { kind, value: kind === 'address' ? value.replace('/32', '') : value };
  });
  return { ok: true, subjects: [...subjects] };
}

/** `64:ff9b::c000:200/120` → `192.0.2.0/24`. */
function asClientsStand({ address, prefix }: Network): Network {
  const own = withoutNat64(address);
  return own.family === address.family || prefix < 96
    ? { address, prefix }
    : { address: own, prefix: prefix - 96 };
}

/** A host name of a domain is no organisation: nobody is known by it but him whom SPF lets send for it. */
async function domains(
  text: string,
  { origins }: OriginSettings,
  to: 'allow' | 'withdraw',
): Promise<Allowed> {
  const [, only, name] = /^(?:(spf|ptr):)?(.*)$/s.exec(text)!;
  const domain = asciiDomain(withoutRootDot(name!));
  if (domain === null || !domain.includes('.'))
    return wrong(`${text} is no address, network or domain; write 192.0.2.10, 192.0.2.0/24 or example.com`);
  const organisation = await registeredDomain(domain);
  if (organisation === null)
    return wrong(`${domain} is a public suffix: it is thousands of organisations; allow one of them`);
  if (only === 'ptr' && organisation !== domain)
    return wrong(`hosts are known by their organisation: write ptr:${organisation}`);
  if (only === undefined && organisation !== domain && to === 'allow')
    return wrong(whichOf(domain, organisation, origins));
  const kinds = (['spf', 'ptr'] as const).filter(
    (kind) => (only ?? kind) === kind && (kind === 'spf' || organisation === domain),
  );
  const known = kinds.filter((kind) => origins.includes(kind));
  if (known.length === 0)
    return wrong(
      `${text}: greylist: origin: names no ${kinds.join(' and no ')}, so that nobody is known by a domain; ` +
        'allow an address or network, or write origin: [spf, ptr, network]',
    );
  return { ok: true, subjects: known.map((kind) => ({ kind, value: domain })) };
}

/** One who has the name of a host from the log must not be told yes for a sender's domain that nobody has. */
function whichOf(domain: string, organisation: string, origins: OriginSettings['origins']): string {
  const ways = [
    ...(origins.includes('ptr')
      ? [`${organisation} for all hosts whose confirmed name is of it`, "the host's address"]
      : ["the host's address"]),
    ...(origins.includes('spf') ? [`spf:${domain} for who sends as …@${domain}`] : []),
  ];
  return `${domain} is a name below ${organisation}, and no host is known by such a name alone; allow ${ways.join(', or ')}`;
}

function wrong(why: string): Allowed {
  return { ok: false, why };
}
