/** Owns the examination of the DNS servers: do they answer, do they lie, and do the lists answer them. */

import { randomBytes } from 'node:crypto';
import { NodeResolver } from '../dns/node-resolver.ts';
import type { Answer } from '../dns/resolver.ts';
import { sitesOf } from '../rules/rule-lists.ts';
import { advice, note, ok, problem, warning, type Diagnosis } from './diagnosis.ts';
import type { Examination } from './examination.ts';
import type { Patient } from './patient.ts';
import { ofOneOwn } from './own-resolver.ts';
import { serverAddress, sharedResolver } from './public-resolvers.ts';
import { nameServersOf } from './resolv-conf.ts';

const TIMEOUT_MS = 4000;
/** A lookup at each of three stages, and the client waits. */
const SLOW_MS = 1000;

/** RFC 5782 §5: what an IPv4 list must list, and must not. Spamhaus answers errors here too, by who asks. */
const LISTED = '2.0.0.127.zen.spamhaus.org';
const NOT_LISTED = '1.0.0.127.zen.spamhaus.org';

/** systemd-resolved on this machine. */
const STUB = '127.0.0.53';

export const resolver: Examination = {
  name: 'resolver',
  async look(patient, signal) {
    const servers = serversOf(patient);
    const judged = await judgedBy(patient, signal);
    const answered = judged.every(isGood);
    const told = [...shared(servers, patient, answered), ...judged.flat()];
    const asksLists = sitesOf(patient.config.policy).length > 0;
    const cure = servers.some(isOurs) ? [MEND_OURS] : ofOneOwn(patient.configFile);
    return told.map(({ bad, severity, seen, cure: own }) => {
      if (bad !== 'for lists') return { severity, seen, cure: own };
      return asksLists ? { severity, seen, cure } : note(`${seen} (the policy asks none)`);
    });
  },
};

/** The one that would be the advice; by another port it is one beside it. */
function isOurs(server: string): boolean {
  return /^(?:127\.0\.0\.1(?::53)?|::1|\[::1\](?::53)?)$/.test(server);
}

const MEND_OURS = advice(
  'let the resolver on this machine look names up itself, at the root servers on: one that only forwards to others is refused as they are (unbound: no forward-zone; dnsmasq always forwards)',
);

/** `for lists`: of no importance where no list is asked. `good`: Spamhaus answers. */
type Told = Diagnosis & { readonly bad?: 'for lists'; readonly good?: true };

function isGood(told: readonly Told[]): boolean {
  return told.some(({ good }) => good === true);
}

/** Whether Spamhaus answers every server: then it is not for the resolver that a list does not answer. */
export async function listsAnswer(patient: Patient, signal: AbortSignal): Promise<boolean> {
  const judged = await judgedBy(patient, signal);
  return judged.length > 0 && judged.every(isGood);
}

const judgements = new WeakMap<Patient, Promise<readonly (readonly Told[])[]>>();

/** Each server once, whoever asks first. */
function judgedBy(patient: Patient, signal: AbortSignal): Promise<readonly (readonly Told[])[]> {
  const known = judgements.get(patient);
  if (known !== undefined) return known;
  const judged = Promise.all(serversOf(patient).map((server) => judge(server, signal)));
  judgements.set(patient, judged);
  return judged;
}

/** Those that are asked, and those behind systemd-resolved. */
function serversOf({ dnsServers, places }: Patient): readonly string[] {
  return dnsServers === 'system' ? nameServersOf(places.resolvConf) : dnsServers;
}

