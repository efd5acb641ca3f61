/** Owns the printing of a postern.yaml that an import has written. */

import { LONGEST_FILE } from '../yaml/source.ts';
import { fail } from './import-failure.ts';

/** False: it would be too long for `postern check`, and that was said instead. */
export function printConfig(yaml: string, from: string): boolean {
  if (yaml.length > LONGEST_FILE) {
    fail(
      `what comes of ${from} is longer than the ${LONGEST_FILE} characters that a postern.yaml may have: is it the right file?`,
    );
    return false;
  }
  process.stdout.write(yaml);
  return true;
}
