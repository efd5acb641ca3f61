/** Owns InboundFields: which fields of a message that comes in say what only we may say, and have to go. */

import { arcClaimsToBe, claimsToBe } from './claimed-id.ts';

type Forged = (ownId: string, value: string) => boolean;

/** No reader can tell whose such a field is. */
const whoever: Forged = () => true;

/**
 * - Authentication-Results with our authserv-id (RFC 8601 §5); others tell of an earlier hop, and stay. So with
 *   ARC-Authentication-Results, for SpamAssassin's AuthRes believes them like the others: a chain of ARC in which we
 *   stand already is broken by that.
 * - Received-SPF of whomever: what matters to its readers is not its `receiver` but that it is there. Where OpenDMARC is
 *   told of no pass, it believes the first that it finds (opendmarc.c), SpamAssassin whatever stands above a Received.
 * - What only Postern writes.
 */
const FORGED: ReadonlyMap<string, Forged> = new Map([
  ['authentication-results', claimsToBe],
  ['arc-authentication-results', arcClaimsToBe],
  ['received-spf', whoever],
  ['x-dnsbl-result', whoever],
  ['x-greylist', whoever],
]);

/** The MTA searches the whole header for each that is to go: nobody's mail has so many, but a flood's. */
const MOST = 1000;

export interface Removal {
  readonly name: string;
  /** Among the fields of that name, from 1. */
  readonly index: number;
}

export class InboundFields {
  readonly #seen = new Map<string, number>();
  readonly #forged: Removal[] = [];
  #tooMany = false;

  /** The next field from above. */
  see(name: string, value: string, ownId: string): void {
    const lower = fieldName(name);
    const isForged = FORGED.get(lower);
    if (isForged === undefined) return;
    const index = (this.#seen.get(lower) ?? 0) + 1;
    this.#seen.set(lower, index);
    if (!isForged(ownId, value)) return;
    if (this.#forged.length < MOST) this.#forged.push({ name: lower, index });
    else this.#tooMany = true;
  }

  /** There are more than can be removed. */
  get tooMany(): boolean {
    return this.#tooMany;
  }

  /** The lowest first: what is removed above would move those below. */
  removals(): readonly Removal[] {
    return this.#forged.toReversed();
  }
}

/** Fields of other names need not be seen. */
export const NAMES_THAT_MAY_BE_FORGED: readonly string[] = [...FORGED.keys()];

/** Some MTAs pass on the blanks before the colon (RFC 5322 §4.5). */
function fieldName(name: string): string {
  return name.trimEnd().toLowerCase();
}
