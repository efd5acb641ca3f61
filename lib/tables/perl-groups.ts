/** Owns the numbers and names of a Perl pattern's groups, and the references to them, which may come first. */

import { PatternError } from './pattern-tree.ts';

export class PerlGroups {
  readonly #names = new Map<string, number>();
  readonly #references: (() => void)[] = [];
  count = 0;

  open(name: string | null): number {
    this.count++;
    if (name !== null && !this.#names.has(name)) this.#names.set(name, this.count);
    return this.count;
  }

  /** `\1`, `\g2`, `\g{-1}`, `\k<name>` and their like at the beginning of `rest`; null: something else. */
  reference(rest: string, at: number): { readonly length: number; readonly group: () => number } | null {
    const [whole, digits, relative, name] =
      /^\\(?:(?:g\{?)?(\d{1,4})\}?|g\{?(-\d{1,4})\}?|[gk](?:\{|<|')([A-Za-z_]\w{0,31})[}>'])/.exec(rest) ??
      [];
    if (whole === undefined) return null;
    const bare = /^\\(\d+)/.exec(rest)?.[1];
    // \10 and more are octal if there are not so many groups; \0 is always.
    if (bare !== undefined && (bare.startsWith('0') || (bare.length > 1 && Number(bare) > this.count)))
      return null;
    const length = bare === undefined ? whole.length : bare.length + 1;
    const before = this.count;
    const group = (): number => {
      if (name !== undefined) return this.#names.get(name) ?? 0;
      return relative === undefined ? Number(digits) : before + 1 + Number(relative);
    };
    this.#references.push(() => {
      if (group() < 1 || group() > this.count)
        throw new PatternError(`${rest.slice(0, length)} names no group`, at);
    });
    return { length, group };
  }

  /** When the whole pattern is read. */
  settle(): void {
    for (const check of this.#references) check();
  }
}
