/** Owns the registered domain of a name, by the public suffix list. */

type GetDomain = (typeof import('tldts'))['getDomain'];

let suffixes: Promise<GetDomain> | null = null;

/**
 * `a.example.co.uk` → `example.co.uk`; suffixes that a company rents out (github.io) count as such. Null: it is a suffix
 * itself. `name`: ASCII, in lower case. The list is loaded when it is first asked: few policies need its memory.
 */
export async function registeredDomain(name: string): Promise<string | null> {
  suffixes ??= import('tldts').then(({ getDomain }) => getDomain);
  const getDomain = await suffixes;
  return getDomain(name, { allowPrivateDomains: true, extractHostname: false, validateHostname: false });
}
