/** Owns the question whether a file that is to be a database is somebody's text. */

import { closeSync, openSync, readSync } from 'node:fs';

/** As much of it as is looked at. */
const BYTES = 4096;

/** A slip of the path must not move somebody's configuration away; no damage makes readable text of a database. */
export function isText(file: string): boolean {
  const page = Buffer.alloc(BYTES);
  const descriptor = openSync(file, 'r');
  const bytes = page.subarray(0, readSync(descriptor, page));
  closeSync(descriptor);
  return (
    bytes.length > 0 &&
    !bytes.some((byte) => (byte < 0x20 && byte !== 9 && byte !== 10 && byte !== 13) || byte === 0x7f)
  );
}
