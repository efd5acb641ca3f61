/** Owns BenchError: a measurement that is none, because what was measured did not do its work. */

export class BenchError extends Error {
  override readonly name = 'BenchError';
}
