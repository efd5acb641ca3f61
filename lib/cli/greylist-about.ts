/** Owns what `postern greylist show` is about: an address, a network, a domain, a sender or a pair, and what belongs to it. */

import { overlap, type ListedTriplet, type ListFilter } from '../greylist/listing.ts';
import { normaliseRecipient, normaliseSender } from '../greylist/normalise.ts';
import type { OpenAnswer } from '../greylist/store.ts';
import type { Subject } from '../greylist/triplet.ts';
import { registeredDomain } from '../lists/registered-domain.ts';
import { asciiDomain, withoutRootDot } from '../mail/domain.ts';
import { parseMailbox, type Mailbox } from '../mail/mailbox.ts';
import { parseNetwork } from '../mail/network.ts';

export interface About {
  /** What is to be read; `fits` narrows it. */
  readonly filter: ListFilter;
  readonly fits: (triplet: ListedTriplet) => boolean;
  /** Whether the standing of this one is about it, whatever its triplets are. */
  readonly isSubject: (subject: Subject) => boolean;
  readonly isAnswer: (answer: OpenAnswer) => boolean;
  /** What to type for `list`, `release` and `forget`; null: no option says it. */
  readonly options: string | null;
}

const NEVER = (): boolean => false;
const ALWAYS = (): boolean => true;

/** `192.0.2.10`, `192.0.2.0/24`, `example.com`, `alice@example.net`, and with `recipient` a pair. */
export async function aboutOf(what: string, recipient: string | undefined): Promise<About> {
  if (recipient !== undefined) return aboutPair(what, recipient);
  const network = parseNetwork(what);
  if (network !== null)
    return {
      filter: { origin: what },
      fits: ALWAYS,
      isSubject: ({ kind, value }) => (kind === 'address' || kind === 'network') && overlap(network, value),
      isAnswer: NEVER,
      options: `--client ${what}`,
    };
  const domain = asciiDomain(withoutRootDot(what));
  if (domain !== null && domain.includes('.')) return aboutDomain(domain);
  return aboutSender(what);
}

function aboutDomain(domain: string): About {
  return {
    filter: {},
    fits: ({ origins, sender }) =>
      origins.some(({ value }) => value === domain) || sender.endsWith(`@${domain}`),
    isSubject: ({ value }) => value === domain,
    isAnswer: ({ sender }) => sender.endsWith(`@${domain}`),
    options: null,
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
    options: `--sender ${quoted(sender)}`,
  };
}

async function aboutPair(sender: string, recipient: string): Promise<About> {
  const { filter, isSubject, isAnswer, options } = await aboutSender(sender);
  const remembered = rememberedAs(recipient, (box) => (box === null ? '' : normaliseRecipient(box)));
  return {
    filter: { ...filter, recipient },
    fits: ALWAYS,
    isSubject,
    isAnswer: (answer) => isAnswer(answer) && answer.recipient === remembered,
    options: `${options} --rcpt ${quoted(recipient)}`,
  };
}

function rememberedAs(written: string, normalise: (mailbox: Mailbox | null) => string): string {
  return normalise(parseMailbox(written));
}

/** For a shell. */
function quoted(text: string): string {
  return /^[\w@.=+-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
