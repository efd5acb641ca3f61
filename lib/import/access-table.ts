/** Owns the move of access tables: which Postern can read, and what their results mean for the rules behind them. */

import { STAYS_IN_POSTFIX, WORDS } from '../rules/policy-words.ts';
import { readAccessResult, type AccessResult } from '../rules/access-result.ts';
import { parseTableName } from '../tables/table-name.ts';
import { nearest } from '../yaml/spelling.ts';
import { isWrong, stays, type Fate } from './fate.ts';
import { isForeignWord } from './foreign-words.ts';
import type { TableContent, TableContents } from './table-content.ts';

export interface TableContext {
  readonly readFile: (path: string) => string | null;
  /** Why a file that is there was not read; null: it is not there, or was read. */
  readonly whyUnread: (path: string) => string | null;
  /** Why the text of a file that is perhaps there is not known, as a clause. */
  readonly unknown: string;
  /** Told of each class that a table names. */
  readonly onClass: (name: string) => void;
  readonly classes: ReadonlySet<string>;
  readonly contents: TableContents;
}

/** `word` has its table in `written`. */
export function judgeTable(word: string, written: string | null, context: TableContext): Fate {
  if (written === null) return isWrong('it has no table behind it: Postfix refuses all mail there', true);
  const notes: string[] = [];
  let table = written;
  if (/^proxy:/i.test(table)) {
    table = table.slice('proxy:'.length);
    notes.push('proxy: is a daemon of Postfix; Postern reads the table itself');
  }
  const parsed = parseTableName(table);
  if (!parsed.ok)
    return stays(
      `${parsed.what}${/read/.test(parsed.what) ? '' : ': Postern can not read it'}`,
      true,
      table.includes(':') ? EXPORT : null,
    );
  const { kind, source } = parsed.name;
  const text = source.kind === 'file' ? context.readFile(source.path) : null;
  const unread = source.kind === 'file' && text === null ? context.whyUnread(source.path) : null;
  if (unread !== null) return stays(unread, true);
  if (source.kind === 'file' && text === null)
    notes.push(`${context.unknown}: postern check will say whether Postern can carry out all its results`);
  const content = context.contents.of(parsed.name, text);
  const found = MEANINGS.get(content) ?? resultsOf(content.results, context.classes);
  MEANINGS.set(content, found);
  for (const { named } of found.foreign) if (named !== null) context.onClass(named);
  const [first] = found.foreign;
  const place =
    source.kind === 'file' && text !== null
      ? { lines: context.contents.linesOf(source.path, text), path: source.path }
      : null;
  if (first !== undefined) {
    const told = found.foreign.some(({ wrong }) => wrong) ? isWrong : stays;
    return told(`its table has the result ${first.shown}`, found.permits, cureOf(found.foreign, place));
  }
  if (content.refused !== null)
    return stays(
      `Postern would not take its table (${content.refused}): mend it, and import again`,
      found.permits,
      'mend it and import again',
    );
  if (kind === 'keys')
    notes.push('Postern reads the text file itself, not what postmap makes of it: keep the two alike');
  return {
    kind: 'rule',
    rule: { text: `${word} ${table}`, reply: null },
    permits: (source.kind === 'file' && text === null) || found.permits,
    decides: true,
    notes,
    safer: null,
  };
}

const EXPORT =
  'export it into a file that Postern reads (hash:, cidr: …), name that in main.cf and import again';

/** Of contents, which are of one import: a table may be named a hundred times. */
const MEANINGS = new WeakMap<TableContent, Results>();

interface Results {
  readonly permits: boolean;
  readonly foreign: readonly Foreign[];
}

/** A result that is none of Postern. */
interface Foreign {
  readonly result: string;
  /** As it may be shown, with the reason. */
  readonly shown: string;
  /** The restriction class. */
  readonly named: string | null;
  /** Postfix does not know it either. */
  readonly wrong: boolean;
}

