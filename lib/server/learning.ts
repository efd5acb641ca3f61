/** Owns Learning: what the gate sees that greylisting should know of besides triplets. Mail waits for none of it. */

import type { LocalDomains } from '../checks/local-domains.ts';
import { domainUnasked, subjectsListed } from '../checks/attempt.ts';
import { normaliseRecipient, normaliseSender } from '../greylist/normalise.ts';
import type { Answer, Store } from '../greylist/store.ts';
import type { Session } from '../mail/session.ts';
import type { Sink } from '../observe/event.ts';
import type { Findings } from '../policy/rule.ts';
import type { Listed } from '../policy/verdict.ts';
import type { Message } from './envelope.ts';

export interface LearningSettings {
  readonly store: Pick<Store, 'revoke' | 'earned' | 'learn'>;
  /** Whom our users write to may answer them for so long; null: nobody learns that. */
  readonly answersMs: number | null;
  readonly mynetworks: (client: Session['client']) => boolean;
  /** Null: nobody said what our domains are. */
  readonly ours: LocalDomains | null;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly sink: Sink;
}

/**
 * A field that tells of a machine (RFC 3834 §5, and what was used before it): also of reports, such as that a mail was read
 * (RFC 8098, RFC 6522), and of lists and newsletters (RFC 2919, RFC 2369), of whom each reader would be a row.
 */
const AUTOMATIC: Readonly<Record<string, RegExp>> = {
  'auto-submitted': /^\s*(?!no\s*(?:[;(]|$))/i,
  precedence: /^[\s"]*(?:bulk|list|junk|auto_reply)\b/i,
  'content-type': /^\s*multipart\/report\b/i,
  'list-id': /^/,
  'list-unsubscribe': /^/,
  'x-autoreply': /^/,
  'x-autorespond': /^/,
};

/** The fields that have to be seen. */
export const TELLS_OF_MACHINES = Object.keys(AUTOMATIC);

export function isAutomatic(name: string, value: string): boolean {
  return AUTOMATIC[name.toLowerCase()]?.test(value) === true;
}

/** Nobody writes to more people at once himself. */
const MOST_ANSWERS = 100;
/** Of what is still to be written: a disk that hangs must not fill the memory. */
const MOST_UNDER_WAY = 1000;

/** Each has room of its own: an answer that is not learnt delays a mail, a loss that is not written lets one in. */
type Kind = 'loss' | 'answers';

export class Learning {
  readonly #settings: LearningSettings;
  readonly #underWay: Record<Kind, number> = { loss: 0, answers: 0 };

  constructor(settings: LearningSettings) {
    this.#settings = settings;
  }

  get outbound(): boolean {
    return this.#settings.answersMs !== null;
  }

  /**
   * A DNS list was why somebody was refused: what `who` had earned is lost, and what the domain had that vouches for him.
   * `vouched` asks SPF; null: there is no sender yet. Only for a domain that has something to lose is that done, and only
   * then is anything written: most who are refused have earned nothing.
   */
  listed(who: Listed, session: Session, known: Findings, vouched: (() => Promise<Findings>) | null): void {
    const { store, now, sink } = this.#settings;
    const { client } = session;
    this.#write('loss', async () => {
      const proven = await subjectsListed(who, client, known);
      const domain = vouched === null ? null : domainUnasked(session, known);
      const earned = await store.earned(domain === null ? proven : [...proven, domain], now());
      if (earned.length === 0) return;
      const asks =
        domain !== null && earned.some(({ kind, value }) => kind === 'spf' && value === domain.value);
      const subjects = asks ? await subjectsListed(who, client, await vouched!()) : proven;
      const lost = await store.revoke(subjects, now());
      if (lost.length > 0) sink({ kind: 'standing-lost', session: session.id, client, subjects: lost });
    });
  }

  /** A message was taken from somebody. */
  taken(message: Message): void {
    const { answersMs, store, now } = this.#settings;
    const { sender } = message.session;
    if (answersMs === null || sender === null || sender.domain === null || message.automatic) return;
    if (message.recipients.length > MOST_ANSWERS || message.more) return;
    this.#write('answers', async () => {
      if (!(await this.#isOfOurUsers(message))) return;
      const ours = normaliseRecipient(sender);
      const answers = message.recipients.map(({ session }): Answer => ({
        sender: normaliseSender(session.recipient),
        recipient: ours,
      }));
      await store.learn(answers, now() + answersMs, now());
    });
  }

  /** Our networks hand on other people's mail too, such as a content filter does: there the domains tell. */
  async #isOfOurUsers({ session }: Message): Promise<boolean> {
    const { ours, mynetworks } = this.#settings;
    if (session.auth !== null || session.client.submitted) return true;
    if (ours === null || !mynetworks(session.client)) return false;
    return (await ours(session.sender!.domain!)) === true;
  }

  #write(kind: Kind, write: () => Promise<void>): void {
    if (this.#underWay[kind] >= MOST_UNDER_WAY) return;
    this.#underWay[kind] += 1;
    void write()
      // The store tells of its troubles itself.
      .catch(() => {})
      .finally(() => (this.#underWay[kind] -= 1));
  }
}
