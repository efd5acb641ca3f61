/** Owns the examination of the DNS lists that the policy asks: their health, their patterns, their keys. */

import type { ListSettings } from '../config/list-settings.ts';
import { quotedPath } from '../shell-path.ts';
import { isUnproven, listAdvice, UNPROVEN } from '../control/list-advice.ts';
import { shownList, type ListReport } from '../control/list-report.ts';
import { OWN_RESOLVER } from '../lists/list-tests.ts';
import type { ListSite } from '../lists/list-site.ts';
import { keyNameOf } from '../mail/secret-zone.ts';
import { readRegularFile } from '../regular-file.ts';
import { sitesOf } from '../rules/rule-lists.ts';
import { advice, note, ok, problem, warning, type Diagnosis } from './diagnosis.ts';
import type { Examination } from './examination.ts';
import type { Patient } from './patient.ts';
import { listsAnswer } from './resolver.ts';

/** As the service reads it. */
const MOST_BYTES = 4096;

export const lists: Examination = {
  name: 'lists',
  async look(patient, signal) {
    const sites = sitesOf(patient.config.policy);
    if (sites.length === 0) return [ok('the policy asks no DNS list')];
    const reports = await patient.lists();
    return [
      ...ofHealth(reports, isRefused(reports) && (await isMended(patient, signal))),
      ...[...new Map(sites.map((site) => [site.alias, site])).values()].flatMap((site) =>
        ofData(site, sites, patient),
      ),
      ...ofKeys(sites, patient),
    ];
  },
};

/** Whether a resolver of one's own would be the advice for one of them. */
function isRefused(reports: readonly ListReport[]): boolean {
  return reports.some(wantsResolver);
}

function wantsResolver({ state, instead }: ListReport): boolean {
  return state === 'blind' && (instead === null || instead === OWN_RESOLVER);
}

/** The resolver is good, so far as it can be seen; a file that can't be read says nothing. */
async function isMended(patient: Patient, signal: AbortSignal): Promise<boolean> {
  try {
    return await listsAnswer(patient, signal);
  } catch {
    return false;
  }
}

const MENDED =
  'nothing at the resolver, which Spamhaus answers: this list is tested again within 5 minutes, or at once after systemctl restart postern; if it stays so, it refuses you for a reason of its own (its web site says which)';

function ofHealth(reports: readonly ListReport[], mended: boolean): Diagnosis[] {
  const alive = reports.filter(({ state }) => state === 'alive');
  const ill = reports.filter(({ state }) => state !== 'alive');
  const told = ill.map((report) => {
    const { state, why } = report;
    const seen = `${shownList(report)} is ${state}${why === null ? '' : `: ${why}`}`;
    const todo = mended && wantsResolver(report) ? MENDED : listAdvice(report);
    const cure = todo === null ? [] : [advice(todo)];
    return state === 'untested' ? note(seen, ...cure) : warning(`${seen}; it decides nothing`, ...cure);
  });
  if (alive.length === 0) return told;
  const unproven = alive.filter(isUnproven).map(({ list }) => list);
  return [
    ok(
      reports.length === 1 ? 'the one list is alive' : `${alive.length} of ${reports.length} lists are alive`,
    ),
    ...(unproven.length === 0 ? [] : [note(`${unproven.join(', ')}: ${UNPROVEN}`)]),
    ...told,
  ];
}

/** By the data file: what it is known for. */
function ofData(
  { alias, zone }: ListSite,
  sites: readonly ListSite[],
  { config, configFile }: Patient,
): Diagnosis[] {
  const known = config.knownLists.find(zone);
  if (known?.state === 'dead') {
    const since = known.since === null ? '' : ` since ${known.since}`;
    return [
      problem(
        `${alias} is dead${since}${known.terms === null ? '' : ` (${known.terms})`}`,
        `in ${configFile} take ${alias} out of policy:`,
      ),
    ];
  }
  const bare = sites.some((site) => site.alias === alias && site.pattern === null);
  const pattern = known === null || known.kind === 'mixed' ? null : (known.refuse ?? known.permit);
  return [
    ...(known?.state === 'uncertain'
      ? [note(`whether ${alias} still answers is not established`, `in ${configFile} take it out of policy:`)]
      : []),
    ...(bare && known !== null
      ? [
          warning(
            `${alias} has no pattern: an answer that means an error may count as a listing`,
            pattern === null ? 'postern check' : `in ${configFile} write: ${alias}=${pattern}`,
          ),
        ]
      : []),
  ];
}

function ofKeys(sites: readonly ListSite[], { config, env }: Patient): Diagnosis[] {
  const names = new Set(sites.flatMap(({ zone }) => keyNameOf(zone)?.toLowerCase() ?? []));
  return [...names].flatMap((name) => keyTrouble(name, config.lists, env) ?? []);
}

function keyTrouble(name: string, { keys }: ListSettings, env: Patient['env']): Diagnosis | null {
  const source = keys.get(name);
  if (source === undefined) return problem(`nothing says where the key \${${name}} is`, 'postern check');
  if (source.kind === 'environment')
    return env[source.variable] === undefined
      ? note(
          `the key \${${name}} is in the environment of the service (${source.variable}), which can't be seen from here`,
        )
      : null;
  const cure = [`editor ${quotedPath(source.path)}`, 'postern reload'];
  const read = readRegularFile(source.path, MOST_BYTES);
  if (read.ok) {
    if (read.text.trim() !== '') return null;
    return problem(`the file of the key \${${name}} is empty: ${source.path}`, ...cure);
  }
  switch (read.why) {
    case 'missing':
      return problem(`the file of the key \${${name}} is not there: ${source.path}`, ...cure);
    case 'not a file':
      return problem(`what should be the file of the key \${${name}} is no file: ${source.path}`, ...cure);
    case 'too large':
      return problem(`the file of the key \${${name}} is too large for a key: ${source.path}`, ...cure);
    case 'not readable':
      return note(`the file of the key \${${name}} is closed to us: ${source.path}; run this as root`);
  }
}
