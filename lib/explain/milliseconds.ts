/** Owns how exactly a time is told: finer than a microsecond is noise. */

export function toMicroseconds(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
