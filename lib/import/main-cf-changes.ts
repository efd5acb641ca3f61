/** Owns what is to be changed in main.cf once Postern runs: what to take out, and the lines as they read then. */

import { withoutKeys } from '../mail/secret-zone.ts';
import { isNotYetActive } from './not-yet.ts';
import { asWritten } from './open-name.ts';
import { isGreylist, type Placed } from './apportion.ts';
import type { Parameters } from './parameters.ts';
import { earlyGreylist, type Plan } from './plan.ts';

export interface Change {
  readonly name: string;
  /** `reject_rbl_client … (line 12)`; empty: something is only added. */
  readonly takenOut: readonly string[];
  readonly value: string;
  /** Something in it is not yet asked by this version: taken out now, nobody would ask it. */
  readonly later: boolean;
  /** What stays in another form. */
  readonly changed: readonly { readonly from: string; readonly to: string }[];
  /** Why something waits with the others, and what to do until then. */
  readonly notes: readonly string[];
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
    const early = earlyGreylist(entries);
    const change = (taken: readonly Placed[], left: readonly Placed[], when: boolean): Change => ({
      name,
      takenOut: taken.filter(isTakenOut).map(shown),
      changed: inOtherForm(left),
      value: literal(remaining(left).join(', ')),
      later: when,
      notes: when ? waiting(entries, taken) : [],
    });
    if (greylisters.length === 0) return [change(gone, restrictions, later)];
    const whole = change(gone, restrictions, true);
    if (early !== null)
      return [
        {
          ...whole,
          notes: [
            ...whole.notes,
            `${greylisters[0]!.written} stays with them: greylist would delay those whom ${early.word} (line ${early.line}) spares. Until then stay with observe: true, or write # before greylist; live at the same time, both delay, one after the other`,
          ],
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

/** Rules that are active wait with those of their list that are not. */
function waiting(entries: readonly Placed[], taken: readonly Placed[]): string[] {
  const active = taken.filter(({ rule, permits }) => rule !== null && !permits && !isNotYetActive(rule));
  const asleep = entries.find(({ rule }) => rule !== null && isNotYetActive(rule));
  const groups = new Map<string, string[]>();
  for (const each of active) {
    const early = entries.find((entry) => isSame(entry, each))?.early ?? null;
    const why =
      early !== null
        ? `behind the whitelist ${early.word} (line ${early.line}), which spares nobody yet`
        : asleep === undefined
          ? null
          : `in one list with ${asleep.word} (line ${asleep.line}): a list changes once, when all of it is active`;
    if (why !== null) groups.set(why, [...(groups.get(why) ?? []), shown(each)]);
  }
  return [...groups].map(
    ([why, rules]) =>
      `active already, and here because ${rules.length === 1 ? 'it stands' : 'they stand'} ${why}: ${rules.join(', ')}`,
  );
}

function isSame(a: Placed, b: Placed): boolean {
  return a.line === b.line && a.written === b.written;
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
    change: { name: 'smtpd_milters', takenOut: [], changed: [], value, later: false, notes: [] },
    notes,
  };
}

/** Null: it has a secret in it, or bytes that are no UTF-8, and can't be copied from what may be shown. */
export function postconfCommand({ name, value }: Change): string | null {
  const setting = `${name} = ${value}`;
  return withoutKeys(setting) === setting && !setting.includes('\ufffd')
    ? `postconf -e '${setting.replaceAll("'", "'\\''")}'`
    : null;
}
