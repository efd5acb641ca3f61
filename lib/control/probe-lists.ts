/** Owns ProbeLists: what tests the lists of a policy where no service runs that knows them. */

import type { Config } from '../config/config.ts';
import type { ListReport } from './list-report.ts';

/** Asks each list of the policy for its test entries. Fulfils in bounded time; what fails is a state. */
export type ProbeLists = (config: Config) => Promise<readonly ListReport[]>;
