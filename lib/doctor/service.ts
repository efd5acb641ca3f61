/** Owns the examination of the running service: is it there, is it this version, and does it know the config as it is now. */

import { statSync } from 'node:fs';
import { quotedPath } from '../config/surroundings.ts';
import { VERSION } from '../version.ts';
import type { ServiceStatus } from '../control/service-status.ts';
import { note, ok, problem, warning, type Diagnosis } from './diagnosis.ts';
import type { Examination } from './examination.ts';
import type { Patient } from './patient.ts';

export const service: Examination = {
  name: 'service',
  look(patient) {
    const { service: asked, configFile } = patient;
    switch (asked.kind) {
      case 'absent':
        return [
          problem(
            `${asked.why}: mail is not guarded, or the service has its state in another directory`,
            `systemctl start postern    (or: postern run --config ${quotedPath(configFile)})`,
          ),
        ];
      case 'closed':
        return [note(asked.why)];
      case 'failed':
        return [warning(asked.why, 'systemctl restart postern')];
      case 'answered':
        return ofStatus(asked.answer, patient);
    }
  },
};

function ofStatus(status: ServiceStatus, patient: Patient): Diagnosis[] {
  const { version, pid, config, observe } = status;
  const { configFile } = patient;
  const runs = ok(`version ${version} runs, pid ${pid}, config ${config}`);
  if (config !== configFile)
    return [
      runs,
      warning(
        `the service that runs has another config than the one looked at here, ${configFile}`,
        `postern doctor --config ${quotedPath(config)}`,
      ),
    ];
  return [
    runs,
    ...(version === VERSION
      ? []
      : [warning(`this is version ${VERSION}, and ${version} still runs`, 'systemctl restart postern')]),
    ...stale(status, configFile),
    ...(observe
      ? [
          note(
            'it only observes: everything is let through',
            `in ${configFile} write: observe: false`,
            'postern reload',
          ),
        ]
      : []),
  ];
}

function stale({ loaded }: ServiceStatus, configFile: string): Diagnosis[] {
  const changed = statSync(configFile, { throwIfNoEntry: false })?.mtime;
  if (changed === undefined || changed.getTime() <= Date.parse(loaded)) return [];
  return [
    warning(
      `${configFile} was changed at ${changed.toISOString()}, after the service read it (${loaded})`,
      'postern check && postern reload',
    ),
  ];
}
