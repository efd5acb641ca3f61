/** Owns ServiceStatus: what the running service says of itself. */

import { isFields, isNumber, isText, isTexts, isTime } from './field.ts';

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
  return { version, pid, uid, gid, config, loaded, observe, store, listening, connections };
}
