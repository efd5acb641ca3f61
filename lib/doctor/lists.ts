/** Owns the examination of the DNS lists that the policy asks: their health, their patterns, their keys. */

import { accessSync, constants, readFileSync } from 'node:fs';
import type { ListSettings } from '../config/list-settings.ts';
import { quotedPath } from '../config/surroundings.ts';
import { listAdvice } from '../control/list-advice.ts';
import { shownList, type ListReport } from '../control/list-report.ts';
import type { ListSite } from '../lists/list-site.ts';
import { keyNameOf } from '../mail/secret-zone.ts';
import { sitesOf } from '../rules/rule-lists.ts';
import { note, ok, problem, warning, type Diagnosis } from './diagnosis.ts';
import type { Examination } from './examination.ts';
import type { Patient } from './patient.ts';

export const lists: Examination = {
  name: 'lists',
  async look(patient) {
    const sites = sitesOf(patient.config.policy);
    if (sites.length === 0) return [ok('the policy asks no DNS list')];
    const reports = await patient.lists();
    return [
      ...ofHealth(reports),
      ...[...new Map(sites.map((site) => [site.alias, site])).values()].flatMap((site) =>
        ofData(site, sites, patient),
      ),
      ...ofKeys(sites, patient),
    ];
  },
};

function ofHealth(reports: readonly ListReport[]): Diagnosis[] {
  const alive = reports.filter(({ state }) => state === 'alive');
  const ill = reports.filter(({ state }) => state !== 'alive');
  const told = ill.map((report) => {
    const { state, why } = report;
    const seen = `${shownList(report)} is ${state}${why === null ? '' : `: ${why}`}`;
    const advice = listAdvice(report);
    const cure = advice === null ? [] : [advice];
    return state === 'untested' ? note(seen, ...cure) : warning(`${seen}; it decides nothing`, ...cure);
  });
  if (alive.length === 0) return told;
  return [ok(`${alive.length} of ${reports.length} lists are alive`), ...told];
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
  const path = quotedPath(source.path);
  try {
    accessSync(source.path, constants.R_OK);
    if (readFileSync(source.path, 'utf8').trim() !== '') return null;
    return problem(
      `the file of the key \${${name}} is empty: ${source.path}`,
      `editor ${path}`,
      'postern reload',
    );
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EACCES')
      return note(`the file of the key \${${name}} is closed to us: ${source.path}; run this as root`);
    return problem(
      `the file of the key \${${name}} is not there: ${source.path}`,
      `editor ${path}`,
      'postern reload',
    );
  }
}
