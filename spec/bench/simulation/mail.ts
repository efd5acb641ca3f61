/** Owns the mail of the model: who writes to whom, when, and what is unwanted (issue 6, point 6). */

import type { Client } from '../../../lib/mail/session.ts';
import type { Mailbox } from '../../../lib/mail/mailbox.ts';
import { Chance } from './chance.ts';
import { botRetryOf, DAY, retryOf, SERVER_KINDS, type BotKind, type ServerKind } from './retries.ts';
import { botHostAt, hostOf, serverOf, spfOf, type Server } from './servers.ts';
import type { Finding } from '../../../lib/policy/finding.ts';

/** One message, for one recipient. */
export type Mail = Sent &
  ({ readonly wanted: true; readonly kind: ServerKind } | { readonly wanted: false; readonly kind: BotKind });

interface Sent {
  readonly firstMs: number;
  readonly sender: Mailbox;
  readonly recipient: Mailbox;
  readonly spf: Finding;
  /** From where the n-th try comes, from 0. */
  clientOf(n: number): Client;
  /** Ms after the first try, of the n-th retry (from 0); null: it is given up. */
  retryOf(n: number, beforeMs: number): number | null;
}

/** What the model leaves open. */
export interface Reading {
  /** How many pairs write through the same server: of one host, and of a pool. */
  readonly pairsPerHost: number;
  readonly pairsPerPool: number;
  /** The hosts of bots have confirmed names, made of their addresses; false: none at all. */
  readonly botsNamed: boolean;
}

/** Pairs share servers, as people of one company do; nothing that the model does not say speaks against a bot. */
export const READING: Reading = { pairsPerHost: 10, pairsPerPool: 100, botsNamed: false };

export const DAYS = 30;
export const PAIRS = 20_000;
/** Percent of the pairs. */
export const SERVER_SHARES: Readonly<Record<ServerKind, number>> = {
  postfix: 55,
  exim: 15,
  exchange: 10,
  pool: 17,
  hidden: 3,
};
/** Percent of the unwanted. */
export const BOT_SHARES: Readonly<Record<BotKind, number>> = {
  once: 88,
  soon: 6,
  patient: 3,
  roaming: 2,
  account: 1,
};
const ONCE_SHARE = 0.6;
const LEAST_GAP_MS = DAY;
const MOST_GAP_MS = 10 * DAY;
/** 80 % of all. */
export const UNWANTED_PER_WANTED = 4;

/** Which draw is for what: the first number of its name. */
const DRAW = {
  once: 10,
  first: 11,
  gap: 12,
  host: 13,
  botFirst: 14,
  botHost: 15,
  botPool: 16,
  lot: 17,
} as const;
const RECIPIENTS = 500;

/** In the order of their first tries. `pairs`: fewer than the model's, for a spec. */
export function mailOf(seed: number, reading: Reading = READING, pairs = PAIRS): Mail[] {
  const chance = new Chance(seed);
  const servers = new Servers(chance, reading, pairs);
  const wanted = [...wantedMail(chance, servers, pairs)];
  const unwanted = unwantedMail(chance, servers, reading, wanted.length * UNWANTED_PER_WANTED);
  return [...wanted, ...unwanted].toSorted((a, b) => a.firstMs - b.firstMs);
}

function* wantedMail(chance: Chance, servers: Servers, pairs: number): Generator<Mail> {
  let number = 0;
  for (let pair = 0; pair < pairs; pair++) {
    const { kind, rank } = inShares(SERVER_SHARES, pair);
    const server = servers.of(kind, rank);
    for (const firstMs of writingTimes(chance, pair))
      yield {
        kind,
        wanted: true,
        firstMs,
        sender: { local: `writer${pair}`, domain: server.domain },
        recipient: recipientOf(pair),
        spf: spfOf(server),
        clientOf: hostsInTurn(chance, server, number++),
        retryOf: (n, beforeMs) => retryOf(kind, n, beforeMs),
      };
  }
}

