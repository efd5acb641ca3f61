/** Owns Finding: what a check found out about a session. */

/** Names one check with its arguments, e.g. `mynetworks`, later `rbl zen.example=127.0.0.2`. */
export type CheckId = string;

/** Rules read `result`; facts are for replies, headers and logs. `temperror`: the check could not tell. */
export interface Finding<R extends string = string> {
  readonly result: R | 'temperror';
  readonly facts: Readonly<Record<string, string>>;
}

const NONE: Readonly<Record<string, string>> = {};

export function found<R extends string>(
  result: R,
  facts: Readonly<Record<string, string>> = NONE,
): Finding<R> {
  return { result, facts };
}

/** `why` is for the log: what failed, in the words of whoever noticed. */
export function temperror(why: string): Finding<never> {
  return { result: 'temperror', facts: { why } };
}
