/** Owns `import postfix` as a function: main.cf and what lies beside it → the text of a postern.yaml. No I/O of its own. */

import { classNames } from './restriction-list.ts';
import type { Circumstances } from './judge.ts';
import type { TableContext } from './access-table.ts';
import { milterChange, postscreenChange, restrictionChanges } from './main-cf-changes.ts';
import { readMainCf } from './main-cf.ts';
import { readMasterCf } from './master-cf.ts';
import { ownWays } from './own-ways.ts';
import { importLocalDomains } from './local-domains.ts';
import { importNetworks } from './own-networks.ts';
import { Parameters } from './parameters.ts';
import { plan, type Plan } from './plan.ts';
import type { PolicyService } from './policy-service.ts';
import { importPolicydSpf } from './policyd-spf.ts';
import { importPostgrey } from './postgrey.ts';
import { importPostscreen } from './postscreen.ts';
import { posternYaml } from './postern-yaml.ts';
import { RblReplies } from './rbl-reply.ts';
import { refusalOf, Refusals } from './refusal.ts';
import { remarksOn } from './remarks.ts';
import { summaryOf, wrongLines } from './summary.ts';
import { takenOver, type Section } from './section.ts';
import type { Sources } from './sources.ts';
import { TableContents } from './table-content.ts';
import { scalar } from './yaml-text.ts';
import { ZoneKeys } from './zone-keys.ts';

export interface Imported {
  readonly yaml: string;
  /** The lines of main.cf that Postfix itself would refuse, or does not know. */
  readonly wrong: readonly number[];
}

/** Null: the text is no main.cf, there is not one setting in it. Never throws. */
export function importPostfix(sources: Sources): Imported | null {
  const mainCf = readMainCf(sources.mainCf.text);
  if (mainCf.settings.size === 0) return null;
  const parameters = new Parameters(mainCf, sources.directory);
  const services = sources.masterCf === null ? null : readMasterCf(sources.masterCf.text);
  const found: PolicyService[] = [];
  const inTables = new Set<string>();
  const tables: TableContext = {
    readFile: sources.readFile,
    whyUnread: (path) => sources.whyUnread?.(path) ?? null,
    unknown:
      sources.piped === true
        ? 'tables are not opened when main.cf comes from a pipe'
        : 'the file could not be read here',
    onClass: (name) => void inTables.add(name),
    classes: classNames(parameters),
    contents: new TableContents(),
  };
  const circumstances: Circumstances = {
    parameters,
    tables,
    replies: new RblReplies(parameters, tables),
    refusals: new Refusals(),
    keys: new ZoneKeys(),
    services: services ?? [],
    onService: (service) => void found.push(service),
  };
  const postscreen = importPostscreen(parameters, services, tables, circumstances.keys);
  const planned = plan(circumstances, postscreen.score);
  const milter = milterChange(parameters);
  const networks = importNetworks(parameters, tables);
  const remarks = remarksOn(parameters, tables.classes, { writtenOut: planned.writtenOut, inTables });
  const notes = [...mainCf.notes, ...parameters.notes, ...planned.notes];
  const wrong = wrongLines(planned, notes, remarks, networks.wrong);
  const yaml = posternYaml({
    file: sources.mainCf.file,
    piped: sources.piped === true,
    summary: summaryOf(planned, services ?? []),
    wrong,
    networks,
    plan: planned,
    greylist: takenOver('greylist', greylistSection(planned, found, sources)),
    spf: has(planned, 'check_spf') ? takenOver('spf', importPolicydSpf(sources.policydSpf)) : null,
    settings: [
      importLocalDomains(parameters, tables),
      ...settingsOf(parameters, planned),
      ...keysOf(planned, circumstances.keys),
    ],
    postscreen,
    remarks,
    notes,
    ownWays: ownWays(sources.masterCf, parameters),
    milter,
    changes: [
      // First: what the others take out is asked by Postern then.
      ...(milter.change === null ? [] : [milter.change]),
      ...restrictionChanges(planned, parameters),
      ...(postscreen.score?.active === true ? [postscreenChange(postscreen.score)] : []),
    ],
  });
  return { yaml, wrong };
}

function has({ lists }: Plan, word: string): boolean {
  return lists.some(({ entries }) => entries.some(({ rule }) => rule?.text.split(' ').at(-1) === word));
}

function greylistSection(
  planned: Plan,
  services: readonly PolicyService[],
  { postgrey }: Sources,
): Section | null {
  if (!has(planned, 'greylist')) return null;
  if (services.some(({ kind }) => kind === 'postgrey')) {
    const section = importPostgrey(postgrey);
    return { ...section, notes: [...section.notes, ITS_LISTS] };
  }
  const name = services.find(({ kind }) => kind === 'greylister')?.name ?? 'the greylister';
  return {
    entries: [['delay', '5m']],
    notes: [`${name} has its times in a file of its own: compare them with these`],
  };
}

const ITS_LISTS =
  'the clients and recipients that postgrey spares, and whom it knows: postern import postgrey /var/lib/postgrey';

/** Keys that tell access tables how to look things up. */
function settingsOf(parameters: Parameters, planned: Plan): Section[] {
  const tables = planned.lists.some(({ entries }) =>
    entries.some(({ rule }) => rule?.text.includes('_access ')),
  );
  const sections: Section[] = [];
  const matching = parameters.setting('parent_domain_matches_subdomains');
  if (
    tables &&
    matching !== null &&
    !/\bsmtpd_access_maps\b/.test(parameters.text('parent_domain_matches_subdomains'))
  )
    sections.push({
      entries: [['parent_domain_matches_subdomains', 'false']],
      notes: [
        `line ${matching.line}: in tables only .example.com, not example.com, stands for a.example.com`,
      ],
    });
  const delimiter = parameters.text('recipient_delimiter');
  if (tables && delimiter !== '') {
    const refused = refusalOf(`recipient_delimiter: ${scalar(delimiter)}\n`);
    sections.push(
      refused === null
        ? { entries: [['recipient_delimiter', scalar(delimiter)]], notes: [] }
        : {
            entries: [],
            notes: [
              `recipient_delimiter = ${delimiter} is not taken over, and tables are asked for whole addresses alone: ${refused}`,
            ],
          },
    );
  }
  return sections;
}

function keysOf({ lists }: Plan, keys: ZoneKeys): Section[] {
  const rules = lists.flatMap(({ entries, score }) => [
    ...entries.flatMap(({ rule }) => rule?.text ?? []),
    ...(score?.active === true ? score.sites.map(({ text }) => text) : []),
  ]);
  const section = keys.section(rules);
  return section === null ? [] : [section];
}
