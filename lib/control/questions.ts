/** Owns the questions that the command line asks the running service, and how each answer is read. */

import { readGreylistFigures } from './greylist-figures.ts';
import { readCarried } from './greylist-order.ts';
import { readGreylistRows } from './greylist-rows.ts';
import { readListReports } from './list-report.ts';
import { readReloaded } from './reloaded.ts';
import { readStatus } from './service-status.ts';
import { readTopView } from './top-view.ts';

/** Null: it is no such answer. The service may be of another version than whoever asks. */
type Read<T> = (answer: unknown) => T | null;

/** One entry each; the compiler then asks who of `daemon/` answers. */
export const QUESTIONS = {
  status: readStatus,
  lists: readListReports,
  reload: readReloaded,
  /** An Order, in the field `order`. */
  greylist: readCarried,
  /** RowsWanted, in the field `rows`. */
  'greylist-rows': readGreylistRows,
  /** Of triplets first seen since `sinceMs`; absent: of all. */
  'greylist-figures': readGreylistFigures,
  top: readTopView,
} satisfies Readonly<Record<string, Read<unknown>>>;

export type Question = keyof typeof QUESTIONS;
export type AnswerTo<Q extends Question> = NonNullable<ReturnType<(typeof QUESTIONS)[Q]>>;

/** Instead of an answer: why there can be none at the moment, in words for the administrator. */
export class NoAnswer extends Error {}

/** Reject with NoAnswer. `request`: the whole line that was sent, whatever it holds besides `ask`. */
export type Answers = {
  readonly [Q in Question]: (
    request: Readonly<Record<string, unknown>>,
  ) => AnswerTo<Q> | Promise<AnswerTo<Q>>;
};

/**
 * Of the whole conversation: one line `{"ask":"lists"}` with its line end, one line back, either
 * `{"ok":true,"answer":…}` or `{"ok":false,"why":"…"}`, and the service closes.
 */
export const LONGEST_REQUEST = 4096;
/** Bytes; a thousand lists with their overlaps. */
export const LONGEST_REPLY = 4 << 20;
