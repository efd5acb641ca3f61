/** Owns the triplet: where a message comes from, from whom, to whom; and how its origins are written down. */

/** What counts as "the same sender host" in a retry. */
export interface Origin {
  readonly kind: 'network' | 'ptr' | 'spf';
  /** `192.0.2.0/24` (see networkOf in lib/mail/network.ts), an organisational domain, or an SPF-pass domain. */
  readonly value: string;
}

/** Who can have earned, or been granted, that he need not wait. */
export interface Subject {
  readonly kind: Origin['kind'] | 'address';
  /** As of an origin; of `address` the exact one, of IPv6 its /64. */
  readonly value: string;
}

/** What a client has shown of himself. */
export interface Proof {
  /** Of whom standing is asked; what passes counts for those of them that are no networks and no names. */
  readonly subjects: readonly Subject[];
  /** The sender's domain is his: so says SPF, or his confirmed name. */
  readonly ownsSender: boolean;
  /** A large one whom nobody delays, by his name; absent: he is none. */
  readonly provider?: string;
  /** On no list, no SPF fail, no generic name: after the cap he passes whatever his origins are. */
  readonly mayCap: boolean;
}

/** One recipient's try. A match on any origin counts as the same triplet. */
export interface Attempt {
  /** At least one; duplicates do no harm. */
  readonly origins: readonly Origin[];
  /** From normaliseSender. */
  readonly sender: string;
  /** From normaliseRecipient. */
  readonly recipient: string;
  /** Absent: nothing is known. */
  readonly proof?: Proof;
  /** Only if it is known already is anything remembered of it; else it is `unseen`. */
  readonly onlyKnown?: true;
  /** Of the sender, from formerSpellings: what was imported is looked for under these too. Absent: none. */
  readonly formerly?: readonly string[];
}

/**
 * Instead of a sender: what the check of this name remembers of a client is no mail, counted nowhere, and not released:
 * who has been refused softly would be refused for good at his next try.
 */
export const SOFT_FIRST = 'soft_first';

/** A triplet remembers so many origins, then forgets its oldest: a sender who roams must not grow a row without end. */
export const MOST_ORIGINS = 32;

const LETTERS = { network: 'n', ptr: 'p', spf: 's', address: 'a' } as const;
const KINDS: Readonly<Record<string, Subject['kind']>> = { n: 'network', p: 'ptr', s: 'spf', a: 'address' };

/** `n192.0.2.0/24\nsexample.org`: a line per origin; a backslash or line end in a value is escaped. */
export function formatOrigins(origins: readonly Subject[]): string {
  return origins.map(({ kind, value }) => LETTERS[kind] + escaped(value)).join('\n');
}

/** The inverse; lines that are of no known kind (a damaged file's) are left out. */
export function parseOrigins(text: string): Origin[] {
  return parseSubjects(text).flatMap(({ kind, value }) => (kind === 'address' ? [] : [{ kind, value }]));
}

export function parseSubjects(text: string): Subject[] {
  const subjects: Subject[] = [];
  for (const line of text.split('\n')) {
    const kind = KINDS[line.charAt(0)];
    if (kind !== undefined) subjects.push({ kind, value: unescaped(line.slice(1)) });
  }
  return subjects;
}

/** `added` put behind `origins` without duplicates: what to keep, and which old ones to forget. */
export function withOrigins(
  origins: readonly Origin[],
  added: readonly Origin[],
): { readonly kept: Origin[]; readonly forgotten: Origin[] } {
  const all = new Map<string, Origin>();
  for (const origin of origins) all.set(origin.kind + origin.value, origin);
  for (const origin of added) {
    // Deleted first, so that one seen again moves to the young end.
    all.delete(origin.kind + origin.value);
    all.set(origin.kind + origin.value, origin);
  }
  const list = [...all.values()];
  return { kept: list.slice(-MOST_ORIGINS), forgotten: list.slice(0, -MOST_ORIGINS) };
}

/** So many tell an administrator where a triplet came from; with more of them, he is told that there are many. */
export const MOST_TOLD = 5;

/** The first few that differ: those of `told`, then of `added`. */
export function firstOrigins(told: readonly Origin[], added: readonly Origin[]): readonly Origin[] {
  if (told.length >= MOST_TOLD || added.length === 0) return told;
  const all = new Map([...told, ...added].map((origin) => [origin.kind + origin.value, origin]));
  return [...all.values()].slice(0, MOST_TOLD);
}

function escaped(value: string): string {
  return value.includes('\n') || value.includes('\\')
    ? value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
    : value;
}

function unescaped(text: string): string {
  return text.includes('\\') ? text.replaceAll(/\\([\\n])/g, (_, c) => (c === 'n' ? '\n' : '\\')) : text;
}
