/** Owns Section: a part of postern.yaml that comes from a file beside main.cf, with what could not be taken over. */

export interface Section {
  /** `delay: 66s` → ['delay', '66s'], as YAML has the value. */
  readonly entries: readonly (readonly [key: string, value: string])[];
  /** What was read where, what has no key: each a line of comment. */
  readonly notes: readonly string[];
}
