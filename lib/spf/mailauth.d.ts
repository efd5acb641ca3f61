/** Owns the types of the part of mailauth 7.1.0 that is used here: the package describes only what is around it. */

declare module 'mailauth/lib/spf/spf-verify.js' {
  export interface SpfMatch {
    /** `all`, `ip4`, …; absent: nothing matched. */
    readonly type?: string;
    /** Of `ip4`, `ip6` and `include` what the record has behind the colon. */
    readonly val?: string;
    readonly qualifier?: '+' | '-' | '~' | '?';
    /** Of `include`: what matched there. */
    readonly include?: SpfMatch;
    readonly explanation?: string;
    /** The record of the domain that was asked about. */
    readonly rr?: string;
    readonly error?: string;
    readonly text?: string;
  }

  /** Fulfils with the records; a TXT record is a list of its parts. */
  export type SpfResolve = (name: string, type: string) => Promise<readonly unknown[]>;

  export interface SpfOptions {
    readonly sender: string;
    readonly ip: string;
    readonly helo: string;
    readonly mta: string;
    readonly strict: boolean;
    readonly ctx: { readonly warnings: Set<string> };
    readonly resolver: SpfResolve;
    readonly expResolver: SpfResolve;
    createSubResolver(): SpfResolve;
  }

  /** False: nothing to say. Rejects with an error whose `spfResult` is the result, where that is none of the qualifiers. */
  export function spfVerify(domain: string, options: SpfOptions): Promise<SpfMatch | false>;
}
