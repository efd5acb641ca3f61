/**
 * Loaded before Postern (`node --import`) where expiry is to run while it is measured: the service rests for ten
 * minutes before its first walk and between two, and the bench does not want to wait so long.
 */

const LONGEST_REST_MS = 60_000;
const SHORT_REST_MS = 500;

const unhurried = globalThis.setTimeout;

function hurried(callback: (...args: unknown[]) => void, ms?: number, ...args: unknown[]): NodeJS.Timeout {
  return unhurried(callback, ms !== undefined && ms > LONGEST_REST_MS ? SHORT_REST_MS : ms, ...args);
}

globalThis.setTimeout = Object.assign(hurried, unhurried);
