/** Owns Table: what the rest of Postern sees of a Postfix lookup table, whatever it is made of. */

export interface Table<R> {
  /** As it was written: `cidr:/etc/postfix/clients`. */
  readonly name: string;
  readonly style: TableStyle;
  /**
   * One key, no search for shorter ones: that is `access.ts`. A promise only where a pattern needs a thread of its
   * own. Never throws and never rejects, whatever the key.
   */
  lookup(key: string): Found<R> | Promise<Found<R>>;
}

/**
 * `keys`: fixed strings, letter case ignored; these are asked for parts of a name or address too (DICT_FLAG_FIXED).
 * `patterns` and `networks` are asked for the whole only (DICT_FLAG_PATTERN).
 */
export type TableStyle = 'keys' | 'patterns' | 'networks';

export type Found<R> =
  | {
      readonly kind: 'found';
      readonly value: R;
      /** What matched, as it is written in the table: a key, a network, a pattern with its delimiters. */
      readonly key: string;
      /** Where it is written, counted from 1. */
      readonly line: number;
    }
  | { readonly kind: 'none' }
  /** The table could not tell: Postfix answers 451 4.3.5 then. */
  | { readonly kind: 'temperror'; readonly why: string };

export const NOT_FOUND: Found<never> = { kind: 'none' };

/** What a table's right-hand sides mean is its user's business: `OK`, `REJECT go away` … */
export type ParseResult<R> = (text: string) => ParsedResult<R>;

export type ParsedResult<R> =
  | { readonly ok: true; readonly value: R }
  | { readonly ok: false; readonly what: string; readonly instead: string | null };

/** What was read of a table at one time; never changes. */
export interface Content<R> {
  /** Keys, networks or patterns. */
  readonly entries: number;
  lookup(key: string): Found<R> | Promise<Found<R>>;
}