/** One line for each owner. `answered`: the lists do not mind, as far as was tried. */
function shared(servers: readonly string[], { places }: Patient, answered: boolean): Told[] {
  const behind = servers.includes(STUB) ? upstream(places.resolvedConf) : [];
  const found = new Map<string, { readonly kind: string; readonly servers: string[] }>();
  for (const server of [...servers, ...behind]) {
    const address = serverAddress(server);
    const known = address === null ? null : sharedResolver(address);
    if (known === null) continue;
    const of = found.get(known.owner) ?? { kind: known.kind, servers: [] };
    found.set(known.owner, of);
    of.servers.push(server);
  }
  return [...found].map(([owner, { kind, servers }]) => {
    const named = servers.join(' and ');
    if (kind === 'public')
      return {
        ...warning(`${named} is a public resolver (${owner}): DNS lists refuse it, or answer errors`),
        bad: 'for lists',
      };
    const seen = `${named} is shared by all customers of ${owner}: DNS lists may refuse it`;
    return answered ? note(`${seen}, but Spamhaus answers`) : { ...warning(seen), bad: 'for lists' };
  });
}

function upstream(file: string): readonly string[] {
  try {
    return nameServersOf(file);
  } catch {
    return [];
  }
}

async function judge(server: string, signal: AbortSignal): Promise<Told[]> {
  const dns = new NodeResolver({ servers: [server], timeoutMs: TIMEOUT_MS });
  const nobody = `postern-${randomBytes(6).toString('hex')}.invalid`;
  const started = performance.now();
  const [listed, notListed, invalid] = await Promise.all(
    [LISTED, NOT_LISTED, nobody].map(async (name) => {
      const answer = await dns.a(name, signal);
      return { name, answer, ms: Math.round(performance.now() - started) };
    }),
  );
  const all = [listed!, notListed!, invalid!];
  const failed = all.every(({ answer }) => answer.status === 'temperror');
  if (failed) {
    const { answer } = listed!;
    const why = answer.status === 'temperror' ? answer.why : '';
    return [problem(`${server} does not answer: ${why}`, dig(server))];
  }
  const ms = Math.max(...all.map((each) => each.ms));
  const speed =
    ms < SLOW_MS
      ? ok(`${server} answers (${ms} ms)`)
      : warning(`${server} is slow: ${ms} ms for three names`);
  return [speed, ...invented(server, [invalid!, notListed!]), ...spamhaus(server, listed!.answer)];
}

function dig(server: string): string {
  const port = /(?:\]|^[\d.]+):(\d+)$/.exec(server)?.[1];
  return `dig @${serverAddress(server)?.text ?? server}${port === undefined ? '' : ` -p ${port}`} example.org`;
}

/** Names that nobody has: an address for one is the resolver's own invention. */
function invented(server: string, asked: readonly { name: string; answer: Answer<string> }[]): Told[] {
  for (const { name, answer } of asked) {
    const address =
      answer.status === 'found' ? answer.records.find((each) => !each.startsWith('127.')) : undefined;
    if (address !== undefined)
      return [
        {
          ...problem(
            `${server} invents addresses for names that do not exist: ${name} is ${address} by its word`,
          ),
          bad: 'for lists',
        },
      ];
  }
  return [];
}

/** https://www.spamhaus.org/faqs/dnsbl-usage/ */
const ERRORS: Readonly<Record<string, string>> = {
  '127.255.255.252': 'takes the name of its list for a slip (127.255.255.252)',
  '127.255.255.254': 'refuses it as a public or open resolver (127.255.255.254)',
  '127.255.255.255': 'refuses it for too many queries (127.255.255.255)',
};

function spamhaus(server: string, answer: Answer<string>): Told[] {
  if (answer.status === 'temperror')
    return [note(`Spamhaus can't be reached through ${server}: ${answer.why}`)];
  if (answer.status !== 'found')
    return [
      {
        ...problem(`Spamhaus refuses ${server} and says that nobody is listed (${LISTED} is not)`),
        bad: 'for lists',
      },
    ];
  const error = answer.records.find((address) => Object.hasOwn(ERRORS, address));
  if (error !== undefined) return [{ ...problem(`${server}: Spamhaus ${ERRORS[error]!}`), bad: 'for lists' }];
  if (answer.records.every((address) => address.startsWith('127.0.0.')))
    return [{ ...ok(`Spamhaus answers ${server}`), good: true }];
  return [];
}
