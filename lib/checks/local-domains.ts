/** Owns LocalDomains: the domains that we receive mail for. */

import type { Found, Table } from '../tables/table.ts';

/** Of a domain in lower case. */
export type LocalDomains = (domain: string) => boolean | 'temperror' | Promise<boolean | 'temperror'>;

/** `names`: `example.org` alone, `.example.org` for what is below it. Whatever a table has for a domain makes it ours. */
export function localDomains(names: readonly string[], tables: readonly Table<string>[]): LocalDomains {
  const ours = new Set(names);
  return (domain) => {
    for (let at = 0; at >= 0; at = domain.indexOf('.', at + 1)) if (ours.has(domain.slice(at))) return true;
    return firstFound(tables, domain, 0);
  };
}

function firstFound(
  tables: readonly Table<string>[],
  domain: string,
  from: number,
): ReturnType<LocalDomains> {
  for (const [i, table] of tables.entries()) {
    if (i < from) continue;
    const found = table.lookup(domain);
    if (found instanceof Promise)
      return found.then((late) => told(late) ?? firstFound(tables, domain, i + 1));
    const answer = told(found);
    if (answer !== null) return answer;
  }
  return false;
}

function told(found: Found<string>): boolean | 'temperror' | null {
  return found.kind === 'none' ? null : found.kind === 'found' ? true : 'temperror';
}
