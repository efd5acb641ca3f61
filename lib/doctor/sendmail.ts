/** Owns what is to be said of Sendmail: is Postern among its mail filters, first, and with what when it is away. */

import { boundTo, parseListenAddress, type ListenAddress } from '../config/address.ts';
import { readRegularFile } from '../regular-file.ts';
import { ok, problem, warning, type Diagnosis } from './diagnosis.ts';

interface Filter {
  readonly name: string;
  /** `S=inet:8891@127.0.0.1` without the `S=`. */
  readonly socket: string;
  /** `T`, `R`, `4`; empty: mail is let in. */
  readonly flags: string;
  /** Seconds to wait for a reply; null: Sendmail's 10. */
  readonly replySeconds: number | null;
}

/** A sendmail.cf has some 60 kB. */
const MOST_BYTES = 4 << 20;

/** milter.c: what Sendmail waits for a reply, where nothing else is said. */
const USUAL_SECONDS = 10;
/** What a decision may take, and a little more. */
const LEAST_SECONDS = 9;

export function ofSendmail(file: string, ours: readonly ListenAddress[]): Diagnosis[] {
  const read = readRegularFile(file, MOST_BYTES);
  if (!read.ok) throw new Error(`${file} is ${read.why}`);
  const { text } = read;
  const own = filtersIn(text).find(({ socket }) => isOurs(socket, ours));
  const listen = ours.find(({ kind }) => kind !== 'systemd')?.written ?? 'inet:8891@127.0.0.1';
  const line = (more = ''): string[] => [
    `in sendmail.mc write: INPUT_MAIL_FILTER(\`postern', \`S=${listen}${more}, T=C:10s;S:10s;R:10s;E:5m')`,
    'make -C /etc/mail && systemctl restart sendmail',
  ];
  if (own === undefined) return [problem(`${file} does not name Postern (${listen})`, ...line())];
  const order = inOrder(text);
  const at = order.indexOf(own.name);
  if (at < 0)
    return [
      problem(`${file} defines the filter ${own.name} and does not use it (InputMailFilters)`, ...line()),
    ];
  return [
    at === 0
      ? ok(`InputMailFilters of ${file} names Postern first`)
      : warning(
          `InputMailFilters of ${file} names ${order[0]!} before Postern: it works on mail that Postern would refuse`,
          'in sendmail.mc put its INPUT_MAIL_FILTER before the others',
          'make -C /etc/mail && systemctl restart sendmail',
        ),
    ...ofFlags(own, line()),
    ...((own.replySeconds ?? USUAL_SECONDS) < LEAST_SECONDS
      ? [
          warning(
            `Sendmail waits ${own.replySeconds} s for a reply (T=R:): Postern may take 8 s to decide`,
            ...line(),
          ),
        ]
      : []),
  ];
}

function ofFlags({ flags }: Filter, cure: readonly string[]): Diagnosis[] {
  if (flags === '') return [ok('no F= flag: while Postern is away mail is let in')];
  const away = flags.includes('R') ? 'refused for good' : 'told to try later';
  return [warning(`F=${flags}: all mail is ${away} while Postern is away`, ...cure)];
}

/** `Xpostern, S=inet:8891@127.0.0.1, F=T, T=S:10s;R:10s` */
function filtersIn(text: string): Filter[] {
  return [...text.matchAll(/^X([^,\s]+)\s*,(.*)$/gm)].map(([, name, rest]) => {
    const field = (letter: string): string =>
      new RegExp(`(?:^|,)\\s*${letter}=([^,]*)`).exec(rest!)?.[1]?.trim() ?? '';
    const reply = /(?:^|;)\s*R:(\d+)([smh]?)/.exec(field('T'));
    return {
      name: name!,
      socket: field('S'),
      flags: field('F'),
      replySeconds:
        reply === null ? null : Number(reply[1]) * { '': 1, s: 1, m: 60, h: 3600 }[reply[2] ?? '']!,
    };
  });
}

function inOrder(text: string): string[] {
  const value = [...text.matchAll(/^O\s*InputMailFilters=(.*)$/gm)].at(-1)?.[1] ?? '';
  return value
    .split(/[,;]/)
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

function isOurs(socket: string, ours: readonly ListenAddress[]): boolean {
  const parsed = parseListenAddress(socket.includes(':') ? socket : `unix:${socket}`);
  if (parsed.kind === 'wrong') return false;
  const theirs = place(parsed);
  return ours.some(
    (address) =>
      place(address) === theirs ||
      (isAnywhere(address) && parsed.kind === 'tcp' && address.port === parsed.port),
  );
}

function place(address: ListenAddress): string {
  return address.kind === 'tcp'
    ? `${address.host === 'localhost' ? '127.0.0.1' : address.host} ${address.port}`
    : String(boundTo(address));
}

function isAnywhere(address: ListenAddress): address is Extract<ListenAddress, { kind: 'tcp' }> {
  return address.kind === 'tcp' && (address.host === '0.0.0.0' || address.host === '::');
}
