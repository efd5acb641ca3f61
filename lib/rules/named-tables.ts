/** Owns which tables a configuration names, and where: those of rules with another mistake too, so that all is told at once. */

import type { TableName } from '../tables/table-name.ts';
import type { Place } from '../yaml/place.ts';
import { Premise } from '../yaml/premise.ts';
import type { Source } from '../yaml/source.ts';

/** Filled while the file is read; by their text, as each is named first. Null: none so far. */
type Met = Premise<Map<string, TableName> | null>;

const ACCESS: Met = new Premise(null);
const DOMAINS: Met = new Premise(null);

/** Of a rule or a `skip_…`: access tables. `within`: it is named so many characters into the value. */
export function nameTable(name: TableName, place: Place, within = 0): void {
  meet(ACCESS, name, place, within);
}

/** Of `local_domains`: only its keys count. */
export function nameDomainTable(name: TableName, place: Place): void {
  meet(DOMAINS, name, place, 0);
}

export function accessTables(source: Source): readonly TableName[] {
  return [...(source.premise(ACCESS)?.values() ?? [])];
}

export function domainTables(source: Source): readonly TableName[] {
  return [...(source.premise(DOMAINS)?.values() ?? [])];
}

function meet(premise: Met, name: TableName, place: Place, within: number): void {
  const { source } = place;
  const met = source.premise(premise) ?? new Map<string, TableName>();
  source.assume(premise, met);
  if (met.has(name.text)) return;
  const { file, line, column } = place.spot(within);
  met.set(name.text, { ...name, named: { key: place.name, file, line, column } });
}
