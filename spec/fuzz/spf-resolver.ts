/** Owns the Resolver over random zones of SPF. */

import type { Answer, Mx, Resolver } from '../../lib/dns/resolver.ts';
import { HASHED } from './any-spf-record.ts';
import { isHashedIn, type SpfZone } from './any-spf-zone.ts';

export type SpfRecords = readonly string[] | 'temperror';
type Type = 'A' | 'AAAA' | 'MX' | 'PTR' | 'TXT';

/** What it says of a name in lower case; `ttl` in seconds. */
export type Say = (name: string, type: Type) => { readonly records: SpfRecords; readonly ttl: number };

export function recordsIn(zone: SpfZone, name: string, type: Type): SpfRecords {
  const known = zone[name]?.[type] ?? [];
  return type === 'A' && name.endsWith(HASHED) && isHashedIn(name) ? ['127.0.0.2'] : known;
}

export function spfResolver(say: Say): Resolver {
  const ask = (asked: string, type: Type): Promise<Answer<string>> => {
    const { records, ttl } = say(asked.toLowerCase(), type);
    if (records === 'temperror') return Promise.resolve({ status: 'temperror', why: 'no answer' });
    return Promise.resolve(
      records.length > 0 ? { status: 'found', records, ttl } : { status: 'nodata', ttl },
    );
  };
  return {
    a: (name) => ask(name, 'A'),
    aaaa: (name) => ask(name, 'AAAA'),
    ptr: (name) => ask(name, 'PTR'),
    txt: (name) => ask(name, 'TXT'),
    mx: async (name) => {
      const answer = await ask(name, 'MX');
      return answer.status === 'found' ? { ...answer, records: answer.records.map(exchange) } : answer;
    },
  };
}

function exchange(value: string): Mx {
  const [preference, name] = value.split(' ');
  return { preference: Number(preference), exchange: name! };
}
