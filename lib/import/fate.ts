/** Owns Fate: what becomes of one restriction of main.cf. */

export interface Rule {
  /** As postern.yaml has it. */
  readonly text: string;
  /** A reply of its own; null: the usual one. */
  readonly reply: string | null;
}

export type Fate =
  /** It can be Postern's. `decides`: it does more than let in. */
  | {
      readonly kind: 'rule';
      readonly rule: Rule;
      readonly permits: boolean;
      readonly decides: boolean;
      readonly notes: readonly string[];
      /** What is to stand in main.cf, should it stay there too: its safe form; null: as it is. */
      readonly safer: string | null;
    }
  /** `permits`: it may let in, and so what it spares can't go without it. */
  | {
      readonly kind: 'stays';
      readonly why: string;
      readonly permits: boolean;
      /** What to do so that the rules behind it can move; null: nothing of its own. */
      readonly cure: string | null;
      /** Postfix itself would refuse it, or does not know it. */
      readonly wrong: boolean;
    }
  /** It does nothing good anywhere any more. */
  | { readonly kind: 'gone'; readonly why: string };

export function stays(why: string, permits = false, cure: string | null = null): Fate {
  return { kind: 'stays', why, permits, cure, wrong: false };
}

/** Postfix would refuse it, or answer 451 there, or does not know it. */
export function isWrong(why: string, permits = false, cure: string | null = null): Fate {
  return { kind: 'stays', why, permits, cure, wrong: true };
}
