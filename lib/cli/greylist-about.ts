/** Owns what `postern greylist show` is about: an address, a network, a host, a domain, somebody's address or a pair, and what belongs to it. */

import {
  compileAnswerFilter,
  compileFilter,
  nameMatcher,
  overlap,
  type ListedTriplet,
  type ListFilter,
} from '../greylist/listing.ts';
import { normaliseRecipient, normaliseSender } from '../greylist/normalise.ts';
import type { OpenAnswer } from '../greylist/store.ts';
import type { Subject } from '../greylist/triplet.ts';
import { registeredDomain } from '../lists/registered-domain.ts';
import { asciiDomain, withoutRootDot } from '../mail/domain.ts';
import { parseMailbox, type Mailbox } from '../mail/mailbox.ts';
import { parseNetwork, type Network } from '../mail/network.ts';
import { parseClient } from '../mail/session.ts';

export interface About {
  /** What is to be read; `fits` narrows it. */
  readonly filter: ListFilter;
  readonly fits: (triplet: ListedTriplet) => boolean;
  /** Whether the standing of this one is about it, whatever its triplets are. */
  readonly isSubject: (subject: Subject) => boolean;
  readonly isAnswer: (answer: OpenAnswer) => boolean;
  /** The domain or host by which a provider would be known; null: it has none. */
  readonly name: string | null;
  /** How `list`, `release` and `forget` are told of it, or of parts of it. */
  readonly ways: readonly Way[];
}

export interface Way {
  /** To be typed. */
  readonly options: string;
  readonly filter: ListFilter;
}

const NEVER = (): boolean => false;
const ALWAYS = (): boolean => true;

/**
 * `192.0.2.10`, `192.0.2.0/24`, `mx.example.net[192.0.2.10]`, `example.com`, `mx.example.net`, `alice@example.net`, and with
 * `recipient` a pair.
 */
export async function aboutOf(what: string, recipient: string | undefined): Promise<About> {
  if (recipient !== undefined) return aboutPair(what, recipient);
  const client = parseClient(what);
  if (client !== null) return aboutClient(what, parseNetwork(client.address.text), client.name);
  const network = parseNetwork(what);
  if (network !== null) return aboutClient(what, network, null);
  const domain = asciiDomain(withoutRootDot(what));
  if (domain !== null && domain.includes('.')) return aboutDomain(domain);
  return aboutAddress(what);
}

function aboutClient(what: string, network: Network | null, name: string | null): About {
  const isOfName = nameMatcher(name ?? '');
  const isAround = ({ kind, value }: Subject): boolean =>
    (kind === 'address' || kind === 'network') && network !== null && overlap(network, value);
  return {
    filter: { origin: what },
    fits: ALWAYS,
    isSubject: (subject) => isAround(subject) || isOfName(subject),
    isAnswer: NEVER,
    name,
    ways: [{ options: `--client ${quoted(what)}`, filter: { origin: what } }],
  };
}

/** Of a host the triplets of its organisation too, under which it is remembered. */
function aboutDomain(domain: string): About {
  const isOfName = nameMatcher(domain);
  const isOf = (subject: Subject): boolean => subject.value === domain || isOfName(subject);
  return {
    filter: {},
    fits: ({ origins, sender }) => origins.some(isOf) || sender.endsWith(`@${domain}`),
    isSubject: isOf,
    isAnswer: ({ sender }) => sender.endsWith(`@${domain}`),
    name: domain,
    ways: [
      { options: `--client ${quoted(domain)}`, filter: { origin: domain } },
      { options: `--sender ${quoted(`*@${domain}`)}`, filter: { sender: `*@${domain}` } },
    ],
  };
}

/** Of the world's or of ours. */
async function aboutAddress(address: string): Promise<About> {
  const sender = await aboutSender(address);
  const remembered = rememberedRecipient(address);
  return {
    ...sender,
    filter: { address },
    isAnswer: (answer) => sender.isAnswer(answer) || answer.recipient === remembered,
    ways: [...sender.ways, { options: `--rcpt ${quoted(address)}`, filter: { recipient: address } }],
  };
}

async function aboutSender(sender: string): Promise<About> {
  const domain = asciiDomain(withoutRootDot(sender.slice(sender.lastIndexOf('@') + 1)));
  const organisation = domain === null ? null : await registeredDomain(domain);
  const remembered = rememberedAs(sender, normaliseSender);
  return {
    filter: { sender },
    fits: ALWAYS,
    isSubject: ({ kind, value }) =>
      (kind === 'spf' && value === domain) || (kind === 'ptr' && value === organisation),
    isAnswer: (answer) => answer.sender === remembered,
    name: domain,
    ways: [{ options: `--sender ${quoted(sender)}`, filter: { sender } }],
  };
}

async function aboutPair(sender: string, recipient: string): Promise<About> {
  const about = await aboutSender(sender);
  const remembered = rememberedRecipient(recipient);
  const filter = { sender, recipient };
  return {
    ...about,
    filter,
    isAnswer: (answer) => about.isAnswer(answer) && answer.recipient === remembered,
    ways: [{ options: `--sender ${quoted(sender)} --rcpt ${quoted(recipient)}`, filter }],
  };
}

/** The fewest ways, in their order, that find all of these triplets. */
export function waysTo(ways: readonly Way[], triplets: readonly ListedTriplet[]): Way[] {
  let left = triplets;
  return ways.filter(({ filter }) => {
    const finds = compileFilter(filter);
    const missed = left.filter((triplet) => !finds(triplet));
    const isOfUse = missed.length < left.length;
    left = missed;
    return isOfUse;
  });
}

/** Those that find some of these answers. */
export function waysToAnswers(ways: readonly Way[], answers: readonly OpenAnswer[]): Way[] {
  return ways.filter(({ filter }) => answers.some(compileAnswerFilter(filter)));
}

function rememberedRecipient(written: string): string {
  return rememberedAs(written, (box) => (box === null ? '' : normaliseRecipient(box)));
}

function rememberedAs(written: string, normalise: (mailbox: Mailbox | null) => string): string {
  return normalise(parseMailbox(written));
}

/** For a shell. */
function quoted(text: string): string {
  return /^[\w@.=+:/-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
