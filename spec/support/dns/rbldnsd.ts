/** Owns Rbldnsd: the real name server of DNS lists, with zones as the operator of a list writes them. */

import { renameSync, utimesSync, writeFileSync } from 'node:fs';
import { Resolver } from 'node:dns/promises';
import { join } from 'node:path';
import { eventually } from '../mta/eventually.ts';
import { RealServer, type Place } from './real-server.ts';

/** rbldnsd(8), DATASET TYPES AND FORMATS. */
export type Dataset = 'ip4set' | 'ip4tset' | 'ip4trie' | 'ip6tset' | 'ip6trie' | 'dnset' | 'generic';

/** The lines of each dataset that a zone is made of; the start of authority is put before them. */
export type ListZone = Readonly<Partial<Record<Dataset, readonly string[]>>>;

/** What every list has (RFC 5782 §5), so that a line of it tells its test points. */
export const TEST_POINTS = {
  ip4set: ['127.0.0.2'],
  ip4tset: ['127.0.0.2'],
  ip6trie: ['::ffff:7f00:2'],
  dnset: ['test'],
} as const;

/** Of an ip4set that has gone mad: 0.0.0.0/0, which rbldnsd takes in this spelling only. */
export const THE_WORLD = ['0-255'] as const;

/** Seconds for which "not listed" may be kept, where the caller asks for nothing else; lists have from 10 to 600. */
const NEGATIVE_TTL = 30;

export class Rbldnsd {
  readonly #zones: ReadonlyMap<string, readonly Dataset[]>;
  readonly #negativeTtl: number;
  #server!: RealServer;
  #folder = '';
  /** Grows with each new content of a file: its serial number, and what its time of change is made of. */
  #serial = 1;

  private constructor(zones: Readonly<Record<string, ListZone>>, negativeTtl: number) {
    this.#zones = new Map(Object.entries(zones).map(([zone, sets]) => [zone, datasets(sets)]));
    this.#negativeTtl = negativeTtl;
  }

  static async start(
    zones: Readonly<Record<string, ListZone>>,
    place: Place = {},
    negativeTtl = NEGATIVE_TTL,
  ): Promise<Rbldnsd> {
    const rbldnsd = new Rbldnsd(zones, negativeTtl);
    rbldnsd.#server = await RealServer.start({
      place,
      program: 'rbldnsd',
      args: (folder, port) => {
        if (rbldnsd.#folder === '') {
          rbldnsd.#folder = folder;
          for (const [zone, content] of Object.entries(zones)) rbldnsd.#write(zone, content);
        }
        return ['-n', '-w', folder, '-b', `127.0.0.1/${port}`, '-c', '1s', ...rbldnsd.#arguments()];
      },
      ready: /rbldnsd version .* started/,
    });
    rbldnsd.#checkLines();
    return rbldnsd;
  }

  get address(): string {
    return this.#server.address;
  }

  get port(): number {
    return this.#server.port;
  }

  get zones(): readonly string[] {
    return [...this.#zones.keys()];
  }

  /** Replaces what a zone lists, and waits until that is what is answered. It keeps the datasets that it has. */
  async serve(zone: string, content: ListZone): Promise<void> {
    this.#serial += 1;
    this.#write(zone, content);
    this.#server.signal('SIGHUP');
    const dns = new Resolver({ timeout: 1000, tries: 2 });
    dns.setServers([this.address]);
    for (const dataset of this.#zones.get(zone)!)
      await eventually(`${zone} to be reread`, async () => {
        const { serial } = await dns.resolveSoa(fileZone(zone, dataset));
        return serial === this.#serial;
      });
    this.#checkLines();
  }

  /** No answer to anybody, until `speak`. */
  fallSilent(): void {
    this.#server.signal('SIGSTOP');
  }

  speak(): void {
    this.#server.signal('SIGCONT');
  }

  /** Nobody listens at its port any more, until `startAgain`. */
  kill(): Promise<void> {
    return this.#server.kill();
  }

  startAgain(): Promise<void> {
    return this.#server.startAgain();
  }

  close(): Promise<void> {
    return this.#server.close();
  }

  /** It goes on without a line that it does not understand. */
  #checkLines(): void {
    const fault = /rbldnsd: file .*/.exec(this.#server.printed)?.[0];
    if (fault !== undefined) throw new SyntaxError(fault);
  }

  /** Each file is a zone of its own too, for its serial number: a zone of two files has only that of the first. */
  #arguments(): string[] {
    return [...this.#zones].flatMap(([zone, sets]) =>
      sets.flatMap((dataset) => {
        const source = `${dataset}:${fileName(zone, dataset)}`;
        return [`${zone}:${source}`, `${fileZone(zone, dataset)}:${source}`];
      }),
    );
  }

  #write(zone: string, content: ListZone): void {
    for (const dataset of this.#zones.get(zone)!) {
      const lines = content[dataset];
      if (lines === undefined) throw new Error(`${zone}: nothing is said of its ${dataset}`);
      const file = join(this.#folder, fileName(zone, dataset));
      const authority = `$SOA 3600 ns.${zone} hostmaster.${zone} ${this.#serial} 600 300 86400 ${this.#negativeTtl}`;
      writeFileSync(`${file}.new`, `${[authority, `$NS 3600 ns.${zone}`, ...lines].join('\n')}\n`);
      // rbldnsd takes a file of the same second and the same length for the same.
      utimesSync(`${file}.new`, this.#serial, this.#serial);
      renameSync(`${file}.new`, file);
    }
  }
}

function datasets(zone: ListZone): Dataset[] {
  return Object.keys(zone) as Dataset[];
}

function fileName(zone: string, dataset: Dataset): string {
  return `${zone}.${dataset}`;
}

function fileZone(zone: string, dataset: Dataset): string {
  return `${dataset}.files.${zone}`;
}
