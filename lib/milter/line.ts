/** Owns Line: what a dialogue needs of the connection that it is held over. */

import type { Problem } from './filter.ts';

export interface Line {
  send(frame: Buffer): void;
  /** The terms hold from the next command on. */
  agreed(protocol: number): void;
  /** A handler has promised its answer: no more commands until then. */
  asking(): void;
  /** The promised answer has been sent. */
  answered(): void;
  /** The MTA said good-bye. */
  finish(): void;
  fail(problem: Problem): void;
}
