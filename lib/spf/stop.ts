/** Owns SpfStop: what ends an evaluation before its result, in the form that mailauth throws and passes on itself. */

import { printable } from '../mail/reply.ts';

export class SpfStop extends Error {
  readonly spfResult: { error: string; text: string };
  /** mailauth passes on this one even where other failures of the DNS only keep a mechanism from matching. */
  readonly code: 'ESPFTIMELIMIT' | 'ESPF';

  constructor(error: 'permerror' | 'temperror', text: string, overTime = false) {
    super(text);
    this.name = 'SpfStop';
    this.spfResult = { error, text };
    this.code = overTime ? 'ESPFTIMELIMIT' : 'ESPF';
  }
}

export interface Stopped {
  readonly error: 'none' | 'permerror' | 'temperror';
  /** Printable ASCII, short: there may be a stranger's words in it. */
  readonly why: string;
}

/** What mailauth means by an exception; null: that is none of its results, but a bug. */
export function stoppedBy(thrown: unknown): Stopped | null {
  if (!(thrown instanceof Error) || !('spfResult' in thrown)) return null;
  return stoppedAt(thrown.spfResult);
}

/** mailauth calls the words `text` or, in macros, `message`. */
export function stoppedAt(result: unknown): Stopped | null {
  if (typeof result !== 'object' || result === null || !('error' in result)) return null;
  const { error } = result;
  if (error !== 'none' && error !== 'permerror' && error !== 'temperror') return null;
  const said = 'text' in result ? result.text : 'message' in result ? result.message : '';
  return { error, why: typeof said === 'string' ? printable(said).slice(0, LONGEST_WHY) : '' };
}

const LONGEST_WHY = 200;
