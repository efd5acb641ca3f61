/** Owns the key `store`: where greylisting remembers. */

import { shown } from '../yaml/problem.ts';
import { textual } from '../yaml/value.ts';

export type StoreAddress =
  | { readonly kind: 'memory' }
  | {
      readonly kind: 'sqlite';
      /** As written, or below the state directory once the configuration is whole. */
      readonly path: string;
    };

/** `memory`, `sqlite:postern.db`, `sqlite:/var/lib/postern/postern.db`. */
export const store = textual<StoreAddress>(
  { type: 'string', pattern: '^(memory|sqlite:.+)$' },
  'sqlite:postern.db',
  (text, place) => {
    if (text === 'memory') return { kind: 'memory' };
    const path = /^sqlite:(.*)$/s.exec(text)?.[1];
    const advice = path === undefined ? noStore(text) : noPath(path);
    return advice === null ? { kind: 'sqlite', path: path! } : place.error(...advice);
  },
);

function noStore(text: string): [what: string, instead: string] {
  const written = `"${shown(text)}"`;
  if (/^(?:redis|valkey)s?(?:$|(?:[+.-][\w+.-]*)?:)/i.test(text))
    return [`${written}: Redis and Valkey are not in this version yet`, 'write sqlite:postern.db'];
  if (/^(?:sqlite3?|\w+:.*|\.\w+)?$/i.test(text) || !/[/.]/.test(text))
    return [`${written} is not a store`, 'write sqlite:postern.db or memory'];
  return [`${written} does not say what kind of store it is`, `write sqlite:${shown(text)}`];
}

function noPath(path: string): [what: string, instead: string] | null {
  if (path.trim() === '') return ['there is no path after sqlite:', 'write sqlite:postern.db'];
  if (path === ':memory:') return ['"sqlite::memory:" would be forgotten at every restart', 'write memory'];
  if (/\p{Cc}/u.test(path)) return ['the path holds a control character', 'write sqlite:postern.db'];
  if (path.startsWith('//')) return ['this is not a URL', `write sqlite:${shown(path.replace(/^\/+/, '/'))}`];
  if (path.startsWith('~')) return ['~ is not expanded here', 'write the whole path'];
  if (path.endsWith('/')) return ['the path is a folder', `write sqlite:${shown(path)}postern.db`];
  return null;
}
