/** Owns the registered domain of a name, by the public suffix list. */

/**
 * `a.example.co.uk` → `example.co.uk`; suffixes that a company rents out (github.io) count as such. Null: it is a suffix
 * itself. `name`: ASCII, in lower case.
 */
export type RegisteredDomain = (name: string) => string | null;

let loading: Promise<RegisteredDomain> | null = null;
let loaded: RegisteredDomain | null = null;

/** The list is loaded when it is first asked for: few policies need its memory. From then on nobody waits for it. */
export function suffixList(): RegisteredDomain | Promise<RegisteredDomain> {
  loading ??= import('tldts').then(
    ({ getDomain }) =>
      (loaded = (name) =>
        getDomain(name, { allowPrivateDomains: true, extractHostname: false, validateHostname: false })),
  );
  return loaded ?? loading;
}

/** See RegisteredDomain. */
export async function registeredDomain(name: string): Promise<string | null> {
  return (await suffixList())(name);
}
