/** Owns the SpfEvaluator that mailauth's record evaluation stands behind, on our resolver and within our limits. */

import { randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import type { SpfMatch, SpfOptions } from 'mailauth/lib/spf/spf-verify.js';
import type { Resolver } from '../dns/resolver.ts';
import type { Address } from '../mail/network.ts';
import { printable } from '../mail/reply.ts';
import {
  SPF_LIMITS,
  type SpfEvaluator,
  type SpfFound,
  type SpfLimits,
  type SpfQuestion,
  type SpfResult,
} from './evaluator.ts';
import { AskedOnce } from './asked-once.ts';
import { explanationOf } from './explanation.ts';
import type { Validity } from './grounds.ts';
import { identityOf, type Identity } from './identity.ts';
import { Purse, SpfLookups } from './lookups.ts';
import { outside } from './outsiders.ts';
import { stoppedAt, stoppedBy, type Stopped } from './stop.ts';
import type { Random } from './strangers.ts';
import { isWide } from './wide.ts';

export interface MailauthOptions {
  readonly limits?: SpfLimits;
  /** Whether domains are asked for their explanations. */
  readonly explain?: boolean;
  readonly random?: Random;
}

/** What was found, and what it is good for beyond the question. */
export interface Grounded {
  readonly found: SpfFound;
  readonly validity: Validity;
}

interface Evaluated {
  readonly match: SpfMatch | null;
  /** Null: there is a match, or none of the mechanisms did. */
  readonly stopped: Stopped | null;
}

/**
 * Not mailauth's own `spf()`: that hides which mechanism matched, takes no domain with an underscore, makes headers that
 * we write ourselves, and lets an MX of one label make the whole a permerror. The evaluation of records is the same.
 */
export class MailauthEvaluator implements SpfEvaluator {
  readonly #resolver: Resolver;
  readonly #limits: SpfLimits;
  readonly #explain: boolean;
  readonly #random: Random;

  constructor(
    resolver: Resolver,
    { limits = SPF_LIMITS, explain = true, random = randomBytes }: MailauthOptions = {},
  ) {
    this.#random = random;
    this.#resolver = resolver;
    this.#limits = limits;
    this.#explain = explain;
  }

  /** Loads mailauth, which takes a tenth of a second, and 35 MB that a policy without SPF need not. */
  load(): void {
    try {
      loaded();
    } catch {
      // What keeps it from loading is told by the first evaluation.
    }
  }

  async evaluate(question: SpfQuestion, signal: AbortSignal): Promise<SpfFound> {
    const identity = identityOf(question);
    if (identity === null) return NOTHING_TO_ASK;
    const over = new AbortController();
    const abort = (): void => over.abort();
    signal.addEventListener('abort', abort);
    if (signal.aborted) abort();
    try {
      return (await this.grounded(identity, question.ip, over)).found;
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  /** As `evaluate`, of whom a question is about; `over` is aborted when the time is over, if nobody does so before. */
  async grounded(identity: Identity, ip: Address, over: AbortController): Promise<Grounded> {
    const timer = setTimeout(() => over.abort(), this.#limits.deadlineMs);
    try {
      const asked = new AskedOnce(this.#resolver, over.signal);
      const found = await this.#found(identity, ip, asked);
      return { found, validity: asked.grounds.validity };
    } finally {
      clearTimeout(timer);
    }
  }

  async #found(identity: Identity, ip: Address, asked: AskedOnce): Promise<SpfFound> {
    const lookups = new SpfLookups(asked, this.#limits, new Purse());
    const { match, stopped } = await this.#run(identity, ip, lookups, this.#explain);
    const terms = Math.min(lookups.terms, this.#limits.lookups);
    const { domain } = identity;
    const rest = { domain, lookups: terms, wide: false, explanation: null };
    const noMail = /^v=spf1 +-all *$/i.test(match?.rr ?? '');
    if (stopped !== null)
      return {
        ...rest,
        result: stopped.error,
        mechanism: null,
        record: null,
        why: stopped.why,
        noMail: false,
      };
    const result = QUALIFIED[match?.qualifier ?? '?'];
    const record = match?.rr === undefined ? null : printable(match.rr).slice(0, LONGEST_RECORD);
    const known = { ...rest, result, mechanism: mechanismOf(match), record, why: null, noMail };
    if (match === null) return known;
    if (result === 'fail') return { ...known, explanation: explanationOf(match.explanation, ip) };
    if (result !== 'pass') return known;
    // What is not asked for them finds nothing, and is no fault of the record.
    const limits = { ...this.#limits, voidLookups: Infinity };
    const purse = new Purse();
    const wide = await isWide(match, ip, {
      records: asked.grounds.records(),
      heard: asked.grounds.addresses.length,
      random: this.#random,
      outside: (others) => outside(others, asked.grounds, identity),
      passes: async (other) => {
        const others = new SpfLookups(asked.onlyAbout(other), limits, purse);
        const again = await this.#run(identity, other, others, false);
        // That a record is too long for so many trials is no proof that it passes nobody.
        if (again.stopped?.error === 'temperror' || purse.isEmpty) return 'unknown';
        return again.match?.qualifier === '+';
      },
    });
    return { ...known, wide };
  }

  async #run(identity: Identity, ip: Address, lookups: SpfLookups, explain: boolean): Promise<Evaluated> {
    const options: SpfOptions = {
      sender: identity.sender,
      ip: ip.text,
      helo: identity.helo,
      mta: identity.receiver,
      strict: true,
      ctx: { warnings: new Set() },
      resolver: lookups.ofTerms,
      expResolver: explain ? lookups.uncounted : () => Promise.resolve([]),
      createSubResolver: lookups.ofHosts,
    };
    const outcome = await verdictOf(identity.domain, options);
    if (lookups.bug !== null) throw lookups.bug.error;
    return outcome;
  }
}

type Mailauth = typeof import('mailauth/lib/spf/spf-verify.js');
let mailauth: Mailauth | null = null;
const packages = createRequire(import.meta.url);

/**
 * Kept: to ask for what is loaded costs as much as a part of the evaluation. Not by `import`, which fails for ever where
 * it failed once: files that are being replaced are there again for the next one who asks.
 */
function loaded(): Mailauth {
  if (mailauth !== null) return mailauth;
  const own: Mailauth = packages('mailauth/lib/spf/spf-verify.js');
  return (mailauth = own);
}

async function verdictOf(domain: string, options: SpfOptions): Promise<Evaluated> {
  const { spfVerify } = loaded();
  try {
    const match = await spfVerify(domain, options);
    return match === false ? { match: null, stopped: null } : { match, stopped: stoppedAt(match) };
  } catch (thrown) {
    const stopped = stoppedBy(thrown);
    if (stopped === null) throw thrown;
    return { match: null, stopped };
  }
}

export const NOTHING_TO_ASK: SpfFound = {
  result: 'none',
  domain: null,
  explanation: null,
  mechanism: null,
  record: null,
  lookups: 0,
  why: 'there is no domain to ask about',
  wide: false,
  noMail: false,
};

const QUALIFIED: Readonly<Record<NonNullable<SpfMatch['qualifier']>, SpfResult>> = {
  '+': 'pass',
  '-': 'fail',
  '~': 'softfail',
  '?': 'neutral',
};

function mechanismOf(match: SpfMatch | null): string {
  if (match?.type === undefined) return 'default';
  const { type, val = '' } = match;
  const written = type === 'ip4' || type === 'ip6' || type === 'include' ? `${type}:${val}` : type;
  return written.slice(0, LONGEST_MECHANISM);
}

const LONGEST_MECHANISM = 255;
const LONGEST_RECORD = 300;
