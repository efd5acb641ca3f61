/** Owns tables for specs: made of their text, with results that are what they say. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openTable, type OpenTable, type TableOptions } from '../../lib/tables/open-table.ts';
import { parseTableName, type TableName } from '../../lib/tables/table-name.ts';
import type { Found, ParsedResult } from '../../lib/tables/table.ts';
import type { Problem } from '../../lib/yaml/problem.ts';

export function anyResult(text: string): ParsedResult<string> {
  return { ok: true, value: text };
}

export function nameOf(text: string): TableName {
  const parsed = parseTableName(text);
  if (!parsed.ok) throw new Error(`${text}: ${parsed.what}`);
  return parsed.name;
}

export interface Opened {
  readonly table: OpenTable<string>;
  readonly problems: readonly Problem[];
  readonly file: string;
}

/** `type` is `hash`, `cidr` and so on; the caller closes the table. */
export async function tableOf(
  folder: string,
  type: string,
  content: string | Buffer,
  options: Partial<TableOptions<string>> = {},
): Promise<Opened> {
  const file = join(folder, 'table');
  writeFileSync(file, content);
  const opened = await openTable(nameOf(`${type}:${file}`), {
    parseResult: anyResult,
    pollMs: 0,
    ...options,
  });
  return { ...opened, file };
}

/** `OK`, null for none, `temperror: why`. */
export function said(found: Found<string>): string | null {
  if (found.kind === 'found') return found.value;
  return found.kind === 'none' ? null : `temperror: ${found.why}`;
}

/** `2 error: what; instead`. */
export function toldOf(problems: readonly Problem[]): readonly string[] {
  return problems.map(
    ({ line, severity, what, instead }) =>
      `${line} ${severity}: ${what}${instead === null ? '' : `; ${instead}`}`,
  );
}
