/** Owns which words of a greylist.conf milter-greylist itself would not know, and what was probably meant. */

import { nearest } from '../yaml/spelling.ts';
import { CLAUSE_NAMES, OPTION_NAMES, type Acl, type GreylistConf } from './greylist-conf.ts';

const ACTIONS = ['greylist', 'whitelist', 'blacklist'];
const STATEMENTS = ['racl', 'dacl', 'acl', 'list', 'dnsrbl'];

/** `"greylst" is unknown; did you mean greylist?`; null: it knows all of them. */
export function unknownIn({ unknown, clauses, options, isDefault }: Acl): string | null {
  if (unknown === null) return null;
  const words = [...ACTIONS, ...CLAUSE_NAMES, ...OPTION_NAMES, 'default'];
  const isAction = clauses.length === 0 && options.size === 0 && isDefault;
  return told(unknown, isAction ? ACTIONS : words);
}

/** The lines of a file that it would refuse, in their order. */
export function unknownLines({ acls, settings }: GreylistConf): number[] {
  const misspelt = [...settings].filter(([key]) => isStatement(key)).map(([, { line }]) => line);
  const entries = acls.filter(({ unknown }) => unknown !== null).map(({ line }) => line);
  return [...new Set([...misspelt, ...entries])].toSorted((a, b) => a - b);
}

/** A whole entry is lost with it: `rcal whitelist …`. */
export function isStatement(key: string): boolean {
  return nearest(key, STATEMENTS) !== null && key !== 'drac' && key !== 'stat';
}

export function unknownStatement(key: string): string {
  return told(key, STATEMENTS);
}

function told(word: string, words: readonly string[]): string {
  const meant = nearest(word, words);
  return `"${word}" is unknown${meant === null ? ' to this import' : `; did you mean ${meant}?`}`;
}
