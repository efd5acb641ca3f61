/** Owns patients for the specs of `postern doctor`: a machine in a folder, on which all is well but for what a spec says. */

import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readConfig } from '../../lib/config/read-config.ts';
import type { ServiceStatus } from '../../lib/control/service-status.ts';
import type { Diagnosis } from '../../lib/doctor/diagnosis.ts';
import type { Examination } from '../../lib/doctor/examination.ts';
import type { Patient } from '../../lib/doctor/patient.ts';
import { programsOn } from '../../lib/doctor/programs.ts';
import { VERSION } from '../../lib/version.ts';

/** `config`: lines of postern.yaml. */
export type Ills = Partial<Omit<Patient, 'config' | 'places'>> & {
  readonly config?: string;
  readonly places?: Partial<Patient['places']>;
};

/** Writes the config file. */
export function patientIn(folder: string, { config = '', places = {}, ...ills }: Ills = {}): Patient {
  const configFile = join(folder, 'postern.yaml');
  writeFileSync(configFile, config);
  const read = readConfig(config, configFile, { stateDirectory: folder });
  if (!read.ok) throw new Error(read.problems.map(({ what }) => what).join('; '));
  return {
    ...{ configFile, config: read.config, errors: [], warnings: [] },
    ...{ stateDirectory: folder, controlSocket: join(folder, 'control.sock'), env: {} },
    service: { kind: 'absent', why: 'no service of Postern answers at /control.sock' },
    lists: () => Promise.resolve([]),
    dnsServers: [],
    programs: programsOn(`${folder}/bin:${process.env['PATH']}`),
    nowMs: Date.now(),
    ...ills,
    places: {
      postfix: join(folder, 'postfix'),
      sendmailCf: join(folder, 'sendmail.cf'),
      resolvConf: join(folder, 'resolv.conf'),
      resolvedConf: join(folder, 'resolved.conf'),
      ...places,
    },
  };
}

/** A service that has just read `configFile`. */
export function running(configFile: string, differs: Partial<ServiceStatus> = {}): Patient['service'] {
  return {
    kind: 'answered',
    answer: {
      ...{ version: VERSION, pid: 4711, uid: process.getuid!(), gid: process.getgid!(), config: configFile },
      ...{ loaded: new Date(Date.now() + 1000).toISOString(), observe: false, store: 'memory' },
      ...{ storeTrouble: null, listening: [], connections: 0, ...differs },
    },
  };
}

/** A program of that name which comes before any other: a script for sh. */
export function program(folder: string, name: string, script: string): void {
  const bin = join(folder, 'bin');
  if (!existsSync(bin)) mkdirSync(bin);
  writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(bin, name), 0o755);
}

/** `warning smtpd_milters names …`, each with `; type: …` behind it if there is something to type. */
export async function findings(examination: Examination, patient: Patient): Promise<string[]> {
  return (await looked(examination, patient)).map(
    ({ severity, seen, cure }) =>
      `${severity} ${seen}${cure.length === 0 ? '' : `; type: ${cure.join(' && ')}`}`,
  );
}

async function looked(examination: Examination, patient: Patient): Promise<readonly Diagnosis[]> {
  return examination.look(patient, new AbortController().signal);
}
