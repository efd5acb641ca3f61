/** Owns the question whether the service may read what a start and a reload read: its config, and the tables this names. */

import { quotedPath } from '../shell-path.ts';
import { problem, type Diagnosis } from './diagnosis.ts';
import type { Patient } from './patient.ts';
import { closedFolder, may, READ, statOf, type User } from './rights.ts';

export function ofFiles({ config, configFile }: Patient, user: User): Diagnosis[] {
  const tables = [...config.tables, ...config.localDomains.tables].flatMap(({ source }) =>
    source.kind === 'file' ? [source.path] : [],
  );
  // Files of one folder, told of once; and one table may have several names: hash: and texthash:.
  const seen = new Set<string>();
  return [configFile, ...tables].flatMap((file) => {
    const closed = closedFolder(user, file);
    const inTheWay = closed ?? file;
    if (seen.has(inTheWay)) return [];
    seen.add(inTheWay);
    const stat = statOf(file);
    if (closed === null && (stat === null || may(user, stat, READ))) return [];
    const path = quotedPath(inTheWay);
    const what =
      file === configFile
        ? `may not read ${inTheWay}`
        : closed === null
          ? `may not read the table ${file}`
          : `may not enter ${closed}, where the table ${file} is`;
    return [
      problem(
        `user ${user.name}, who runs the service, ${what}: ${file === configFile ? 'a reload' : 'a start or a reload'} would fail`,
        // His own needs no other group, which would change nothing.
        closed === null && stat?.uid === user.uid
          ? `chmod u+r ${path}`
          : `chgrp ${user.name} ${path} && chmod g+${closed === null ? 'r' : 'x'} ${path}`,
      ),
    ];
  });
}
