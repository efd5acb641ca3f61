/** Owns how what is said of restrictions gets to their place in the file. */

import type { Place } from '../yaml/place.ts';
import type { Remark } from './restrictions.ts';

export function tellRemarks(remarks: readonly Remark[], place: Place): void {
  for (const { severity, what, instead, within } of remarks) {
    if (severity === 'error') place.error(what, instead, within);
    else place.warning(what, instead, within);
  }
}
