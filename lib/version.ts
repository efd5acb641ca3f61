/** Owns the version, read once from package.json: the same file from lib/ and from the built dist/. */

import { readFileSync } from 'node:fs';

const written: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));

export const VERSION =
  typeof written === 'object' && written !== null && 'version' in written
    ? String(written.version)
    : 'unknown';
