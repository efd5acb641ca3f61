/** Owns zones as lines that an operator would write, and how a server fails to tell them: of specs and transcripts. */

import { printable } from '../mail/reply.ts';

const TYPES = ['A', 'AAAA', 'MX', 'TXT', 'PTR', 'CNAME', 'NS'] as const;
export type RecordType = (typeof TYPES)[number];

/** NXDOMAIN is what every name without a line gets; SILENCE: no answer; GARBAGE: bytes that are no answer. */
export type Fault = 'SERVFAIL' | 'REFUSED' | 'FORMERR' | 'NXDOMAIN' | 'SILENCE' | 'GARBAGE' | 'WRONG-NAME';

const FAULTS = new Set<string>([
  'SERVFAIL',
  'REFUSED',
  'FORMERR',
  'NXDOMAIN',
  'SILENCE',
  'GARBAGE',
  'WRONG-NAME',
] satisfies Fault[]);

export interface ZoneRecord {
  readonly name: string;
  readonly ttl: number;
  readonly type: RecordType;
  /** As written: `10 mx.example.org.`, `"v=spf1" " -all"`. */
  readonly value: string;
}

export type ZoneAnswer =
  | { readonly status: 'found' | 'nodata'; readonly records: readonly ZoneRecord[] }
  | { readonly status: Fault };

const DEFAULT_TTL = 3600;

/** One behind the other; name servers give up on more, and on those that lead back. */
const MOST_ALIASES = 8;

/**
 * ```
 * example.org.         A   192.0.2.1
 * example.org.     60  MX  10 mx.example.org.
 * broken.example.org.  SERVFAIL          every type
 * half.example.org.    SILENCE MX        only that type
 * ```
 */
export class Zone {
  readonly #records: ZoneRecord[] = [];
  /** By `name` or `name TYPE`. */
  readonly #faults = new Map<string, Fault>();

  /** Throws SyntaxError for what is no line of a zone. */
  constructor(lines: readonly string[]) {
    for (const line of lines) this.#add(line);
  }

  answer(name: string, type: string, aliases = 0): ZoneAnswer {
    const wanted = canonical(name);
    const fault = this.#faults.get(`${wanted} ${type}`) ?? this.#faults.get(wanted);
    if (fault !== undefined) return { status: fault };
    const here = this.#records.filter((record) => record.name === wanted);
    if (here.length === 0) return { status: this.#isAbove(wanted) ? 'nodata' : 'NXDOMAIN', records: [] };
    const matching = here.filter((record) => record.type === type);
    const alias = here.find((record) => record.type === 'CNAME');
    if (matching.length > 0 || alias === undefined) {
      return { status: matching.length > 0 ? 'found' : 'nodata', records: matching };
    }
    if (aliases === MOST_ALIASES) return { status: 'SERVFAIL' };
    const rest = this.answer(alias.value, type, aliases + 1);
    return 'records' in rest ? { status: rest.status, records: [alias, ...rest.records] } : rest;
  }

  #add(line: string): void {
    const [, name = '', ttl, type = '', value = ''] =
      /^(\S+)\s+(?:(\d+)\s+)?([A-Z-]+)(?:\s+(.*?))?\s*$/.exec(line) ?? [];
    const known = TYPES.find((each) => each === type);
    if (isFault(type)) this.#faults.set(`${canonical(name)} ${value}`.trimEnd(), type);
    else if (value === '' || known === undefined)
      throw new SyntaxError(`not a line of a zone: ${printable(line)}`);
    else {
      const seconds = ttl === undefined ? DEFAULT_TTL : Number(ttl);
      this.#records.push({ name: canonical(name), ttl: seconds, type: known, value });
    }
  }

  /** A name that has only descendants exists (RFC 8020). */
  #isAbove(name: string): boolean {
    return this.#records.some((record) => record.name.endsWith(`.${name}`));
  }
}

/** RFC 1035 §5.1: `a\\"b\\013` → `a"b` and the character of that number. */
export function unescaped(text: string): string {
  return text.replace(/\\(?:(\d{3})|(.))/g, (_, code?: string, character = '') =>
    code === undefined ? character : String.fromCharCode(Number(code)),
  );
}

function isFault(word: string): word is Fault {
  return FAULTS.has(word);
}

function canonical(name: string): string {
  return name.toLowerCase().replace(/\.$/, '').replaceAll('\\032', ' ');
}
