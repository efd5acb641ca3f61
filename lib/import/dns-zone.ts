/** Owns `ZONE=PATTERN*WEIGHT` as main.cf has it, in its parts. */

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
