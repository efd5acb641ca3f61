/** Owns the move of postscreen's weighted DNS lists to `dnsbl_score`; its other tests stay. */

import type { TableContext } from './access-table.ts';
import { writeZone } from './dns-zone.ts';
import type { Service } from './master-cf.ts';
import type { Parameters } from './parameters.ts';
import { sparedBy } from './postscreen-access.ts';
import { refusalOf } from './refusal.ts';
import { saferZone } from './safer-zone.ts';
import { KEY_ASTRAY, type ZoneKeys } from './zone-keys.ts';
import { flowItem } from './yaml-text.ts';

export interface Score {
  readonly sites: readonly {
    readonly text: string;
    readonly line: number;
    readonly notes: readonly string[];
  }[];
  readonly reject: number;
  /** Below zero; null: nobody is let in by the score. */
  readonly permit: number | null;
  readonly reply: string | null;
  /** Tables of clients that postscreen does not ask about, as rules. */
  readonly spared: readonly string[];
  /** Whitelists as postscreen is to keep them: they spare clients its other tests. Keys included. */
  readonly keeps: readonly string[];
  /** False: it refused nobody, and is only shown. */
  readonly active: boolean;
  readonly notes: readonly string[];
  readonly line: number;
}

export interface Postscreen {
  readonly score: Score | null;
  /** Parameters that stay, with the reason. */
  readonly staying: readonly { readonly name: string; readonly line: number; readonly why: string }[];
}

const STAYING: readonly (readonly [RegExp, string])[] = [
  [/^postscreen_greet_/, 'only who stands before smtpd can let a client wait for the greeting'],
  [
    /^postscreen_(?:pipelining|bare_newline|non_smtp_command)_/,
    'only who stands before smtpd sees how commands come in',
  ],
  [
    /^postscreen_(?:access_list|(?:white|allow)list_interfaces)/,
    'it spares clients the tests that stay with postscreen',
  ],
  [/^postscreen_(?:deny|black)list_action/, 'it belongs to postscreen_access_list'],
];

/** Nobody has as many lists. */
const MOST = 200;

export function importPostscreen(
  parameters: Parameters,
  services: readonly Service[] | null,
  tables: TableContext,
  keys: ZoneKeys,
): Postscreen {
  const staying = [...parameters.names].flatMap((name) => {
    const why = STAYING.find(([pattern]) => pattern.test(name))?.[1];
    return why === undefined ? [] : [{ name, line: parameters.setting(name)?.line ?? 0, why }];
  });
  const words = parameters.get('postscreen_dnsbl_sites').words();
  const notes: string[] = [];
  if (words.length === 0) return { score: null, staying };
  if (words.length > MOST || parameters.isCut('postscreen_dnsbl_sites')) {
    const line = parameters.setting('postscreen_dnsbl_sites')?.line ?? 0;
    const why = `it comes to more than ${MOST} lists: write what you want of it yourself`;
    return { score: null, staying: [...staying, { name: 'postscreen_dnsbl_sites', line, why }] };
  }
  const sites = words.flatMap(({ text, line }) => {
    const negative = /\*\s*-/.test(text);
    const { zone, notes: said } = saferZone(text, { does: negative ? 'permit' : 'refuse', asks: 'address' });
    if (zone !== null) {
      const named = keys.named(zone.zone, line);
      const site = named === null ? '' : writeZone({ ...zone, zone: named });
      const refused =
        named === null
          ? KEY_ASTRAY
          : refusalOf(`policy:\n  - dnsbl_score: { reject: 1, sites: [${flowItem(site)}] }\n`);
      if (refused === null)
        return [{ text: site, line, notes: said, kept: negative ? writeZone(zone) : null }];
      notes.push(`line ${line}: ${text} is left out: ${refused}`);
      return [];
    }
    notes.push(`line ${line}: ${text} is left out: ${said.join('; ')}`);
    return [];
  });
  const runs = services === null || services.some(({ command }) => command === 'postscreen');
  const action = parameters.text('postscreen_dnsbl_action').toLowerCase();
  if (!runs)
    notes.push('master.cf starts no postscreen: these lists refuse nobody today, so this is only shown');
  else if (action === 'ignore')
    notes.push(
      'postscreen_dnsbl_action is ignore (the default): these lists refuse nobody today, so this is only shown',
    );
  const map = parameters.text('postscreen_dnsbl_reply_map');
  if (map !== '')
    notes.push(
      `postscreen_dnsbl_reply_map = ${map}: not needed for keys, which Postern never shows; what else it renames belongs into lists: aliases:`,
    );
  const weights = parameters.text('postscreen_dnsbl_threshold');
  const allow =
    parameters.text('postscreen_dnsbl_allowlist_threshold') ||
    parameters.text('postscreen_dnsbl_whitelist_threshold');
  const permit = /^-[1-9]\d{0,5}$/.test(allow) ? Number(allow) : null;
  const keeps = permit === null ? [] : sites.flatMap(({ kept }) => kept ?? []);
  if (keeps.length > 0)
    notes.push(
      'postscreen_dnsbl_allowlist_threshold spares clients the tests that stay with postscreen: for that the sites with a negative weight stay there too',
    );
  return {
    score: {
      sites,
      reject: /^[1-9]\d{0,5}$/.test(weights) ? Number(weights) : 1,
      permit,
      reply:
        action === 'drop'
          ? '521 5.7.1 Service unavailable; client [%{client_address}] blocked using %{zone}'
          : null,
      spared: sparedBy(parameters, tables, notes),
      keeps,
      active: runs && action !== 'ignore' && sites.length > 0,
      notes,
      line: parameters.setting('postscreen_dnsbl_sites')?.line ?? 0,
    },
    staying,
  };
}
