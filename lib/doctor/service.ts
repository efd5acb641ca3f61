/** Owns the examination of the running service: is it there, is it this version, and does it know the config as it is now. */

import { posix } from 'node:path';
import { quotedPath } from '../shell-path.ts';
import { VERSION } from '../version.ts';
import { IF_ABSENT, type Asked } from '../control/ask.ts';
import type { ServiceStatus } from '../control/service-status.ts';
import { advice, note, ok, problem, warning, type Diagnosis } from './diagnosis.ts';
import type { Examination } from './examination.ts';
import type { Patient } from './patient.ts';
import { statOf } from './rights.ts';

export const service: Examination = {
  name: 'service',
  look(patient) {
    const { service: asked } = patient;
    switch (asked.kind) {
      case 'absent':
        return [ofAbsent(asked.why, patient)];
      case 'closed':
        return [note(asked.why)];
      case 'failed':
        return [warning(asked.why, 'systemctl restart postern')];
      case 'answered':
        return ofStatus(asked.answer, patient);
    }
  },
};

function ofAbsent(why: string, { controlSocket, configFile }: Patient): Diagnosis {
  const socket = statOf(controlSocket);
  const folder = statOf(posix.dirname(controlSocket));
  // As root leaves it who has tried the service by hand: its user may not even ask whether anybody listens there.
  if (socket?.isSocket() === true && folder !== null && socket.uid !== folder.uid)
    return problem(
      `${why}: ${IF_ABSENT}; the socket there is of user id ${socket.uid} and its directory of user id ${folder.uid}, whose service does not replace it`,
      `rm ${quotedPath(controlSocket)} && systemctl restart postern`,
    );
  return problem(
    `${why}: ${IF_ABSENT}`,
    `systemctl start postern    (or: postern run --config ${quotedPath(configFile)})`,
  );
}

/** Beside a config that can't be read: what goes on meanwhile, and what a restart would do. */
export function besideBroken(asked: Asked<ServiceStatus>, configFile: string): Diagnosis[] {
  switch (asked.kind) {
    case 'absent':
      return [problem(`${asked.why}: ${IF_ABSENT}; none can be started before this is mended`)];
    case 'closed':
    case 'failed':
      return [note(`${asked.why}; a restart before this is mended would leave mail unfiltered`)];
    case 'answered': {
      const { config, loaded } = asked.answer;
      if (config !== configFile) return [runs(asked.answer), ofAnother(config, configFile)];
      return [
        runs(asked.answer),
        warning(
          `it goes on with the config that it read at ${loaded}: a restart before this is mended leaves mail unfiltered, for the MTA then does with it what its default_action says`,
          advice('mend the config, then type: postern check && postern reload'),
        ),
      ];
    }
  }
}

function runs({ version, pid, config }: ServiceStatus): Diagnosis {
  return ok(`version ${version} runs, pid ${pid}, config ${config}`);
}

function ofAnother(config: string, looked: string): Diagnosis {
  return warning(
    `the service that runs has another config than the one looked at here, ${looked}`,
    'systemctl restart postern    (to run with this one, if its unit names it)',
    `postern doctor --config ${quotedPath(config)}    (to look at that one)`,
  );
}

function ofStatus(status: ServiceStatus, patient: Patient): Diagnosis[] {
  const { version, config, observe } = status;
  const { configFile } = patient;
  if (config !== configFile) return [runs(status), ofAnother(config, configFile)];
  return [
    runs(status),
    ...(version === VERSION
      ? []
      : [warning(`this is version ${VERSION}, and ${version} still runs`, 'systemctl restart postern')]),
    ...stale(status, patient),
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

/** The config, and what only a reload reads besides; tables are read again by themselves. */
function stale({ loaded }: ServiceStatus, { configFile, config }: Patient): Diagnosis[] {
  const { keys, dataFile } = config.lists;
  const keyFiles = [...keys.values()].flatMap((source) => (source.kind === 'file' ? [source.path] : []));
  const others = [...keyFiles, ...(dataFile === null ? [] : [dataFile])];
  const changes = [
    { file: configFile, changed: statOf(configFile)?.mtime },
    // Rights count too: a key that could not be read is read only then.
    ...others.map((file) => ({ file, changed: statOf(file)?.ctime })),
  ];
  return changes.flatMap(({ file, changed }) =>
    changed === undefined || changed.getTime() <= Date.parse(loaded)
      ? []
      : [
          warning(
            `${file} was changed at ${changed.toISOString()}, after the service read it (${loaded})`,
            'postern check && postern reload',
          ),
        ],
  );
}
