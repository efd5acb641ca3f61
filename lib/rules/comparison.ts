/** Owns comparisons with a number: `>20`, `2..5`, `>=10M`. */

/** `20`, `>20`, `>=20`, `<5`, `2..5`; null: none of them. `K` and `M` as in sizes. */
export function parseComparison(text: string): ((number: number) => boolean) | null {
  const [, from, to] = /^(\d+[KMG]?)\s*\.\.\s*(\d+[KMG]?)$/i.exec(text) ?? [];
  if (from !== undefined && to !== undefined) {
    const [low, high] = [amount(from), amount(to)];
    return low > high ? null : (number) => number >= low && number <= high;
  }
  const [, sign = '=', digits] = /^\s*(>=|<=|>|<|=)?\s*(\d+[KMG]?)\s*$/i.exec(text) ?? [];
  if (digits === undefined) return null;
  const bound = amount(digits);
  switch (sign) {
    case '>':
      return (number) => number > bound;
    case '>=':
      return (number) => number >= bound;
    case '<':
      return (number) => number < bound;
    case '<=':
      return (number) => number <= bound;
    default:
      return (number) => number === bound;
  }
}

const UNITS: Readonly<Record<string, number>> = { K: 1024, M: 1024 ** 2, G: 1024 ** 3 };

function amount(text: string): number {
  return Number.parseInt(text, 10) * (UNITS[text.slice(-1).toUpperCase()] ?? 1);
}
