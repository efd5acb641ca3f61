/** Owns the examination of the config file, as far as `postern check` goes. */

import { quotedPath } from '../shell-path.ts';
import { ok, problem, warning } from './diagnosis.ts';
import type { Examination } from './examination.ts';

/** A table of which every line is wrong has thousands. */
const MOST_ERRORS = 10;

export const writtenConfig: Examination = {
  name: 'config',
  look({ configFile, errors, warnings }) {
    const [first, ...more] = warnings;
    if (first === undefined && errors.length === 0) return [ok(`${configFile} has no problems`)];
    const cure = `postern check --config ${quotedPath(configFile)}`;
    const others = more.length === 0 ? '' : ` (and ${more.length} more)`;
    return [
      ...errors.slice(0, MOST_ERRORS).map((each) => problem(each, cure)),
      ...(errors.length > MOST_ERRORS ? [problem(`and ${errors.length - MOST_ERRORS} more`, cure)] : []),
      ...(first === undefined ? [] : [warning(`${first}${others}`, cure)]),
    ];
  },
};
