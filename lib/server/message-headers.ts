/** Owns MessageHeaders: what is done to the header of a message, field by field: forged ones go, ours come. */

import { MYNETWORKS } from '../checks/mynetworks.ts';
import type { Field } from '../headers/field.ts';
import { InboundFields } from '../headers/inbound-fields.ts';
import { xGreylist } from '../headers/x-greylist.ts';
import type { Change } from '../milter/filter.ts';
import { reject } from '../mail/reply.ts';
import type { Driving } from '../policy/asking.ts';
import type { Message } from './envelope.ts';
import type { HeaderSettings } from './header-settings.ts';
import { KnownFindings } from './known-findings.ts';
import { resultFields } from './result-fields.ts';

/** Of a flood, of which some would be left. */
export const TOO_MANY_FORGED = reject(554, '5.7.1', 'Too many forged header fields');

export interface EndedMessage {
  readonly authservId: string;
  /** Of its recipients the longest; 0: nobody was kept waiting. */
  readonly delayedSeconds: number;
  /** Milliseconds since 1970. */
  readonly nowMs: number;
}

export class MessageHeaders {
  readonly #settings: HeaderSettings;
  readonly #driving: Driving;

  constructor(settings: HeaderSettings, driving: Driving) {
    this.#settings = settings;
    this.#driving = driving;
  }

  /** All that may ever be done: nothing else is asked of the MTA. */
  get kinds(): readonly Change['kind'][] {
    const { authenticationResults, receivedSpf, dnsbl, greylist } = this.#settings.fields;
    const adds = authenticationResults || receivedSpf || dnsbl || greylist;
    return [
      ...(adds ? (['insertHeader'] as const) : []),
      ...(this.removes ? (['changeHeader'] as const) : []),
    ];
  }

  /** The fields of the message have to be seen. */
  get removes(): boolean {
    return this.#settings.fields.removeForged;
  }

  /** The next field of the message under way. */
  see(message: Message, name: string, value: string, authservId: () => string): void {
    if (this.#isHandedOn(message)) return;
    message.inbound ??= new InboundFields();
    message.inbound.see(name, value, authservId());
  }

  /** What is removed is counted before anything is added. */
  changes(message: Message, { authservId, delayedSeconds, nowMs }: EndedMessage): Change[] {
    const { session } = message;
    const removed = (message.inbound?.removals() ?? []).map(({ name, index }): Change => ({
      kind: 'changeHeader',
      name,
      index,
      value: null,
    }));
    if (session.auth !== null || this.#isHandedOn(message)) return removed;
    const charset = message.international ? 'utf-8' : 'ascii';
    const findings = new KnownFindings(message, this.#driving);
    const added: Field[] = resultFields(this.#settings, findings, session, { authservId, charset });
    if (delayedSeconds > 0 && this.#settings.fields.greylist)
      added.push(xGreylist(delayedSeconds, authservId, nowMs));
    // Each goes above the one before.
    const inserted = added
      .toReversed()
      .map((field): Change => ({ kind: 'insertHeader', index: 0, ...field }));
    return [...removed, ...inserted];
  }

  /**
   * Our own machines hand on what came in before: a content filter gives back, and postsuper -r has queued anew, what has
   * our fields already. Who has only logged in is no mail server, and knows nothing that we should say.
   */
  #isHandedOn({ session, scope }: Message): boolean {
    if (session.client.submitted) return true;
    // Most policies have asked already.
    const asked = scope.get(MYNETWORKS);
    if (asked !== undefined) return asked.result === 'yes';
    return this.#settings.mynetworks.has(session.client.address);
  }
}
