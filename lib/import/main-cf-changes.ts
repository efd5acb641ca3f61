/** Owns what is to be changed in main.cf once Postern runs: what to take out, and the lines as they read then. */

import { asWritten } from './open-name.ts';
import type { Placed } from './apportion.ts';
import type { Parameters } from './parameters.ts';
import type { Plan } from './plan.ts';
import type { Score } from './postscreen.ts';
import { unkeyed } from '../mail/secret-zone.ts';

export interface Change {
  readonly name: string;
  /** `reject_rbl_client … (line 12)`; empty: something is only added. */
  readonly takenOut: readonly string[];
  readonly value: string;
  /** What stays in another form. */
  readonly changed: readonly { readonly from: string; readonly to: string }[];
}

export interface Milter {
  readonly port: number;
  /** As smtpd_milters has it. No blanks around `=`: smtpd would not start. */
  readonly change: Change | null;
  /** Something else has the usual port. */
  readonly notes: readonly string[];
}

export function restrictionChanges({ mainCf }: Plan, parameters: Parameters): Change[] {
  return mainCf.flatMap(({ list, restrictions }): Change[] => {
    const name = `smtpd_${list}_restrictions`;
    if (!restrictions.some(isChanged) || parameters.setting(name) === null) return [];
    return [
      {
        name,
        takenOut: restrictions.filter(isTakenOut).map(shown),
        changed: inOtherForm(restrictions),
        value: literal(remaining(restrictions).join(', ')),
      },
    ];
  });
}

function isChanged({ place, written, kept }: Placed): boolean {
  return place === 'moves' || place === 'gone' || written !== kept;
}

function isTakenOut({ place }: Placed): boolean {
  return place === 'moves' || place === 'gone';
}

/** `heavy (line 48): reject_unknown_client_hostname`: what main.cf has there is the name of the class. */
function shown({ written, line, within }: Placed): string {
  return within === null ? `${written} (line ${line})` : `${within.name} (line ${within.line}): ${written}`;
}

/** Restrictions that were dangerous, and classes of which only a part stays. */
function inOtherForm(restrictions: readonly Placed[]): { from: string; to: string }[] {
  const staying = restrictions.filter((each) => !isTakenOut(each));
  const single = staying
    .filter(({ within, written, kept }) => within === null && written !== kept)
    .map((each) => ({ from: shown(each), to: each.kept }));
  const classes = [...brokenClasses(restrictions)].flatMap((within) => {
    const left = staying.filter((each) => within !== null && each.within === within);
    return within === null || left.length === 0
      ? []
      : [{ from: `${within.name} (line ${within.line})`, to: left.map(({ kept }) => kept).join(', ') }];
  });
  return [...single, ...classes];
}

function brokenClasses(restrictions: readonly Placed[]): ReadonlySet<Placed['within']> {
  return new Set(restrictions.filter(isChanged).map(({ within }) => within));
}

/** `$names` have been replaced, but for open ones; what is left of `$` is itself. */
function literal(value: string): string {
  return asWritten(value.replaceAll('$', '$$$$'));
}

/** Classes of which nothing goes keep their name. */
function remaining(restrictions: readonly Placed[]): string[] {
  const broken = brokenClasses(restrictions);
  const written: string[] = [];
  let last: Placed['within'] = null;
  for (const { place, within, kept: text } of restrictions) {
    if (place === 'moves' || place === 'gone') continue;
    if (within === null || broken.has(within)) written.push(text);
    else if (within !== last) written.push(within.name);
    last = within;
  }
  return written;
}

/** The whitelists that postscreen goes on needing stay, in their safe form. */
export function postscreenChange({ line, keeps }: Score): Change {
  const all = keeps.length === 0 ? 'all of it' : 'all of it but the sites with a negative weight';
  return {
    name: 'postscreen_dnsbl_sites',
    takenOut: [`${all} (line ${line})`],
    changed: [],
    value: literal(keeps.join(', ')),
  };
}

/** The usual port first; 8892 is for Postern's own status page, 8893 OpenDMARC's. */
const PORTS = [8891, 8894, 8895, 8896, 8897];

export function milterChange(parameters: Parameters): Milter {
  const others = parameters.text('smtpd_milters').replace(/[\s,]+$/, '');
  if (/^\{\s*inet:127\.0\.0\.1:8891,\s*default_action=accept\b/.test(others))
    return { port: 8891, change: null, notes: [] };
  const used = `${others} ${parameters.text('non_smtpd_milters')}`;
  const port = PORTS.find((each) => !new RegExp(`\\b${each}\\b`).test(used)) ?? PORTS[0]!;
  const notes =
    port === PORTS[0]
      ? []
      : [`port 8891 is taken by a milter of main.cf (OpenDKIM likes it too): Postern listens on ${port}`];
  const own = `{ inet:127.0.0.1:${port}, default_action=accept }`;
  const value = others === '' ? own : `${own}, ${literal(others)}`;
  if (others !== '')
    notes.push(
      `the milters that main.cf has stay as they are, behind Postern, which must be the first: ${others}`,
    );
  return {
    port,
    change: { name: 'smtpd_milters', takenOut: [], changed: [], value },
    notes,
  };
}

/** Null: it has a secret in it, or bytes that are no UTF-8, and can't be copied from what may be shown. */
export function postconfCommand({ name, value }: Change): string | null {
  const setting = `${name} = ${value}`;
  return unkeyed(setting) === setting && !setting.includes('\ufffd')
    ? `postconf -e '${setting.replaceAll("'", "'\\''")}'`
    : null;
}
