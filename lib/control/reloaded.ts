/** Owns Reloaded: what came of rereading the config. */

import { isFields, isText, isTexts } from './field.ts';

export interface Reloaded {
  /** False: the old configuration goes on. */
  readonly ok: boolean;
  /** The file that was read. */
  readonly config: string;
  /** Problems if it is not ok; else warnings, and what a reload can't change. One line each. */
  readonly told: readonly string[];
}

/** Null: it is none. */
export function readReloaded(value: unknown): Reloaded | null {
  if (!isFields(value)) return null;
  const { ok, config, told } = value;
  return typeof ok === 'boolean' && isText(config) && isTexts(told) ? { ok, config, told } : null;
}
