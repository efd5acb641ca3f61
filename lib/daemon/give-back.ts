/** Owns what is given back to the system once the service is up: what only its start has needed. */

/**
 * A full collection of some thirty milliseconds takes 9 MB, which else stay for good: V8 collects nothing while nothing
 * happens. Does nothing without Node's `--expose-gc`, which packaging/postern and the command's first line set.
 */
export function giveBackMemory(): void {
  globalThis.gc?.({ type: 'major', flavor: 'last-resort', execution: 'sync' });
}
