/**
 * Owns names that only the machine knows: `$mydomain` where main.cf sets neither it nor myhostname. They are carried
 * through every text as they are, so that none becomes a wrong path, and main.cf gets them back as it had them.
 */

/** Stands for the `$` of such a name, where all other names have been replaced: no character of any text (Unicode §23.7). */
const MARK = '\ufdd0';

/** `mydomain` → what stands for it. */
export function openName(name: string): string {
  return `${MARK}{${name}}`;
}

export function hasOpenName(text: string): boolean {
  return text.includes(MARK);
}

/** As main.cf has it again. */
export function asWritten(text: string): string {
  return text.replaceAll(MARK, '$');
}

/** A file that has the mark in it can't pass for one with a name. */
export function withoutMarks(text: string): string {
  return text.replaceAll(MARK, '\ufffd');
}

/** The names in it, each once, to be shown. */
export function openNames(text: string): string[] {
  return [...new Set([...text.matchAll(/\ufdd0\{(\w+)\}/g)].map(([, name]) => `$${name}`))];
}
