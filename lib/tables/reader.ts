/** Owns Reader: how each kind of table takes its lines, one by one, so that a large file can be read in slices. */

import type { LogicalLine } from './logical-lines.ts';
import type { Content } from './table.ts';

export interface Reader<R> {
  /** Quick, and never throws; what is wrong with the line goes to the problems. */
  add(line: LogicalLine): void;
  /** After the last line. */
  finish(): Content<R>;
}
