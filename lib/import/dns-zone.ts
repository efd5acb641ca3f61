/** Owns `ZONE=PATTERN*WEIGHT` as main.cf has it: its parts, its secret, and its error codes taken out. */

export interface DnsZone {
  readonly zone: string;
  /** Without blanks; null: none was written. */
  readonly pattern: string | null;
  /** postscreen's; null: none was written. */
  readonly weight: string | null;
}

export function readZone(written: string): DnsZone {
  const [, zone = '', pattern, weight] = /^([^=*]*)(?:=([^*]*))?(?:\*(.*))?$/s.exec(written) ?? [];
  const bare = (text: string | undefined): string | null => text?.replace(/\s+/g, '') || null;
  return { zone: zone.trim(), pattern: bare(pattern), weight: bare(weight) };
}

export function writeZone({ zone, pattern, weight }: DnsZone): string {
  return `${zone}${pattern === null ? '' : `=${pattern}`}${weight === null ? '' : `*${weight}`}`;
}

/** `dnsbl.sorbs.net` lies in `sorbs.net`. */
export function domainMatches(zone: string, parent: string): boolean {
  const lower = zone.toLowerCase().replace(/\.$/, '');
  return lower === parent || lower.endsWith(`.${parent}`);
}

/** Zones whose first label is the subscriber's key. */
const KEYED = /(?<![\w-])[\w-]+(?=\.[a-z-]{1,30}\.(?:dq\.spamhaus\.net|mail\.abusix\.zone)(?![\w-]))/gi;

/** For comments: `KEY.zen.dq.spamhaus.net`, whatever the key is. */
export function withoutKeys(text: string): string {
  return text.replace(KEYED, 'KEY');
}

/**
 * list.dnswl.org says 127.0.10.x, "high trust" for everybody, to resolvers over its quota:
 * `127.0.[0..255].[2..3]` → `127.0.[0..9;11..255].[2..3]`; null: nothing would be left.
 */
export function withoutOverQuota(pattern: string): string | null {
  const octets = pattern.match(/\[[^\]]*\]|\d+/g);
  if (octets?.length !== 4) return pattern;
  const kept = alternatives(octets[2]!).flatMap(([from, to]): [number, number][] => {
    if (to < 10 || from > 10) return [[from, to]];
    const parts: [number, number][] = [
      [from, 9],
      [11, to],
    ];
    return parts.filter(([first, last]) => first <= last);
  });
  if (kept.length === 0) return null;
  const changed = kept.map(([from, to]) => (from === to ? String(from) : `${from}..${to}`)).join(';');
  const third = kept.length === 1 && kept[0]![0] === kept[0]![1] ? changed : `[${changed}]`;
  const same = alternatives(octets[2]!).length === kept.length && !covers(octets[2]!, 10);
  return same ? pattern : [octets[0], octets[1], third, octets[3]].join('.');
}

function covers(octet: string, value: number): boolean {
  return alternatives(octet).some(([from, to]) => from <= value && value <= to);
}

/** `[0..9;11]` → 0 to 9, 11 to 11. */
function alternatives(octet: string): [number, number][] {
  return octet
    .replace(/[[\]]/g, '')
    .split(';')
    .map((part): [number, number] => {
      const [from = '', to = from] = part.split('..');
      return [Number(from), Number(to)];
    });
}
