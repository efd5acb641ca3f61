/** Owns Section: a part of postern.yaml that comes from a file beside main.cf, with what could not be taken over. */

import { refusalOf } from './refusal.ts';

export interface Section {
  /** `delay: 66s` → ['delay', '66s'], as YAML has the value. */
  readonly entries: readonly (readonly [key: string, value: string])[];
  /** What was read where, what has no key: each a line of comment. */
  readonly notes: readonly string[];
}

/** Without the entries that Postern would refuse, alone or beside those before them, which are notes then. */
export function takenOver(key: string, section: Section | null): Section | null {
  if (section === null) return null;
  const refusal = (entries: Section['entries']): string | null =>
    entries.length === 0
      ? null
      : refusalOf(`${key}:\n${entries.map(([name, value]) => `  ${name}: ${value}\n`).join('')}`);
  // As a whole first: a long delay is right beside a long retry_window.
  if (refusal(section.entries) === null) return section;
  const notes = [...section.notes];
  const kept: [key: string, value: string][] = [];
  for (const [name, value] of section.entries) {
    const refused = refusal([...kept, [name, value]]);
    if (refused === null) kept.push([name, value]);
    else notes.push(`${name}: ${value} is not taken over: ${refused}`);
  }
  return { entries: kept, notes };
}
