/** Owns TestEntries: by what a DNS list shows that it answers, and that it does not list the world. */

import { parseListPattern, type ListPattern } from './list-pattern.ts';

/** Entries are addresses or names, as they are asked about. */
export interface TestEntries {
  /** What the list always lists; null: nothing that is known. */
  readonly listed: string | null;
  /** What it answers for `listed`, where that would be no listing: dnswl.org's 127.0.10.0. Null: any of 127.0.0.0/8. */
  readonly answer: ListPattern | null;
  /** What nobody may list; null: this list does list it, so that only the canary can tell. */
  readonly unlisted: string | null;
  /** Whether it may be asked for what nobody ever asked: needed where `unlisted` is null, else only behind a cache. */
  readonly canary: boolean;
}

/** RFC 5782 §5. */
export const ADDRESS_TESTS: TestEntries = {
  listed: '127.0.0.2',
  answer: null,
  unlisted: '127.0.0.1',
  canary: true,
};

/** RFC 5782 §5. */
export const NAME_TESTS: TestEntries = { listed: 'test', answer: null, unlisted: 'invalid', canary: true };

/** A pattern of this program's own text; throws what would be a bug. */
export function ownPattern(text: string): ListPattern {
  const read = parseListPattern(text);
  if (!read.ok) throw new Error(`${text}: ${read.what}`);
  return read.pattern;
}
