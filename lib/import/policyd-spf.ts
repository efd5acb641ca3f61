/** Owns the move of policyd-spf.conf (policyd-spf-python) to the `spf:` section. */

import { asciiDomain } from '../mail/domain.ts';
import { NetworkSet, parseNetwork, withoutExcess } from '../mail/network.ts';
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
  /^(?:debuglevel|header_type|hide_receiver|authserv_id|lookup_time|whitelist_lookup_time|spf_enhanced_status_codes|reason_message|mock|prospective|queueid)$/;

/** Lists of names, and where they go. */
const NAMES: Readonly<Record<string, string>> = {
  reject_not_pass_domains: 'reject_not_pass_domains',
  helo_whitelist: 'skip_helo',
  domain_whitelist: 'skip_domains',
  domain_whitelist_ptr: 'skip_ptr',
};

const NETWORKS = ['skip_addresses', 'whitelist'];

/** What is left to tell of them. */
const TAKEN = new Set([
  ...Object.keys(DEFAULTS),
  ...Object.keys(NAMES),
  ...NETWORKS,
  'testonly',
  'defaultseedonly',
  'no_mail',
  'void_limit',
]);

/** Null: the file is not here, and its defaults are taken. */
export function importPolicydSpf(source: NamedText | null): Section {
  const settings = source === null ? new Map<string, string>() : readSettings(source.text);
  const notes = [
    source === null
      ? "policyd-spf.conf was not read: policyd-spf's own defaults are written here (option --policyd-spf FILE reads yours)"
      : `from ${source.file}`,
  ];
  const get = (key: string): string => settings.get(key) ?? DEFAULTS[key] ?? '';
  const test = settings.get('testonly') === '0' || settings.get('defaultseedonly') === '0';
  if (test) notes.push('TestOnly or defaultSeedOnly is 0: it refuses nobody, and neither does this');
  const entries: [string, string][] = [
    ...identity('helo', get('helo_reject'), test, notes),
    ...identity('mail_from', get('mail_from_reject'), test, notes),
    ['permerror', !test && isTrue(get('permerror_reject')) ? 'reject' : 'continue'],
    ['temperror', !test && isTrue(get('temperror_defer')) ? 'defer' : 'continue'],
  ];
  if (!test) judgeBounces(get('helo_reject'), get('mail_from_reject'), notes);
  if (isTrue(get('no_mail'))) entries.push(['no_mail_only', 'true']);
  for (const [key, name] of Object.entries(NAMES)) {
    if (test && key === 'reject_not_pass_domains') continue;
    const names = domains(key, get(key), notes);
    if (names.length > 0) entries.push([name, `[${names.map(flowItem).join(', ')}]`]);
  }
  const networks = NETWORKS.flatMap((key) => networksOf(key, get(key), notes));
  if (networks.length > 0) entries.push(['skip_networks', `[${networks.map(flowItem).join(', ')}]`]);
  const voids = get('void_limit');
  if (voids !== '' && voids !== '2') entries.push(['void_lookups', flowItem(voids)]);
  for (const [key, value] of settings)
    if (value !== '' && !SILENT.test(key) && !TAKEN.has(key))
      notes.push(`${key} = ${value} has no key in postern.yaml`);
  return { entries, notes };
}

/** `Fail` and its stricter and milder forms. */
function identity(
  name: 'helo' | 'mail_from',
  written: string,
  test: boolean,
  notes: string[],
): [string, string][] {
  const value = written.toLowerCase();
  if (test || /^(?:false|no_check|null)$/.test(value)) return [[`${name}_fail`, 'continue']];
  const refused = { fail: 1, softfail: 2, spf_not_pass: 3 }[value];
  if (refused === undefined)
    notes.push(`${name === 'helo' ? 'HELO' : 'Mail_From'}_reject = ${written} is unknown: "fail" is refused`);
  return ['fail', 'softfail', 'neutral']
    .slice(0, refused ?? 1)
    .map((result) => [`${name}_${result}`, 'reject']);
}

/** To policyd-spf a bounce has only a HELO; to RFC 7208 §2.4 that is its MAIL FROM. */
function judgeBounces(helo: string, mailFrom: string, notes: string[]): void {
  const refusesSenders = !/^(?:false|no_check)$/i.test(mailFrom);
  if (/^null$/i.test(helo) && !refusesSenders)
    notes.push(
      `HELO_reject = ${helo} refuses only bounces: write a rule for that, { when: { sender: <>, helo_spf: fail }, then: reject }`,
    );
  if (/^(?:false|no_check)$/i.test(helo) && refusesSenders)
    notes.push(
      `HELO_reject = ${helo} let bounces pass; the sender of a bounce is postmaster at its HELO here, and mail_from_fail is for it too`,
    );
}

function domains(key: string, value: string, notes: string[]): string[] {
  return words(value).flatMap((word) => {
    const ascii = asciiDomain(word);
    if (ascii?.includes('.') === true) return [ascii];
    notes.push(`${key}: "${word}" is not a domain, and is left out`);
    return [];
  });
}

const LOCALHOST = new NetworkSet([parseNetwork('127.0.0.0/8')!, parseNetwork('::1')!]);

/** This machine's own addresses need no rule. */
function networksOf(key: string, value: string, notes: string[]): string[] {
  return words(value).flatMap((word) => {
    const network = parseNetwork(word);
    if (network === null) {
      notes.push(`${key}: "${word}" is not a network, and is left out`);
      return [];
    }
    if (LOCALHOST.has(network.address)) return [];
    return [withoutExcess(network) ?? `${network.address.text}/${network.prefix}`];
  });
}

function words(value: string): string[] {
  return value.split(/[\s,]+/).filter((word) => word !== '' && word !== 'None');
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

/** Whether it is one at all: a main.cf has `name = value`, too. */
export function hasSettings(text: string): boolean {
  return [...readSettings(text).keys()].some((key) => SILENT.test(key) || TAKEN.has(key));
}

function isTrue(value: string): boolean {
  return value.toLowerCase() === 'true';
}
