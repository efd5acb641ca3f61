/** Owns mail from trusted relays: judged as if the host before the relay had come itself, and refused to nobody. */

import { beganHere, hopIn, isOfQueue, type Hop } from '../headers/received.ts';
import { NetworkSet, parseNetwork } from '../mail/network.ts';
import { formatReply } from '../mail/reply.ts';
import { NOBODY, type AtMail, type Client } from '../mail/session.ts';
import { askAhead } from '../policy/ahead.ts';
import type { Driving } from '../policy/asking.ts';
import type { decide } from '../policy/driver.ts';
import type { RelayedPolicy } from '../policy/policy.ts';
import { Scope } from '../policy/scope.ts';
import type { Decision } from '../policy/verdict.ts';
import type { Message } from './envelope.ts';
import { timeLeft } from './time-left.ts';
import { decideAll } from './whole-message.ts';

/** What becomes of a message, and why. */
export interface Relayed {
  /** Of each recipient, in their order; empty: nobody knows where the message came from. */
  readonly decisions: readonly Decision[];
  /** Why the message is held; null: it is not. */
  readonly quarantine: string | null;
  /** No field tells where the message came from, though it did not begin at the relay; `topmost`: null if there is none. */
  readonly unread: { readonly topmost: string | null } | null;
}

export class RelayedMail {
  readonly #relays: NetworkSet;
  /** The relay's own machine too: a content filter there gives back over SMTP. */
  readonly #passedOver: NetworkSet;
  readonly #policy: RelayedPolicy;
  readonly #driving: Driving;
  readonly #decide: typeof decide;

  constructor(policy: RelayedPolicy, driving: Driving, decideBy: typeof decide) {
    this.#relays = new NetworkSet(policy.relays);
    this.#passedOver = new NetworkSet([...policy.relays, ...LOOPBACK]);
    this.#policy = policy;
    this.#driving = { ...driving, checks: policy.checks };
    this.#decide = decideBy;
  }

  isFrom(client: Client): boolean {
    return !client.submitted && this.#relays.has(client.address);
  }

  /** All fields of the message have been seen: from here on it is known whom to ask about. */
  lookBefore(message: Message): void {
    const hop = this.#hopBefore(message.received ?? []);
    if (hop === 'local') message.local = true;
    if (hop === 'local' || hop === null) return;
    message.before = asFrom(hop, message);
    const { session, scope } = message.before;
    askAhead(this.#policy.lists, session, scope, this.#driving);
  }

  /** `since`: when the MTA asked, by performance.now(). */
  judge({ before, local, received }: Message, since: number): Relayed | Promise<Relayed> {
    if (before === null)
      return {
        ...UNKNOWN,
        unread: local ? null : { topmost: received?.find((each) => !isOfQueue(each)) ?? null },
      };
    const { recipients } = before;
    return decideAll(
      recipients,
      ({ session, scope }) =>
        this.#decide(
          this.#policy.lists,
          { ...session, recipients: recipients.length },
          scope,
          timeLeft(this.#driving, since),
        ),
      (decisions) => ({ decisions, quarantine: this.#holds(decisions), unread: null }),
    );
  }

  /** Each field was written by a host that is trusted, as long as all above it name one that is. Null: it does not tell. */
  #hopBefore(received: readonly string[]): Hop | 'local' | null {
    let passed = false;
    for (const field of received) {
      if (isOfQueue(field)) continue;
      const hop = hopIn(field);
      if (hop === null) return beganHere(field) ? 'local' : null;
      if (!this.#passedOver.has(hop.address)) return hop;
      // Who has logged in at a relay is where the message began.
      if (hop.authenticated) return hop;
      passed = true;
    }
    // What a program of the relay gave it over SMTP has nothing below.
    return passed ? 'local' : null;
  }

  #holds(decisions: readonly Decision[]): string | null {
    for (const { verdict } of decisions) if (verdict.action === 'quarantine') return verdict.reason;
    if (this.#policy.onReject === 'tag') return null;
    // Nobody's wanted mail is held because of somebody else's.
    const refusals = decisions.flatMap(({ verdict }) => (verdict.action === 'reject' ? [verdict.reply] : []));
    const [first] = refusals;
    if (first === undefined || refusals.length < decisions.length) return null;
    return `relayed, else refused: ${formatReply(first)}`;
  }
}

/** How far down a chain of relays is looked. */
export const MOST_RECEIVED = 20;

const LOOPBACK = ['127.0.0.0/8', '::1/128'].map((network) => parseNetwork(network)!);

const UNKNOWN: Pick<Relayed, 'decisions' | 'quarantine'> = { decisions: [], quarantine: null };

/** Nothing is known of its name: what the relay says of it was for people. */
function asFrom(hop: Hop, message: Message): Message {
  const client: Client = { ...NOBODY, address: hop.address, daemon: message.session.client.daemon };
  const session: AtMail = {
    ...message.session,
    client,
    helo: hop.helo,
    tls: null,
    auth: hop.authenticated ? UNTOLD_LOGIN : null,
  };
  const scope = new Scope('mail', new Scope('helo', new Scope('connect')));
  return {
    ...message,
    session,
    scope,
    recipients: message.recipients.map((each) => ({
      ...each,
      session: { ...each.session, ...session },
      scope: new Scope('rcpt', scope),
    })),
    received: null,
    before: null,
    local: false,
  };
}

const UNTOLD_LOGIN = 'unknown';
