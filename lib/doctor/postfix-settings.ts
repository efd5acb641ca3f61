/** Owns what Postfix is set to, by its own word (postconf) or, without that program, by its files. */

import { readMainCf } from '../import/main-cf.ts';
import { readMasterCf, type Service } from '../import/master-cf.ts';
import { hasOpenName } from '../import/open-name.ts';
import { Parameters } from '../import/parameters.ts';
import { readRegularFile } from '../regular-file.ts';
import type { Programs } from './programs.ts';

export interface PostfixSettings {
  readonly directory: string;
  /** Why postconf was not asked; null: it was. */
  readonly unasked: string | null;
  /** Of main.cf, `$name` replaced; null: that can't be known here. */
  readonly get: (name: string) => string | null;
  readonly services: readonly PostfixService[];
}

export interface PostfixService {
  /** As postconf -P names it: `smtp/inet`. */
  readonly name: string;
  readonly command: string;
  readonly chrooted: boolean;
  /** What `-o` says, else main.cf. */
  readonly get: (name: string) => string | null;
  readonly overrides: (name: string) => boolean;
}

/** Asked for by name: all of them would be a thousand lines. */
const NAMES = [
  ...['smtpd_milters', 'non_smtpd_milters', 'smtpd_milter_maps', 'milter_default_action', 'milter_protocol'],
  ...[
    'milter_connect_timeout',
    'milter_command_timeout',
    'milter_content_timeout',
    'myhostname',
    'mynetworks',
  ],
  ...['queue_directory', 'mail_owner', 'compatibility_level', 'receive_override_options'],
  ...['smtpd_delay_reject', 'postscreen_dnsbl_sites', 'postscreen_dnsbl_action'],
  ...['smtpd_client_restrictions', 'smtpd_helo_restrictions', 'smtpd_sender_restrictions'],
  ...['smtpd_relay_restrictions', 'smtpd_recipient_restrictions', 'smtpd_data_restrictions'],
];

/** postconf(5), where Parameters has none; `shutdown` since Postfix 3.11 or so instead of `tempfail`. */
const DEFAULTS: Readonly<Record<string, string>> = {
  milter_default_action: 'tempfail',
  milter_protocol: '6',
  milter_connect_timeout: '30s',
  milter_command_timeout: '30s',
  milter_content_timeout: '300s',
};

/** Null: there is no Postfix in that directory. Throws what keeps its files from being read. */
export async function readPostfix(
  directory: string,
  programs: Programs,
  signal: AbortSignal,
): Promise<PostfixSettings | null> {
  const mainCf = textOf(`${directory}/main.cf`);
  if (mainCf === null) return null;
  const asked = await askPostconf(directory, programs, signal);
  if (typeof asked !== 'string') return settings(directory, null, asked);
  const parameters = new Parameters(readMainCf(mainCf), directory);
  const masterCf = textOf(`${directory}/master.cf`) ?? '';
  return settings(directory, asked, {
    get(name) {
      const text =
        parameters.setting(name) === null ? (DEFAULTS[name] ?? parameters.text(name)) : parameters.text(name);
      return hasOpenName(text) ? null : text;
    },
    master: readMasterCf(masterCf),
    expanded: new Map(),
  });
}

interface Source {
  readonly get: (name: string) => string | null;
  readonly master: readonly Service[];
  /** `smtp/inet/smtpd_milters` → its value, `$name` replaced. */
  readonly expanded: ReadonlyMap<string, string>;
}

function settings(
  directory: string,
  unasked: string | null,
  { get, master, expanded }: Source,
): PostfixSettings {
  // postconf(5), master.cf's chroot: `-` is n since compatibility level 1.
  const chroots = Number.parseFloat(get('compatibility_level') ?? '0') < 1;
  const services = master.map(({ name, type, command, chroot, overrides }) => {
    const own = new Map(
      overrides.map((each) => [
        each.name,
        expanded.get(`${name}/${type}/${each.name}`) ?? replaced(each.value, get),
      ]),
    );
    return {
      name: `${name}/${type}`,
      command,
      chrooted: chroot === 'y' || (chroot === '-' && chroots),
      get: (parameter: string) => own.get(parameter) ?? get(parameter),
      overrides: (parameter: string) => own.has(parameter),
    };
  });
  return { directory, unasked, get, services };
}

/** `$mua_milters` in master.cf, as far as it goes without postconf. */
function replaced(value: string, get: (name: string) => string | null): string {
  return value.replace(/\$(?:\{(\w+)\}|\((\w+)\)|(\w+))/g, (_, a, b, c) => get(String(a ?? b ?? c)) ?? '');
}

/** A text says why it can't be asked. */
async function askPostconf(
  directory: string,
  programs: Programs,
  signal: AbortSignal,
): Promise<Source | string> {
  const ask = (...args: string[]) => programs.run('postconf', ['-c', directory, ...args], signal);
  const [main, master, own] = await Promise.all([ask('-x', ...NAMES), ask('-M'), ask('-x', '-P')]);
  for (const ran of [main, master, own]) {
    if (ran.kind === 'missing') return 'there is no postconf here';
    if (ran.kind === 'failed') return ran.why;
    if (ran.status !== 0) return `postconf says: ${ran.stderr.split('\n')[0]}`;
  }
  const text = (ran: typeof main): string => (ran.kind === 'ended' ? ran.stdout : '');
  const values = assignments(text(main));
  return {
    get: (name) => values.get(name) ?? null,
    master: readMasterCf(text(master)),
    expanded: assignments(text(own)),
  };
}

/** `name = value`, a line each. */
function assignments(text: string): Map<string, string> {
  const lines = text.split('\n').flatMap((line) => {
    const [, name, value] = /^(\S+) =(?: (.*))?$/.exec(line) ?? [];
    return name === undefined ? [] : [[name, value ?? ''] as const];
  });
  return new Map(lines);
}

/** A main.cf has some 30 kB. */
const MOST_BYTES = 4 << 20;

/** Null: there is none. */
function textOf(file: string): string | null {
  const read = readRegularFile(file, MOST_BYTES);
  if (read.ok) return read.text;
  if (read.why === 'missing') return null;
  throw new Error(`${file} is ${read.why}`);
}
