/** Owns Providers: large senders that retry from whatever host is free, and that greylisting only makes late. */

import bundled from './providers.json' with { type: 'json' };

/** Names in ASCII and lower case; each stands for what is below it too. */
export interface Provider {
  readonly name: string;
  /** Of confirmed names of clients. */
  readonly ptr: readonly string[];
  /** Of senders whose mail SPF lets pass. */
  readonly spf: readonly string[];
}

/** What a client has shown of himself; each null if nothing. */
export interface ShownDomains {
  /** His forward-confirmed name. */
  readonly clientName: string | null;
  /** The domain for which he passes SPF, by a record that does not let everybody pass. */
  readonly spfDomain: string | null;
}

export class Providers {
  readonly #byPtr = new Map<string, string>();
  readonly #bySpf = new Map<string, string>();

  constructor(providers: readonly Provider[]) {
    for (const { name, ptr, spf } of providers) {
      for (const domain of ptr) this.#byPtr.set(domain, name);
      for (const domain of spf) this.#bySpf.set(domain, name);
    }
  }

  /** The provider's name; null: he is none. What a client only says of himself is nothing. */
  find({ clientName, spfDomain }: ShownDomains): string | null {
    return within(this.#byPtr, clientName) ?? within(this.#bySpf, spfDomain);
  }
}

function within(names: ReadonlyMap<string, string>, domain: string | null): string | null {
  if (domain === null) return null;
  for (let from = 0; ;) {
    const found = names.get(domain.slice(from));
    if (found !== undefined) return found;
    const dot = domain.indexOf('.', from);
    if (dot === -1) return null;
    from = dot + 1;
  }
}

export type ProvidersRead =
  | { readonly ok: true; readonly date: string; readonly providers: readonly Provider[] }
  /** `what`: one sentence for an administrator. */
  | { readonly ok: false; readonly what: string };

const VERSION = /^1\.\d+$/;
const MOST = 10_000;
const DOMAIN = /^(?:[a-z0-9_](?:[a-z0-9_-]{0,62}\.)+)?[a-z0-9.-]{1,253}$/;

/** Of a file of this shape, ours or a newer one; keys that a later version may have are passed over. */
export function readProviders(value: unknown): ProvidersRead {
  if (!isFields(value)) return wrong('it is no object');
  const { version, date, providers } = value;
  if (typeof version !== 'string' || !VERSION.test(version))
    return wrong(`its version is ${JSON.stringify(version)}, and this Postern reads 1.x`);
  if (typeof date !== 'string' || !/^\d{4}-\d\d-\d\d$/.test(date)) return wrong('its date is not YYYY-MM-DD');
  if (!Array.isArray(providers) || providers.length > MOST) return wrong('providers is no list, or too long');
  const read: Provider[] = [];
  const names = new Set<string>();
  for (const [i, each] of providers.entries()) {
    const provider = providerOf(each);
    if (provider === null || names.has(provider.name))
      return wrong(`provider ${i + 1} needs a name of its own, and ptr and spf with domains in lower case`);
    names.add(provider.name);
    read.push(provider);
  }
  return { ok: true, date, providers: read };
}

function providerOf(value: unknown): Provider | null {
  if (!isFields(value)) return null;
  const { name, ptr = [], spf = [] } = value;
  if (typeof name !== 'string' || !/^[a-z0-9.-]{1,40}$/.test(name)) return null;
  return isDomains(ptr) && isDomains(spf) ? { name, ptr, spf } : null;
}

/** A whole top level would let in about everybody. */
function isDomains(value: unknown): value is readonly string[] {
  return (
    Array.isArray(value) &&
    value.length <= MOST &&
    value.every((each) => typeof each === 'string' && each.includes('.') && DOMAIN.test(each))
  );
}

function isFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function wrong(what: string): ProvidersRead {
  return { ok: false, what };
}

/** Throws Error: ours is broken. */
export function bundledProviders(): readonly Provider[] {
  const read = readProviders(bundled);
  if (!read.ok) throw new Error(`providers.json: ${read.what}`);
  return read.providers;
}
