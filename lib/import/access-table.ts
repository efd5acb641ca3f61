/** Owns the move of access tables: which Postern can read, and what their results mean for the rules behind them. */

import { readAccessResult, type AccessResult } from '../rules/access-result.ts';
import { parseTableName } from '../tables/table-name.ts';
import { stays, type Fate } from './fate.ts';
import { readTableLines } from './table-lines.ts';

export interface TableContext {
  readonly readFile: (path: string) => string | null;
  readonly classes: ReadonlySet<string>;
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
  if (source.kind === 'file' && text === null)
    notes.push(
      'the file could not be read here: postern check will say whether Postern can carry out all its results',
    );
  const found = resultsOf(text === null ? [] : readTableLines(text, kind), context.classes);
  const [first] = found.foreign;
  if (first !== undefined)
    return stays(`its table has the result ${first}, which only Postfix can carry out`, found.permits);
  if (kind === 'keys')
    notes.push('Postern reads the text file itself, not what postmap makes of it: keep the two alike');
  return {
    kind: 'rule',
    rule: { text: `${word} ${table}`, reply: null },
    permits: text === null || found.permits,
    decides: true,
    notes,
    safer: null,
  };
}

interface Results {
  readonly permits: boolean;
  /** Results that are no results of Postern, each as it may be shown. */
  readonly foreign: readonly string[];
}

function resultsOf(results: readonly string[], classes: ReadonlySet<string>): Results {
  let permits = false;
  const foreign = new Set<string>();
  for (const result of new Set(results)) {
    const words = result.split(/[\s,]+/);
    const named = words.find((word) => classes.has(word));
    const read = readAccessResult(result);
    if (named !== undefined) foreign.add(`${named} (a restriction class)`);
    else if (!read.ok) foreign.add(result.slice(0, 40));
    permits ||= named !== undefined || !read.ok || mayPermit(read.value);
  }
  return { permits, foreign: [...foreign] };
}

function mayPermit(result: AccessResult): boolean {
  if (result.kind === 'permit') return true;
  return (
    result.kind === 'rules' &&
    result.restrictions.some(({ word, table }) => word.startsWith('permit') || table !== null)
  );
}
