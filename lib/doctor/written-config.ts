/** Owns the examination of the config file, as far as `postern check` goes. */

import { quotedPath } from '../shell-path.ts';
import { ok, problem, warning } from './diagnosis.ts';
import type { Examination } from './examination.ts';

export const writtenConfig: Examination = {
  name: 'config',
  look({ configFile, errors, warnings }) {
    const [first, ...more] = warnings;
    if (first === undefined && errors.length === 0) return [ok(`${configFile} has no problems`)];
    const cure = `postern check --config ${quotedPath(configFile)}`;
    const others = more.length === 0 ? '' : ` (and ${more.length} more)`;
    return [
      ...errors.map((each) => problem(each, cure)),
      ...(first === undefined ? [] : [warning(`${first}${others}`, cure)]),
    ];
  },
};
