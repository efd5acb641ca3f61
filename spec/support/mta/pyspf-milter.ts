/** Owns PyspfMilter: Debian's pyspf-milter in a private network, with the settings that it is given. */

import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { eventually } from './eventually.ts';
import type { PrivateNetwork } from './private-network.ts';
import { RECEIVER } from './spf-session.ts';
import { stopProgram } from './stop-program.ts';

/** Lines of policyd-spf.conf(5), which both peers read: `{ HELO_reject: 'Fail' }`. */
export type SpfEngineSettings = Readonly<Record<string, string>>;

export const SPF_PEERS = ['pyspf-milter', 'policyd-spf'];
export const SPF_PEERS_CURE = 'apt-get install pyspf-milter python3-spf-engine postfix-policyd-spf-python';

const NOBODY = '203.0.113.254';

/** Writes the peers' config file; nobody is skipped, and a lookup is given up after a second. */
export function spfEngineConfig(file: string, settings: SpfEngineSettings): void {
  const lines = {
    // 0 only logs.
    TestOnly: '1',
    debugLevel: '0',
    // With none at all it fails.
    skip_addresses: `${NOBODY}/32`,
    Lookup_Time: '1',
    Authserv_Id: RECEIVER,
    ...settings,
  };
  writeFileSync(
    file,
    Object.entries(lines)
      .map(([name, value]) => `${name} = ${value}\n`)
      .join(''),
  );
}

/** `name`: of its files in `folder`; `port`: of 127.0.0.1, instead of a unix socket. Gives the config file. */
export function pyspfConfig(
  folder: string,
  name: string,
  settings: SpfEngineSettings,
  port: number | null = null,
): string {
  const file = join(folder, `${name}.conf`);
  spfEngineConfig(file, {
    ...settings,
    Socket: port === null ? `local:${socketOf(folder, name)}` : `inet:${port}@127.0.0.1`,
    // It ends if that file is there.
    PidFile: join(folder, `${name}.pid`),
    UserID: 'root',
    // Of these it takes everything, and 127.0.0.1 is what they are if nothing is said.
    InternalHosts: NOBODY,
  });
  return file;
}

export function socketOf(folder: string, name: string): string {
  return join(folder, `${name}.sock`);
}

export class PyspfMilter {
  /** Its socket. */
  readonly path: string;
  readonly #program: ChildProcessWithoutNullStreams;

  private constructor(path: string, program: ChildProcessWithoutNullStreams) {
    this.path = path;
    this.#program = program;
  }

  /** Waits until it takes connections. */
  static async start(
    network: PrivateNetwork,
    name: string,
    settings: SpfEngineSettings,
  ): Promise<PyspfMilter> {
    const path = socketOf(network.folder, name);
    const program = network.start('pyspf-milter', [pyspfConfig(network.folder, name, settings)]);
    let printed = '';
    program.stderr.on('data', (chunk: Buffer) => (printed += chunk.toString()));
    await eventually('pyspf-milter to listen', () => {
      if (program.exitCode !== null) throw new Error(`pyspf-milter did not start: ${printed}`);
      return isListening(path);
    });
    return new PyspfMilter(path, program);
  }

  /** libmilter looks every five seconds only whether it should end. */
  async stop(): Promise<void> {
    await stopProgram(this.#program, 'SIGKILL');
  }
}

function isListening(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(path, () => {
      probe.destroy();
      resolve(true);
    });
    probe.on('error', () => resolve(false));
  });
}
