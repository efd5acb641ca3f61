/** Owns the section that is read and checked, and does nothing in this version. */

import { isMap } from 'yaml';
import type { Entries } from '../yaml/section.ts';
import type { whole } from './schema.ts';

/** A section that says nothing (`spf: {}`) asks for nothing. */
export function judgeSections({ spf }: Entries<typeof whole.fields>): void {
  const { written, place } = spf;
  if (written && isMap(place.node) && place.node.items.length > 0)
    place.warning('this section is not active yet: nothing asks it in this version', null);
}
