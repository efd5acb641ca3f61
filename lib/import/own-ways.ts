/** Owns the services of master.cf that have restrictions of their own, and what keeps Postern away from them. */

import type { NamedText } from './sources.ts';
import { asWritten } from './open-name.ts';
import type { Parameters } from './parameters.ts';
import { readMasterCf, type Service } from './master-cf.ts';

export interface OwnWays {
  readonly notes: readonly string[];
  /** To type once Postern stands in smtpd_milters, which is for all services. */
  readonly commands: readonly string[];
}

const OF_RESTRICTIONS =
  /^(?:smtpd_\w+_restrictions|smtpd_restriction_classes|smtpd_milters|mynetworks|smtpd_delay_reject)$/;

/** With these, the rules of main.cf are not those of the service. */
const OTHERS = /^(?:smtpd_\w+_restrictions|mynetworks)$/;

export function ownWays(masterCf: NamedText | null, parameters: Parameters): OwnWays {
  const milters = othersWithoutBlanks(parameters);
  if (masterCf === null)
    return {
      notes: [
        `master.cf was not read. smtpd_milters is for all its services: one with restrictions of its own (submission on 587, what a content filter gives back) would ask Postern, too. Keep each of them away, with its name there: postconf -P 'submission/inet/smtpd_milters=${milters}'`,
      ],
      commands: [],
    };
  const notes: string[] = [];
  const commands: string[] = [];
  for (const service of readMasterCf(masterCf.text)) {
    const told = service.overrides.filter(({ name }) => OF_RESTRICTIONS.test(name));
    if (told.length === 0) continue;
    const written = told.map(({ name, value }) => `-o ${name}=${value}`).join(' ');
    const said = `${masterCf.file} line ${service.line}: ${service.name} overrides main.cf with ${written}`;
    if (told.some(({ name }) => name === 'smtpd_milters'))
      notes.push(`${said}: left as it is; with milters of its own it does not ask Postern`);
    else if (hasNoMilters(service))
      notes.push(`${said}: left as it is; with no_milters it does not ask Postern`);
    else if (!told.some(({ name }) => OTHERS.test(name)) || service.command !== 'smtpd')
      notes.push(`${said}: left as it is; what comes in there asks Postern too`);
    else if (isFrontDoor(service))
      notes.push(
        `${said}: these were not read, and what comes in there asks Postern too: move them to main.cf and import again, or write what they do into the policy`,
      );
    else {
      notes.push(
        `${said}: the policy is not made for what comes in there, so that one of the commands at the end keeps Postern away from it`,
      );
      commands.push(
        `postconf -P '${`${service.name}/${service.type}/smtpd_milters=${milters}`.replaceAll("'", "'\\''")}'`,
      );
    }
  }
  return { notes, commands };
}

function hasNoMilters({ overrides }: Service): boolean {
  return overrides.some(
    ({ name, value }) => name === 'receive_override_options' && /\bno_milters\b/.test(value),
  );
}

/** Mail from everywhere comes in there, by itself or handed over by postscreen. */
function isFrontDoor({ name, type }: Service): boolean {
  return type === 'pass' || /(?:^|:)(?:smtp|25)$/.test(name);
}

/** The milters that main.cf has today; postconf -P takes no blanks in a value. */
function othersWithoutBlanks(parameters: Parameters): string {
  const others = parameters
    .text('smtpd_milters')
    .replace(/^\{\s*inet:127\.0\.0\.1:8891,\s*default_action=accept\s*\}[\s,]*/, '');
  return asWritten(others.replaceAll('$', '$$$$'))
    .replace(/([{}])/g, ' $1 ')
    .trim()
    .replace(/[\s,]+/g, ',')
    .replace(/\{,/g, '{')
    .replace(/,\}/g, '}')
    .replace(/,$/, '');
}
