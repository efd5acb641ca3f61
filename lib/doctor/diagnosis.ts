/** Owns Diagnosis: one thing that `postern doctor` has seen, how bad it is, and what to type. */

/**
 * - `ok`: it is as it should be.
 * - `note`: it is worth knowing, and may be meant so; or it could not be looked at.
 * - `warning`: something will go wrong, or is not protected.
 * - `problem`: something is wrong now.
 */
export type Severity = 'ok' | 'note' | 'warning' | 'problem';

export interface Diagnosis {
  readonly severity: Severity;
  /** One sentence without a full stop. May hold what the network or another program said. */
  readonly seen: string;
  /** Lines for a shell, in order, or what else to do: see `isProse`; none: there is nothing to do. */
  readonly cure: readonly string[];
}

/** What is no line for a shell: `in FILE write: …`, or advice behind `do: `. */
export function isProse(line: string): boolean {
  return /^(?:in|do:) /.test(line);
}

/** Advice as a part of a cure. */
export function advice(text: string): string {
  return `do: ${text}`;
}

export function ok(seen: string): Diagnosis {
  return { severity: 'ok', seen, cure: [] };
}

export function note(seen: string, ...cure: readonly string[]): Diagnosis {
  return { severity: 'note', seen, cure };
}

export function warning(seen: string, ...cure: readonly string[]): Diagnosis {
  return { severity: 'warning', seen, cure };
}

export function problem(seen: string, ...cure: readonly string[]): Diagnosis {
  return { severity: 'problem', seen, cure };
}
