/** Owns the sections that are read and checked, and do nothing in this version. */

import { isMap } from 'yaml';
import type { Entries } from '../yaml/section.ts';
import type { whole } from './schema.ts';

/** A section that says nothing (`lists: {}`) asks for nothing. */
export function judgeSections({ spf, lists }: Entries<typeof whole.fields>): void {
  for (const { written, place } of [spf, lists])
    if (written && isMap(place.node) && place.node.items.length > 0)
      place.warning('this section is not active yet: nothing asks it in this version', null);
}
