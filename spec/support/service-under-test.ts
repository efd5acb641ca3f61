/** Owns ServiceUnderTest: a running service with a folder and a database of its own, killed when its test ends. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { killedAfterwards } from './killed-afterwards.ts';
import { RunningPostern } from './program.ts';
import { visit } from './visit.ts';

export interface ServiceUnderTest {
  readonly configFile: string;
  readonly databaseFile: string;
  readonly service: RunningPostern;
  /** One message from alice@example.net to a recipient at example.org: what she is told at RCPT, null if he is taken. */
  readonly hears: (recipient: string) => Promise<string | null>;
}

export interface Wishes {
  /** Further lines of the config. */
  readonly settings?: string;
  /** Of the database; its own folder's if nothing is said. */
  readonly directory?: string;
}

/** Call inside a `describe`, before what is to be cleaned up after the service has ended. */
export function serviceUnderTest(folder: () => string): (wishes?: Wishes) => Promise<ServiceUnderTest> {
  const killed = killedAfterwards();
  return async ({ settings = '', directory = folder() } = {}) => {
    const configFile = join(folder(), 'postern.yaml');
    const databaseFile = join(directory, 'p.db');
    writeFileSync(
      configFile,
      `listen: unix:${folder()}/s\nstore: sqlite:${databaseFile}\nlog: { format: json }\n${settings}\n`,
    );
    const service = killed(await RunningPostern.start(configFile));
    return {
      configFile,
      databaseFile,
      service,
      hears: async (recipient) =>
        visit(await service.connect(), {
          client: '192.0.2.10',
          sender: '<alice@example.net>',
          recipient: `<${recipient}@example.org>`,
        }),
    };
  };
}
