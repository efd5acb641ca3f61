/** Owns the Resolver over a zone that was written down: what the DNS would say, without asking it. */

import { isIPv4, isIPv6 } from 'node:net';
import { NO_NAME_TTL, queryName, type Answer, type Mx, type Resolver } from './resolver.ts';
import { unescaped, Zone, type Fault, type RecordType, type ZoneRecord } from './zone.ts';

const NOT_FOUND_TTL = 30;

/** Throws SyntaxError for what is no line of a zone. */
export function zoneResolver(lines: readonly string[]): Resolver {
  const zone = new Zone(lines);
  const ask = async <T>(
    asked: string,
    type: RecordType,
    read: (record: ZoneRecord) => T | null,
  ): Promise<Answer<T>> => {
    const name = queryName(asked);
    if (name === null) return { status: 'nxdomain', ttl: NO_NAME_TTL };
    const answer = zone.answer(name, type);
    if (answer.status === 'NXDOMAIN') return { status: 'nxdomain', ttl: NOT_FOUND_TTL };
    if (!('records' in answer)) return { status: 'temperror', why: WHY[answer.status] ?? answer.status };
    const fitting = answer.records.filter((record) => record.type === type);
    const records = fitting.map(read).filter((value): value is T => value !== null);
    if (records.length > 0) {
      return { status: 'found', records, ttl: Math.min(...fitting.map(({ ttl }) => ttl)) };
    }
    return { status: 'nodata', ttl: NOT_FOUND_TTL };
  };
  return {
    a: (name) => ask(name, 'A', ({ value }) => (isIPv4(value) ? value : null)),
    aaaa: (name) => ask(name, 'AAAA', ({ value }) => (isIPv6(value) ? value : null)),
    mx: (name) => ask(name, 'MX', exchange),
    ptr: (name) => ask(name, 'PTR', ({ value }) => host(value)),
    txt: (name) => ask(name, 'TXT', ({ value }) => text(value)),
  };
}

const WHY: Partial<Record<Fault, string>> = {
  SILENCE: 'no answer',
  'WRONG-NAME': 'no answer',
  GARBAGE: 'the DNS server sent what is no answer',
};

function exchange({ value }: ZoneRecord): Mx | null {
  const [preference, name] = value.split(/\s+/);
  return name === undefined ? null : { preference: Number(preference), exchange: host(name) };
}

function host(name: string): string {
  return name.toLowerCase().replace(/\.$/, '');
}

/** `"a b" "c"` → `a bc`, a character a byte; without quotes it is one string. */
function text(value: string): string {
  const quoted = [...value.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, part]) => unescaped(part!));
  return Buffer.from(quoted.length > 0 ? quoted.join('') : value).toString('latin1');
}
