/** Owns the examination of the config file, as far as `postern check` goes. */

import { quotedPath } from '../config/surroundings.ts';
import { ok, warning } from './diagnosis.ts';
import type { Examination } from './examination.ts';

export const writtenConfig: Examination = {
  name: 'config',
  look({ configFile, warnings }) {
    const [first, ...more] = warnings;
    if (first === undefined) return [ok(`${configFile} has no problems`)];
    const others = more.length === 0 ? '' : ` (and ${more.length} more)`;
    return [warning(`${first}${others}`, `postern check --config ${quotedPath(configFile)}`)];
  },
};
