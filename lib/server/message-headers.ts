/** Owns MessageHeaders: what is done to the header of a message, field by field: forged ones go, ours come. */

import { MYNETWORKS } from '../checks/mynetworks.ts';
import type { Field } from '../headers/field.ts';
import { InboundFields } from '../headers/inbound-fields.ts';
import { xGreylist } from '../headers/x-greylist.ts';
import type { Change } from '../milter/filter.ts';
import { reject } from '../mail/reply.ts';
import { askAhead } from '../policy/ahead.ts';
import type { Driving } from '../policy/asking.ts';
import { decide } from '../policy/driver.ts';
import type { CheckId } from '../policy/finding.ts';
import type { Rule } from '../policy/rule.ts';
import type { Message } from './envelope.ts';
import type { HeaderSettings } from './header-settings.ts';
import { KnownFindings } from './known-findings.ts';
import { resultFields } from './result-fields.ts';
import { timeLeft } from './time-left.ts';

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
  readonly #asks: readonly (readonly Rule[])[];

  constructor(settings: HeaderSettings, driving: Driving) {
    this.#settings = settings;
    this.#driving = driving;
    this.#asks = [[asking(settings.asks)]];
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
    // A relay of ours hands on what strangers wrote.
    if (message.received === null && this.#isHandedOn(message)) return;
    message.inbound ??= new InboundFields();
    message.inbound.see(name, value, authservId());
  }

  /** Begun while the message is on its way. */
  ahead(message: Message): void {
    const told = this.#isAsked(message) ? toldOf(message) : null;
    if (told !== null) askAhead(this.#asks, told.session, told.scope, this.#driving);
  }

  /** What is to be told, and no rule has asked; null: all is known. */
  find(message: Message, since: number): Promise<unknown> | null {
    const told = this.#isAsked(message) ? toldOf(message) : null;
    if (told === null) return null;
    const found = decide(this.#asks, told.session, told.scope, timeLeft(this.#driving, since));
    return found instanceof Promise ? found : null;
  }

  #isAsked(message: Message): boolean {
    const told = toldOf(message);
    if (told === null || told.session.auth !== null) return false;
    return this.#settings.asks.some((id) => told.scope.get(id) === undefined) && !this.#isHandedOn(told);
  }

  /** What is removed is counted before anything is added. */
  changes(message: Message, { authservId, delayedSeconds, nowMs }: EndedMessage): Change[] {
    const removed = (message.inbound?.removals() ?? []).map(({ name, index }): Change => ({
      kind: 'changeHeader',
      name,
      index,
      value: null,
    }));
    const told = toldOf(message);
    if (told === null || told.session.auth !== null || this.#isHandedOn(told)) return removed;
    const charset = message.international ? 'utf-8' : 'ascii';
    const findings = new KnownFindings(told, this.#driving);
    const added: Field[] = resultFields(this.#settings, findings, told.session, { authservId, charset });
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

/** Whose facts the fields tell; null: nobody knows them. */
function toldOf(message: Message): Message | null {
  return message.received === null ? message : message.before;
}

/** No rule for mail, but it makes the driver ask, once for all who want to know, within its deadline. */
function asking(checks: readonly CheckId[]): Rule {
  return {
    word: 'headers',
    when: {
      kind: 'told',
      checks,
      tells(findings) {
        const missing = checks.filter((id) => findings.get(id) === undefined);
        return missing.length === 0 ? false : missing;
      },
    },
    may: [],
    outcome: () => ({ effect: { action: 'continue' }, reason: 'asked for the headers' }),
  };
}
