/** Owns the move of a greylister's settings to the `greylist:` section: postgrey's command line, as /etc/default/postgrey has it. */

import type { Section } from './section.ts';
import type { NamedText } from './sources.ts';

/** postgrey(8). */
const DEFAULTS = { delay: '300', 'retry-window': '2', 'max-age': '35' };

/** Options about the daemon itself: nothing to tell. */
const SILENT =
  /^(?:inet|unix|socketmode|daemonize|pidfile|user|group|dbdir|verbose|quiet|syslog-?facility|lookup-by-subnet|listen-queue-size)$/;

/** What its databases were written by. */
export interface PostgreyTimes {
  readonly delaySeconds: number;
  /** Passed triplets after which a client need not wait; 0: never. */
  readonly allowAfter: number;
  /** Bits of the networks in its keys. */
  readonly ipv4Prefix: number;
  readonly ipv6Prefix: number;
}

/** Null: its defaults. Never throws; what is no number counts as its default. */
export function postgreyTimes(source: NamedText | null): PostgreyTimes {
  const options = source === null ? new Map<string, string>() : readOptions(source.text);
  const number = (key: string, usual: number): number => {
    const text = options.get(key) ?? '';
    return /^\d{1,9}$/.test(text) ? Number(text) : usual;
  };
  const byHost = options.has('lookup-by-host');
  return {
    // Perl's ||: a 0 is its default.
    delaySeconds: number('delay', 300) || 300,
    allowAfter: number('auto-whitelist-clients', 5),
    ipv4Prefix: byHost ? 32 : number('ipv4cidr', 24) || 24,
    ipv6Prefix: byHost ? 128 : number('ipv6cidr', 64) || 64,
  };
}

/** Null: the file is not here, and its defaults are taken. */
export function importPostgrey(source: NamedText | null): Section {
  const options = source === null ? new Map<string, string>() : readOptions(source.text);
  const notes = [
    source === null
      ? "postgrey's command line was not read: its own defaults are written here (option --postgrey FILE reads yours)"
      : `from ${source.file}`,
  ];
  const number = (key: keyof typeof DEFAULTS, unit: string): string => {
    const [, digits, given] = /^(\d{1,9})([dh]?)$/.exec(options.get(key) ?? DEFAULTS[key]) ?? [];
    if (digits !== undefined) return `${digits}${given === '' ? unit : given}`;
    notes.push(`--${key}=${options.get(key)} is no number: postgrey's default is taken`);
    return `${DEFAULTS[key]}${unit}`;
  };
  const entries: [string, string][] = [
    ['delay', number('delay', 's')],
    ['retry_window', number('retry-window', 'd')],
    ['lifetime', number('max-age', 'd')],
  ];
  const host = options.has('lookup-by-host');
  const prefix = (key: string, most: number): string | null => {
    if (host) return String(most);
    const bits = Number(options.get(key));
    return options.has(key) && Number.isInteger(bits) && bits > 0 && bits <= most ? String(bits) : null;
  };
  const ipv4 = prefix('ipv4cidr', 32);
  const ipv6 = prefix('ipv6cidr', 128);
  if (ipv4 !== null) entries.push(['ipv4_prefix', ipv4]);
  if (ipv6 !== null) entries.push(['ipv6_prefix', ipv6]);
  const { allowAfter } = postgreyTimes(source);
  entries.push(['auto_allow_after', String(allowAfter)]);
  for (const [key, value] of options) notes.push(...leftOver(key, value));
  return { entries, notes };
}

function leftOver(key: string, value: string): string[] {
  if (
    SILENT.test(key) ||
    Object.hasOwn(DEFAULTS, key) ||
    /^(?:ipv[46]cidr|lookup-by-host|whitelist-\w+|auto-whitelist-clients)$/.test(key)
  )
    return [];
  if (key === 'privacy')
    return [
      '--privacy has no key in postern.yaml: the database holds addresses as they are, not their hashes',
    ];
  return [`--${key}${value === '' ? '' : `=${value}`} has no key in postern.yaml`];
}

/** `POSTGREY_OPTS="--inet=10023 --delay=66"`, or the words alone; the last one counts. */
function readOptions(text: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const line of text.split('\n')) {
    if (/^\s*#/.test(line)) continue;
    for (const [, key = '', joined, apart] of line.matchAll(
      /(?<![\w-])--([a-z][\w-]*)(?:=([^\s"']*)|\s+(\d[^\s"']*))?/g,
    ))
      found.set(key, joined ?? apart ?? '');
  }
  return found;
}
