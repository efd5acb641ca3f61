/** Owns the triplet: where a message comes from, from whom, to whom; and how its origins are written down. */

/** What counts as "the same sender host" in a retry. */
export interface Origin {
  readonly kind: 'network' | 'ptr' | 'spf';
  /** `192.0.2.0/24` (see networkOf in lib/mail/network.ts), an organisational domain, or an SPF-pass domain. */
  readonly value: string;
}

/** One recipient's try. A match on any origin counts as the same triplet. */
export interface Attempt {
  /** At least one; duplicates do no harm. */
  readonly origins: readonly Origin[];
  /** From normaliseSender. */
  readonly sender: string;
  /** From normaliseRecipient. */
  readonly recipient: string;
}

/** A triplet remembers so many origins, then forgets its oldest: a sender who roams must not grow a row without end. */
export const MOST_ORIGINS = 32;

const LETTERS = { network: 'n', ptr: 'p', spf: 's' } as const;
const KINDS: Readonly<Record<string, Origin['kind']>> = { n: 'network', p: 'ptr', s: 'spf' };

/** `n192.0.2.0/24\nsexample.org`: a line per origin; a backslash or line end in a value is escaped. */
export function formatOrigins(origins: readonly Origin[]): string {
  return origins.map(({ kind, value }) => LETTERS[kind] + escaped(value)).join('\n');
}

/** The inverse; lines that are of no known kind (a damaged file's) are left out. */
export function parseOrigins(text: string): Origin[] {
  const origins: Origin[] = [];
  for (const line of text.split('\n')) {
    const kind = KINDS[line.charAt(0)];
    if (kind !== undefined) origins.push({ kind, value: unescaped(line.slice(1)) });
  }
  return origins;
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

function escaped(value: string): string {
  return value.includes('\n') || value.includes('\\')
    ? value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
    : value;
}

function unescaped(text: string): string {
  return text.includes('\\') ? text.replaceAll(/\\([\\n])/g, (_, c) => (c === 'n' ? '\n' : '\\')) : text;
}
