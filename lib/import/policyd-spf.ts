/** Owns the move of policyd-spf.conf (policyd-spf-python) to the `spf:` section. */

import type { Section } from './section.ts';
import type { NamedText } from './sources.ts';
import { flowItem } from './yaml-text.ts';

/** policyd-spf.conf(5): what holds where the file says nothing. */
const DEFAULTS: Readonly<Record<string, string>> = {
  helo_reject: 'Fail',
  mail_from_reject: 'Fail',
  permerror_reject: 'False',
  temperror_defer: 'False',
};

/** Keys about the log, the header and time limits: nothing to tell. */
const SILENT =
  /^(?:debuglevel|header_type|hide_receiver|authserv_id|lookup_time|whitelist_lookup_time|void_limit|spf_enhanced_status_codes|reason_message|mock|prospective)$/;

/** Null: the file is not here, and its defaults are taken. */
export function importPolicydSpf(source: NamedText | null): Section {
  const settings = source === null ? new Map<string, string>() : readSettings(source.text);
  const notes = [
    source === null
      ? "policyd-spf.conf was not read: policyd-spf's own defaults are written here (option --policyd-spf FILE reads yours)"
      : `from ${source.file}`,
  ];
  const get = (key: string): string => settings.get(key) ?? DEFAULTS[key]!;
  const test = settings.get('testonly') === '0' || settings.get('defaultseedonly') === '0';
  if (test) notes.push('TestOnly or defaultSeedOnly is 0: it refuses nobody, and neither does this');
  const identity = (key: string, name: string): string => (test ? 'continue' : fail(get(key), name, notes));
  const entries: [string, string][] = [
    ['helo_fail', identity('helo_reject', 'HELO_reject')],
    ['mail_from_fail', identity('mail_from_reject', 'Mail_From_reject')],
    ['permerror', !test && isTrue(get('permerror_reject')) ? 'reject' : 'continue'],
    ['temperror', !test && isTrue(get('temperror_defer')) ? 'defer' : 'continue'],
  ];
  const domains = (settings.get('reject_not_pass_domains') ?? '')
    .split(/[\s,]+/)
    .filter((name) => name !== '');
  if (domains.length > 0 && !test)
    entries.push(['reject_not_pass_domains', `[${domains.map(flowItem).join(', ')}]`]);
  for (const [key, value] of settings) notes.push(...leftOver(key, value));
  return { entries, notes };
}

/** `Fail` and its stricter and milder forms. */
function fail(value: string, name: string, notes: string[]): string {
  switch (value.toLowerCase()) {
    case 'false':
    case 'no_check':
      return 'continue';
    case 'null':
      notes.push(`${name} = Null refuses only bounces: there is no key for that, so nothing is refused`);
      return 'continue';
    case 'softfail':
    case 'spf_not_pass':
      notes.push(`${name} = ${value} refuses more than "fail": there is no key for the rest, which goes on`);
      return 'reject';
    case 'fail':
      return 'reject';
    default:
      notes.push(`${name} = ${value} is unknown: "fail" is refused`);
      return 'reject';
  }
}

function leftOver(key: string, value: string): string[] {
  if (value === '' || SILENT.test(key) || /^(?:testonly|defaultseedonly|reject_not_pass_domains)$/.test(key))
    return [];
  if (Object.hasOwn(DEFAULTS, key)) return [];
  if (key === 'skip_addresses')
    return [
      `skip_addresses = ${value}: the addresses of this machine need no rule; write others before check_spf, with check_client_access`,
    ];
  if (/whitelist/.test(key))
    return [
      `${key} = ${value} has no key yet: write a table of them before check_spf, with check_client_access or check_helo_access`,
    ];
  if (key === 'no_mail' && isTrue(value)) return ['No_Mail = True has no key yet'];
  return [`${key} = ${value} has no key in postern.yaml`];
}

/** Keys in lower case; the last one counts. */
function readSettings(text: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const [, key, value] = /^\s*([\w-]+)\s*=(.*)$/.exec(line.replace(/#.*$/, '')) ?? [];
    if (key !== undefined && value !== undefined) found.set(key.toLowerCase(), value.trim());
  }
  return found;
}

function isTrue(value: string): boolean {
  return value.toLowerCase() === 'true';
}
