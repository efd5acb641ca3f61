/** Owns what the section `greylist:` says of providers: whose data, and which of them are off. */

import { isAbsolute } from 'node:path';
import { bundledProviders, Providers, readProviders, type Provider } from '../greylist/providers.ts';
import { nearest } from '../yaml/spelling.ts';
import { shown } from '../yaml/problem.ts';
import type { Entry } from '../yaml/section.ts';
import { list, textual, type Reader } from '../yaml/value.ts';
import type { ListFiles } from './list-files.ts';

/** `bundled`, `none`, or the path of a newer file. */
export const providersFile: Reader<string> = textual({ type: 'string' }, 'bundled', (text, place) =>
  text === 'bundled' || text === 'none' || isAbsolute(text)
    ? text
    : place.error(`"${shown(text)}" is no path that begins with /`, 'write bundled, none, or a whole path'),
);

export const words: Reader<readonly string[]> = list({ type: 'string' }, 'google', (text) => [
  text.toLowerCase(),
]);

const MOST_BYTES = 1 << 20;

/** What is wrong with a file is a warning, for mail goes on with those that came with Postern. */
export function providersOf(
  data: Entry<string>,
  off: Entry<readonly string[]>,
  files: ListFiles | undefined,
): Providers {
  const all = data.value === 'none' ? [] : read(data, files);
  if (all.length === 0 && off.value.length > 0) {
    const where = data.value === 'none' ? 'with providers: none' : `in ${shown(data.value)}`;
    off.place.warning(`${where} there is no provider to be switched off`, 'remove it');
    return new Providers([]);
  }
  for (const name of off.value) {
    if (all.some((each) => each.name === name)) continue;
    const names = all.map((each) => each.name);
    const near = nearest(name, names);
    off.place.warning(
      `there is no provider "${shown(name)}"`,
      near === null ? `the providers are ${names.join(', ')}` : `did you mean ${near}?`,
    );
  }
  return new Providers(all.filter(({ name }) => !off.value.includes(name)));
}

function read({ value: path, place }: Entry<string>, files: ListFiles | undefined): readonly Provider[] {
  if (path === 'bundled' || files === undefined) return bundledProviders();
  const text = files.read(path, MOST_BYTES);
  const providers = text.ok ? parsed(text.text) : ({ ok: false, what: 'it can not be read' } as const);
  if (providers.ok) return providers.providers;
  place.warning(
    `${shown(path)}: ${providers.what}: the providers that came with Postern stay in use`,
    'mend it, or write bundled',
  );
  return bundledProviders();
}

function parsed(text: string): ReturnType<typeof readProviders> {
  try {
    return readProviders(JSON.parse(text.replace(/^\ufeff/, '')));
  } catch {
    return { ok: false, what: 'it is no JSON' };
  }
}
