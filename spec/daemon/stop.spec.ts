/** The end of the service: how long a message that is under way may take. */

import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import { loadConfig } from '../../lib/config/load-config.ts';
import { Daemon } from '../../lib/daemon/daemon.ts';
import { MtaSession } from '../../lib/milter/index.ts';
import { turns } from '../support/hand-clock.ts';
import { handTimers } from '../support/hand-timers.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const GRACE_MS = 10_000;

describe('A service that is told to stop', () => {
  const folder = temporaryFolder();
  const timers = handTimers();

  it('lets a message that is under way go on for ten seconds, then cuts it and says so', async () => {
    const configFile = join(folder(), 'postern.yaml');
    const path = join(folder(), 's');
    writeFileSync(configFile, `listen: unix:${path}\nstore: memory\nlog: { format: json }\n`);
    const loaded = loadConfig(configFile, folder());
    if (!loaded.ok) throw new Error(loaded.problems.map(({ what }) => what).join('; '));
    let log = '';
    const daemon = await Daemon.start(
      {
        configFile,
        stateDirectory: folder(),
        loadedMs: Date.now(),
        observe: false,
        output: { write: (line) => void (log += line) },
        env: {},
      },
      loaded.config,
      [],
    );
    const socket = connect(path);
    await once(socket, 'connect');
    let cut = false;
    const closed = once(socket, 'close').then(() => (cut = true));
    const mta = new MtaSession(socket);
    await mta.negotiate();
    await mta.send({ kind: 'connect', host: 'unknown', family: 'unknown', port: null, address: null });
    await mta.send({ kind: 'mail', sender: '<alice@example.net>', args: [] });
    await mta.send({ kind: 'rcpt', recipient: '<postmaster@example.org>', args: [] });

    timers.takeOver();
    const stopped = daemon.stop('SIGTERM');
    timers.clock.advance(GRACE_MS - 1);
    await turns();
    expect(cut).to.equal(false);
    timers.clock.advance(1);
    await closed;
    await stopped;
    const lines = log
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
    expect(lines.at(-1)).to.include({ event: 'stopped', cut: 1 });
  });
});
