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
  loading ??= load();
  return loaded ?? loading;
}

async function load(): Promise<RegisteredDomain> {
  try {
    const { getDomain } = await import('tldts');
    loaded = (name) =>
      getDomain(name, { allowPrivateDomains: true, extractHostname: false, validateHostname: false });
    return loaded;
  } catch (error) {
    // Files that are being replaced are there again for the next one who asks.
    loading = null;
    throw error;
  }
}

/** See RegisteredDomain. */
export async function registeredDomain(name: string): Promise<string | null> {
  return (await suffixList())(name);
}
