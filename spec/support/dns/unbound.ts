/** Owns Unbound: a real caching resolver, as it runs beside a mail server, before the servers of DNS lists. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RealServer, type Place } from './real-server.ts';

export interface Upstream {
  readonly zones: readonly string[];
  readonly port: number;
}

export interface UnboundOptions {
  /** Whom it asks for which zones; it asks nobody else. */
  readonly upstream: readonly Upstream[];
  /** Records of its own, e.g. `x.example. 60 IN TXT "a" "b"`. */
  readonly localData?: readonly string[];
  /** Further lines of its section `server:`, such as `cache-max-negative-ttl: 5`. */
  readonly lines?: readonly string[];
}

export class Unbound {
  readonly #server: RealServer;

  private constructor(server: RealServer) {
    this.#server = server;
  }

  static async start(options: UnboundOptions, place: Place = {}): Promise<Unbound> {
    const server = await RealServer.start({
      place,
      program: 'unbound',
      args: (folder, port) => {
        const file = join(folder, 'unbound.conf');
        writeFileSync(file, configuration(folder, port, options));
        return ['-d', '-c', file];
      },
      ready: /start of service/,
    });
    return new Unbound(server);
  }

  get address(): string {
    return this.#server.address;
  }

  close(): Promise<void> {
    return this.#server.close();
  }
}

/** Debian's defaults, negative caching among them, but for what a private instance without root needs. */
function configuration(
  folder: string,
  port: number,
  { upstream, localData = [], lines = [] }: UnboundOptions,
): string {
  const server = [
    'username: ""',
    'chroot: ""',
    `directory: "${folder}"`,
    'pidfile: ""',
    'use-syslog: no',
    'logfile: ""',
    'verbosity: 1',
    `interface: 127.0.0.1@${port}`,
    'num-threads: 1',
    // The roots are not asked, so there is nothing to validate from, and no name that nobody told it of.
    'module-config: "iterator"',
    'do-not-query-localhost: no',
    'local-zone: "." static',
    ...upstream.flatMap(({ zones }) => zones.map((zone) => `local-zone: "${zone}." transparent`)),
    ...localData.map((record) => `local-data: '${record}'`),
    ...lines,
  ];
  const stubs = upstream.flatMap((each) =>
    each.zones.map((zone) => `stub-zone:\n  name: "${zone}."\n  stub-addr: 127.0.0.1@${each.port}`),
  );
  return `server:\n${server.map((line) => `  ${line}`).join('\n')}
remote-control:
  control-enable: no
${stubs.join('\n')}
`;
}