function writingTimes(chance: Chance, pair: number): number[] {
  if (chance.share(DRAW.once, pair) < ONCE_SHARE)
    return [Math.floor(chance.between(0, DAYS * DAY, DRAW.first, pair))];
  const gap = (n: number): number => Math.floor(chance.between(LEAST_GAP_MS, MOST_GAP_MS, DRAW.gap, pair, n));
  const times: number[] = [];
  // They have been writing before the month began: the first is somewhere in a gap.
  for (
    let [n, atMs] = [1, Math.floor(chance.share(DRAW.first, pair) * gap(0))];
    atMs < DAYS * DAY;
    atMs += gap(n++)
  )
    times.push(atMs);
  return times;
}

function* unwantedMail(chance: Chance, servers: Servers, reading: Reading, count: number): Generator<Mail> {
  for (let bot = 0; bot < count; bot++) {
    const { kind } = inShares(BOT_SHARES, bot);
    const pool = kind === 'account' ? servers.anyPool(chance.share(DRAW.botPool, bot)) : null;
    const lot = chance.share(DRAW.lot, bot);
    yield {
      kind,
      wanted: false,
      firstMs: Math.floor(chance.between(0, DAYS * DAY, DRAW.botFirst, bot)),
      sender: { local: `bot${bot}`, domain: pool?.domain ?? `forged${bot}.example` },
      recipient: recipientOf(bot),
      spf: spfOf(pool),
      clientOf:
        pool === null ? botHosts(chance, reading, kind, bot) : hostsInTurn(chance, pool, ACCOUNTS_FROM + bot),
      retryOf: (n, beforeMs) => botRetryOf(kind, n, beforeMs, lot),
    };
  }
}

/** Draws of the hosts of spam from pools are others than those of wanted mail. */
const ACCOUNTS_FROM = 1_000_000_000;

/** Another of the server's hosts at each try, the same whoever asks and how often. */
function hostsInTurn(chance: Chance, server: Server, mail: number): (n: number) => Client {
  const { hosts } = server;
  return (n) => {
    let host = 0;
    if (hosts > 1) {
      host = chance.whole(0, hosts - 1, DRAW.host, mail);
      for (let tried = 1; tried <= n; tried++)
        host = (host + chance.whole(1, hosts - 1, DRAW.host, mail, tried)) % hosts;
    }
    return hostOf(server, host);
  };
}

function botHosts(chance: Chance, { botsNamed }: Reading, kind: BotKind, bot: number): (n: number) => Client {
  return (n) => botHostAt(chance, botsNamed, DRAW.botHost, bot, kind === 'roaming' ? n : 0);
}

/** Nobody of them gets so much that he is spared. */
function recipientOf(n: number): Mailbox {
  return { local: `reader${n % RECIPIENTS}`, domain: 'example.org' };
}

/** The kind of the n-th of many that are shared out in percent, and the how-manieth of its kind it is. */
export function inShares<K extends string>(
  shares: Readonly<Record<K, number>>,
  n: number,
): { kind: K; rank: number } {
  let place = n % 100;
  for (const [kind, percent] of Object.entries(shares) as [K, number][]) {
    if (place < percent) return { kind, rank: Math.floor(n / 100) * percent + place };
    place -= percent;
  }
  throw new RangeError('shares of less than 100 percent');
}

/** Each made when somebody first writes through it. */
class Servers {
  readonly #chance: Chance;
  readonly #counts = new Map<ServerKind, number>();
  readonly #made = new Map<string, Server>();

  constructor(chance: Chance, { pairsPerHost, pairsPerPool }: Reading, pairs: number) {
    this.#chance = chance;
    for (const kind of SERVER_KINDS) {
      const perServer = kind === 'pool' || kind === 'hidden' ? pairsPerPool : pairsPerHost;
      this.#counts.set(kind, Math.ceil((pairs * SERVER_SHARES[kind]) / 100 / perServer));
    }
  }

  of(kind: ServerKind, rank: number): Server {
    const number = rank % this.#counts.get(kind)!;
    const name = `${kind}${number}`;
    let server = this.#made.get(name);
    if (server === undefined) this.#made.set(name, (server = serverOf(this.#chance, kind, number)));
    return server;
  }

  anyPool(share: number): Server {
    return this.of('pool', Math.floor(share * this.#counts.get('pool')!));
  }
}
