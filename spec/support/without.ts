/** Owns what happens to a spec that this user or machine can't run: one line and skipped at home, failed in CI. */

import type { Context } from 'mocha';

/** `subject` as in "… is not tested: needs root". */
export function without(context: Context, subject: string, needs: string): never {
  const sentence = `${subject} is not tested: needs ${needs}`;
  if (process.env['CI'] === 'true') throw new Error(sentence);
  console.log(sentence);
  return context.skip();
}
