/** Owns the text of Received-SPF (RFC 7208 §9.1): what SPF says of one identity. */

import { folded, type Field } from './field.ts';
import { comment, dotAtomOrQuoted, quotedString, type Charset } from './words.ts';

export const SPF_RESULTS = ['pass', 'fail', 'softfail', 'neutral', 'none', 'temperror', 'permerror'] as const;
export type SpfResult = (typeof SPF_RESULTS)[number];

export interface SpfFacts {
  readonly identity: 'mailfrom' | 'helo';
  readonly result: SpfResult;
  /** The domain that was asked, as it was: in ASCII; null: there was none to ask. */
  readonly domain: string | null;
  readonly clientIp: string;
  /** `alice@example.net`; empty: the null sender. */
  readonly envelopeFrom: string;
  /** Null: none was given. */
  readonly helo: string | null;
  /** The one of the record that matched; null: not known. */
  readonly mechanism: string | null;
  /** Of temperror and permerror, what went wrong; null: not known. */
  readonly problem: string | null;
}

/** `receiver`: who says so. */
export function receivedSpf(receiver: string, facts: SpfFacts, charset: Charset): Field {
  const { identity, result, clientIp, envelopeFrom, helo, mechanism, problem } = facts;
  const pairs = [
    `client-ip=${dotAtomOrQuoted(clientIp)}`,
    // Never a dot-atom, for it has an @ in it; the null sender is written as SMTP does.
    `envelope-from=${quotedString(envelopeFrom === '' ? '<>' : envelopeFrom, charset)}`,
    ...(helo === null ? [] : [`helo=${dotAtomOrQuoted(helo, charset)}`]),
    `identity=${identity}`,
    `receiver=${dotAtomOrQuoted(receiver)}`,
    ...(mechanism === null ? [] : [`mechanism=${dotAtomOrQuoted(mechanism)}`]),
    ...(problem === null ? [] : [`problem=${dotAtomOrQuoted(problem)}`]),
  ];
  return folded('Received-SPF', [
    result,
    ...comment(`${receiver}: ${inWords(facts)}`),
    ...pairs.map((pair, i) => (i === pairs.length - 1 ? pair : `${pair};`)),
  ]);
}

function inWords({ result, domain, clientIp }: SpfFacts): string {
  const who = domain === null ? 'the sender' : domain;
  switch (result) {
    case 'pass':
      return `${who} permits ${clientIp}`;
    case 'fail':
      return `${who} does not permit ${clientIp}`;
    case 'softfail':
      return `${who} probably does not permit ${clientIp}`;
    case 'neutral':
      return `${who} does not say whether it permits ${clientIp}`;
    case 'none':
      return `${who} does not say whom it permits`;
    case 'temperror':
      return `whom ${who} permits could not be looked up`;
    case 'permerror':
      return `what ${who} says of whom it permits makes no sense`;
  }
}
