/** Owns how a path is written in a command that an administrator is told to type. */

/** Fit for a shell. */
export function quotedPath(path: string): string {
  return /^[\w./@%+=:-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}
