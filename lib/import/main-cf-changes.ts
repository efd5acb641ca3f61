/** Owns what is to be changed in main.cf once Postern runs: what to take out, and the lines as they read then. */

import { withoutKeys } from '../mail/secret-zone.ts';
import { isNotYetActive } from './not-yet.ts';
import { asWritten } from './open-name.ts';
import { isGreylist, type Placed } from './apportion.ts';
import type { Parameters } from './parameters.ts';
import type { Plan } from './plan.ts';

export interface Change {
  readonly name: string;
  /** `reject_rbl_client … (line 12)`; empty: something is only added. */
  readonly takenOut: readonly string[];
  readonly value: string;
  /** Something in it is not yet asked by this version: taken out now, nobody would ask it. */
  readonly later: boolean;
  /** Why it waits with the others, and what to do until then; null: that is plain. */
  readonly note: string | null;
}

export interface Milter {
  readonly port: number;
  /** As smtpd_milters has it. No blanks around `=`: smtpd would not start. */
  readonly change: Change | null;
  /** Something else has the usual port. */
  readonly notes: readonly string[];
}

/**
 * A greylister goes as soon as ours runs, or both delay; unless a whitelist before it spares nobody yet, so that ours
 * can't run either.
 */
export function restrictionChanges({ mainCf, lists }: Plan, parameters: Parameters): Change[] {
  return mainCf.flatMap(({ list, restrictions }): Change[] => {
    const gone = restrictions.filter(isChanged);
    const name = `smtpd_${list}_restrictions`;
    if (gone.length === 0 || parameters.setting(name) === null) return [];
    const later = restrictions.some(({ rule }) => rule !== null && isNotYetActive(rule));
    const greylisters = later ? restrictions.filter(isGreylist) : [];
    const entries = lists.find((each) => each.name === list)?.entries ?? [];
    const early = entries.find((each) => isGreylist(each) && each.early !== null)?.early ?? null;
    const change = (taken: readonly Placed[], left: readonly Placed[], when: boolean): Change => ({
      name,
      takenOut: taken.map(({ written, line }) => `${written} (line ${line})`),
      value: literal(remaining(left).join(', ')),
      later: when,
      note: null,
    });
    if (greylisters.length === 0) return [change(gone, restrictions, later)];
    if (early !== null)
      return [
        {
          ...change(gone, restrictions, true),
          note: `${greylisters[0]!.written} stays with them: greylist would delay those whom ${early.word} (line ${early.line}) spares. Until then run with observe: true, or write # before greylist; live at the same time, both delay, one after the other`,
        },
      ];
    const others = gone.filter((each) => !greylisters.includes(each));
    const untouched = restrictions.map((each) =>
      greylisters.includes(each) ? each : { ...each, place: 'stays' as const, kept: each.written },
    );
    return [change(greylisters, untouched, false), change(others, restrictions, true)];
  });
}

function isChanged({ place, written, kept }: Placed): boolean {
  return place === 'moves' || place === 'gone' || written !== kept;
}

/** `$names` have been replaced, but for open ones; what is left of `$` is itself. */
function literal(value: string): string {
  return asWritten(value.replaceAll('$', '$$$$'));
}

/** Classes of which nothing goes keep their name. */
function remaining(restrictions: readonly Placed[]): string[] {
  const broken = new Set(restrictions.filter(isChanged).map(({ within }) => within));
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
  return { port, change: { name: 'smtpd_milters', takenOut: [], value, later: false, note: null }, notes };
}

/** Null: it has a secret in it, or bytes that are no UTF-8, and can't be copied from what may be shown. */
export function postconfCommand({ name, value }: Change): string | null {
  const setting = `${name} = ${value}`;
  return withoutKeys(setting) === setting && !setting.includes('\ufffd')
    ? `postconf -e '${setting.replaceAll("'", "'\\''")}'`
    : null;
}
