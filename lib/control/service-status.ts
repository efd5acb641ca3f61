/** Owns ServiceStatus: what the running service says of itself, and the sentence about a greylist that fails. */

import { isFields, isNumber, isText, isTexts, isTime } from './field.ts';

export interface StoreTrouble {
  /** With the cure, where there is one. */
  readonly why: string;
  /** ISO 8601. */
  readonly since: string;
  /** What happens to mail until the store works again: `mail is not greylisted`. */
  readonly meanwhile: string;
}

export interface ServiceStatus {
  readonly version: string;
  readonly pid: number;
  /** Whose rights it has. */
  readonly uid: number;
  readonly gid: number;
  /** Absolute. */
  readonly config: string;
  /** ISO 8601; of the config in use, just before it was read. */
  readonly loaded: string;
  /** As in the config, or as `--observe` says. */
  readonly observe: boolean;
  /** `sqlite:/var/lib/postern/postern.db`, `memory`. */
  readonly store: string;
  /** Null: the store works, as far as mail has shown. */
  readonly storeTrouble: StoreTrouble | null;
  /** As written in the config, with the real port where 0 was asked for. */
  readonly listening: readonly string[];
  readonly connections: number;
}

/** Null: it is none. */
export function readStatus(value: unknown): ServiceStatus | null {
  if (!isFields(value)) return null;
  const { version, pid, uid, gid, config, loaded, observe, store, listening, connections } = value;
  if (!isText(version) || !isNumber(pid) || !isNumber(uid) || !isNumber(gid)) return null;
  if (!isText(config) || !isTime(loaded) || typeof observe !== 'boolean' || !isText(store)) return null;
  if (!isTexts(listening) || !isNumber(connections)) return null;
  const storeTrouble = readTrouble(value['storeTrouble'] ?? null);
  if (storeTrouble === undefined) return null;
  return { version, pid, uid, gid, config, loaded, observe, store, storeTrouble, listening, connections };
}

/** An older version says nothing of it. Undefined: it is none. */
function readTrouble(value: unknown): StoreTrouble | null | undefined {
  if (value === null) return null;
  if (!isFields(value)) return undefined;
  const { why, since, meanwhile } = value;
  return isText(why) && isTime(since) && isText(meanwhile) ? { why, since, meanwhile } : undefined;
}

/** One sentence, what happens to mail first. `since`: as it is to be shown. */
export function troubleText({ why, meanwhile }: StoreTrouble, since: string): string {
  return `${meanwhile}: the greylist store of the running service fails since ${since}: ${why}; it is tried again with each unknown mail`;
}