function resultsOf(results: readonly string[], classes: ReadonlySet<string>): Results {
  let permits = false;
  const foreign: Foreign[] = [];
  for (const result of results) {
    const named = result.split(/[\s,]+/).find((word) => classes.has(word)) ?? null;
    const read = readAccessResult(result);
    const why = named === null ? foreignness(result, read) : null;
    const short = result.slice(0, 40);
    if (named !== null)
      foreign.push({ result, shown: `${named} (a restriction class), ${ONLY}`, named, wrong: false });
    else if (why !== null)
      foreign.push({ result, shown: `${short}, ${why}`, named: null, wrong: why !== ONLY });
    permits ||= named !== null || (read.ok ? mayPermit(read.value) : !ACTION.test(result.trim()));
  }
  return { permits, foreign };
}

const ONLY = 'which only Postfix can carry out';

/** Results of access(5) after which Postfix asks on: they let nobody in. */
const ACTION = /^(?:PREPEND|REDIRECT|BCC|FILTER|HANGUP|DELAY)(?:\s|$)/i;

const RESULTS = 'OK DUNNO REJECT DEFER DEFER_IF_PERMIT DEFER_IF_REJECT DISCARD HOLD WARN INFO'.split(' ');

/** Null: it is Postern's. */
function foreignness(result: string, read: ReturnType<typeof readAccessResult>): string | null {
  if (read.ok) return isNoWordOfPostfix(read.value) ? 'which Postfix does not know' : null;
  if (ACTION.test(result.trim())) return ONLY;
  const words = result.toLowerCase().split(/[\s,]+/);
  if (words.some((word) => Object.hasOwn(STAYS_IN_POSTFIX, word) || Object.hasOwn(WORDS, word))) return ONLY;
  const [written = ''] = result.trim().split(/[\s,]+/);
  const meant = nearest(written, RESULTS);
  return `which is no result that Postfix or Postern knows${meant === null ? '' : `: did you mean ${meant}?`}`;
}

/** Lines that are named; nobody moves more by hand before importing again. */
const MOST_NAMED = 3;

function cureOf(
  foreign: readonly Foreign[],
  place: { lines: readonly string[]; path: string } | null,
): string {
  const lines = place?.lines ?? [];
  const file = place?.path.split('/').at(-1) ?? '';
  const where = ({ result }: Foreign): string => {
    const wanted = result.trim().replace(/\s+/g, ' ');
    const at = lines.findIndex((line) => !line.startsWith('#') && line.endsWith(` ${wanted}`));
    const entry = at < 0 ? wanted : lines[at]!;
    const short = entry.length > 50 ? `${entry.slice(0, 50)}…` : entry;
    return at < 0 ? `"${short}"` : `"${short}" (${file}:${at + 1})`;
  };
  const cures = [
    [foreign.filter(({ named, wrong }) => named === null && !wrong), 'move', 'into a table of its own'],
    [
      foreign.filter(({ named }) => named !== null),
      'write what the class stands for, as far as Postern has the words, into',
      '',
    ],
    [foreign.filter(({ wrong }) => wrong), 'mend', ''],
  ] as const;
  const told = cures.flatMap(([found, what, to]) => {
    if (found.length === 0) return [];
    const more = found.length > MOST_NAMED ? ` and ${found.length - MOST_NAMED} more` : '';
    const entries = found.slice(0, MOST_NAMED).map(where).join(', ');
    return [`${what} ${found.length === 1 ? 'the line' : 'the lines'} ${entries}${more} ${to}`.trim()];
  });
  return `${told.join(', ')} and import again`;
}

/** Postfix answers 451 4.3.5 there: what it would mean in Postern is another question. */
function isNoWordOfPostfix(result: AccessResult): boolean {
  return result.kind === 'rules' && result.restrictions.some(({ word }) => isForeignWord(word));
}

function mayPermit(result: AccessResult): boolean {
  if (result.kind === 'permit') return true;
  return (
    result.kind === 'rules' &&
    result.restrictions.some(({ word, table }) => word.startsWith('permit') || table !== null)
  );
}
