/** Owns the move of access tables: which Postern can read, and what their results mean for the rules behind them. */

import { readAccessResult, type AccessResult } from '../rules/access-result.ts';
import { inactiveWord } from '../rules/inactive.ts';
import { parseTableName } from '../tables/table-name.ts';
import { stays, type Fate } from './fate.ts';
import { isForeignWord } from './foreign-words.ts';
import type { TableContents } from './table-content.ts';

export interface TableContext {
  readonly readFile: (path: string) => string | null;
  /** Why a file that is there was not read; null: it is not there, or was read. */
  readonly whyUnread: (path: string) => string | null;
  readonly classes: ReadonlySet<string>;
  readonly contents: TableContents;
}

/** `word` has its table in `written`. */
export function judgeTable(word: string, written: string | null, context: TableContext): Fate {
  if (written === null) return stays('it has no table behind it: Postfix refuses all mail there', true);
  const notes: string[] = [];
  let table = written;
  if (/^proxy:/i.test(table)) {
    table = table.slice('proxy:'.length);
    notes.push('proxy: is a daemon of Postfix; Postern reads the table itself');
  }
  const parsed = parseTableName(table);
  if (!parsed.ok)
    return stays(`${parsed.what}${/read/.test(parsed.what) ? '' : ': Postern can not read it'}`, true);
  const { kind, source } = parsed.name;
  const text = source.kind === 'file' ? context.readFile(source.path) : null;
  const unread = source.kind === 'file' && text === null ? context.whyUnread(source.path) : null;
  if (unread !== null) return stays(unread, true);
  if (source.kind === 'file' && text === null)
    notes.push(
      'the file could not be read here: postern check will say whether Postern can carry out all its results',
    );
  const content = context.contents.of(parsed.name, text);
  const found = resultsOf(content.results, context.classes);
  const [first] = found.foreign;
  if (first !== undefined) return stays(`its table has the result ${first}`, found.permits);
  if (content.refused !== null)
    return stays(
      `Postern would not take its table (${content.refused}): mend it, and import again`,
      found.permits,
    );
  if (kind === 'keys')
    notes.push('Postern reads the text file itself, not what postmap makes of it: keep the two alike');
  return {
    kind: 'rule',
    rule: { text: `${word} ${table}`, reply: null, inactiveTable: found.inactive },
    permits: (source.kind === 'file' && text === null) || found.permits,
    decides: true,
    notes,
    safer: null,
  };
}

interface Results {
  readonly permits: boolean;
  /** Among them are words that this version does not ask. */
  readonly inactive: boolean;
  /** Results that are no results of Postern, each as it may be shown, with the reason. */
  readonly foreign: readonly string[];
}

function resultsOf(results: readonly string[], classes: ReadonlySet<string>): Results {
  let permits = false;
  let inactive = false;
  const foreign = new Set<string>();
  for (const result of results) {
    const words = result.split(/[\s,]+/);
    const named = words.find((word) => classes.has(word));
    const read = readAccessResult(result);
    const only = 'which only Postfix can carry out';
    if (named !== undefined) foreign.add(`${named} (a restriction class), ${only}`);
    else if (!read.ok) foreign.add(`${result.slice(0, 40)}, ${only}`);
    else if (isNoWordOfPostfix(read.value))
      foreign.add(`${result.slice(0, 40)}, which Postfix does not know`);
    inactive ||= read.ok && isInactive(read.value);
    permits ||= named !== undefined || !read.ok || mayPermit(read.value);
  }
  return { permits, inactive, foreign: [...foreign] };
}

/** Postfix answers 451 4.3.5 there: what it would mean in Postern is another question. */
function isNoWordOfPostfix(result: AccessResult): boolean {
  return result.kind === 'rules' && result.restrictions.some(({ word }) => isForeignWord(word));
}

function isInactive(result: AccessResult): boolean {
  return result.kind === 'rules' && result.restrictions.some(({ word }) => inactiveWord(word) !== null);
}

function mayPermit(result: AccessResult): boolean {
  if (result.kind === 'permit') return true;
  return (
    result.kind === 'rules' &&
    result.restrictions.some(({ word, table }) => word.startsWith('permit') || table !== null)
  );
}
