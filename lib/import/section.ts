/** Owns Section: a part of postern.yaml that comes from a file beside main.cf, with what could not be taken over. */

import { refusalOf } from './refusal.ts';

export interface Section {
  /** `delay: 66s` → ['delay', '66s'], as YAML has the value. */
  readonly entries: readonly (readonly [key: string, value: string])[];
  /** What was read where, what has no key: each a line of comment. */
  readonly notes: readonly string[];
}

/** Without the entries that Postern would refuse, which are notes then. */
export function takenOver(key: string, section: Section | null): Section | null {
  if (section === null) return null;
  const notes = [...section.notes];
  const entries = section.entries.filter(([name, value]) => {
    const refused = refusalOf(`${key}:\n  ${name}: ${value}\n`);
    if (refused !== null) notes.push(`${name}: ${value} is not taken over: ${refused}`);
    return refused === null;
  });
  return { entries, notes };
}
