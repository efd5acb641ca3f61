/** Owns Service: the listeners and the open connections, from start through reload to drain. */

import type { Socket } from 'node:net';
import { resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { ListenAddress } from '../config/address.ts';
import type { Clock } from '../lists/clock.ts';
import type { Connection, Filter } from '../milter/filter.ts';
import type { Sink } from '../observe/event.ts';
import { listen, listenOnDescriptor } from './listener.ts';
import type { Listener, Listening } from './listener.ts';
import { Tally } from './tally.ts';
import { regrantAccess } from './unix-socket.ts';
import type { SocketAccess } from './unix-socket.ts';

export interface Serving {
  /** Serves the connections that come from now on; those that are open keep the one they began with. */
  readonly filter: Filter;
  readonly listen: readonly ListenAddress[];
  readonly access: SocketAccess;
}

export interface ServiceOptions {
  readonly sink: Sink;
  /** Connections beyond it are closed at once: the MTA's default_action decides. */
  readonly maxConnections: number;
  readonly clock: Pick<Clock, 'after'>;
  /** Descriptors that systemd handed over; throws StartError if there are none. */
  systemdSockets(): readonly number[];
}

export class Service {
  readonly #options: ServiceOptions;
  #serving: Serving | null = null;
  readonly #listeners = new Map<string, Listener[]>();
  readonly #open = new Set<Connection>();
  readonly #refused: Tally;
  readonly #unused: Tally;
  #stopping = false;

  constructor(options: ServiceOptions) {
    const { sink, maxConnections, clock } = options;
    this.#options = options;
    this.#refused = new Tally(clock, (refused) =>
      sink({ kind: 'too-many-connections', limit: maxConnections, refused }),
    );
    this.#unused = new Tally(clock, (unused) => {
      const why = `nothing came over it, and its place was needed: not from an MTA? So far ${unused} such connections`;
      sink({ kind: 'connection-fault', session: null, why });
    });
  }

  get connections(): number {
    return this.#open.size;
  }

  /** As written in the config, with the real port where 0 was asked for. */
  get addresses(): string[] {
    return [...this.#listeners.values()].flat().map(({ address }) => address);
  }

  /**
   * Starts, or takes over a new configuration. Throws StartError if an address can't be had: then nothing has
   * changed, and what was served before goes on.
   */
  async serve(serving: Serving): Promise<void> {
    if (this.#stopping) return;
    const added = await this.#bindNew(serving);
    if (this.#isStopping()) {
      closeAll(added);
      return;
    }
    this.#serving = serving;
    const wanted = new Set(serving.listen.map(placeOf));
    for (const [place, listeners] of this.#listeners) {
      if (wanted.has(place)) continue;
      this.#listeners.delete(place);
      for (const listener of listeners) {
        void listener.close();
        this.#options.sink({ kind: 'listener-closed', address: listener.address });
      }
    }
    for (const [place, listeners] of added) {
      // Its socket was deleted under it.
      for (const old of this.#listeners.get(place) ?? []) void old.close();
      this.#listeners.set(place, listeners);
      for (const { address } of listeners) this.#options.sink({ kind: 'listening', address });
    }
  }

  /**
   * Takes no more connections, lets transactions finish for `graceMs`, then cuts the rest.
   * Returns how many were cut.
   */
  async drain(graceMs: number): Promise<number> {
    this.#stopping = true;
    this.#refused.close();
    this.#unused.close();
    closeAll(this.#listeners);
    this.#listeners.clear();
    const all = Promise.all([...this.#open].map((connection) => this.#finish(connection)));
    let timer: NodeJS.Timeout | undefined;
    const grace = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, graceMs);
    });
    await Promise.race([all, grace]);
    clearTimeout(timer);
    const cut = this.#open.size;
    for (const connection of this.#open) connection.destroy();
    return cut;
  }

  /** Asks a connection to close after its current transaction, at once if it has none. */
  #finish(connection: Connection): Promise<void> {
    connection.end();
    return connection.closed;
  }

  async #bindNew(serving: Serving): Promise<Map<string, Listener[]>> {
    const added = new Map<string, Listener[]>();
    try {
      for (const address of serving.listen) {
        const place = placeOf(address);
        if (this.#listeners.get(place)?.every((listener) => listener.isThere()) === true) {
          // The file is there already; its mode or owner may be new. To look up an owner takes a process.
          if (address.kind === 'unix' && !isDeepStrictEqual(serving.access, this.#serving?.access))
            regrantAccess(address.path, serving.access, this.#serving?.access.owner ?? null);
          continue;
        }
        const on: Listening = {
          access: serving.access,
          accept: (socket) => this.#accept(socket),
          fault: (at, why) => this.#options.sink({ kind: 'listener-fault', address: at, why }),
        };
        if (address.kind !== 'systemd') {
          added.set(place, [await listen(address, on)]);
          continue;
        }
        const listeners: Listener[] = [];
        added.set(place, listeners);
        for (const fd of this.#options.systemdSockets()) listeners.push(await listenOnDescriptor(fd, on));
      }
    } catch (error) {
      closeAll(added);
      throw error;
    }
    return added;
  }

  /** Asked anew after an await: a stop may have come meanwhile. */
  #isStopping(): boolean {
    return this.#stopping;
  }

  #accept(socket: Socket): void {
    if (this.#serving === null || this.#stopping) {
      socket.destroy();
      return;
    }
    if (this.#open.size >= this.#options.maxConnections && !this.#makesRoom()) {
      socket.destroy();
      this.#refused.add();
      return;
    }
    const connection = this.#serving.filter.serve(socket);
    this.#open.add(connection);
    this.#options.sink({ kind: 'connection-opened', open: this.#open.size });
    void connection.closed.then(() => {
      this.#open.delete(connection);
      this.#options.sink({ kind: 'connection-closed', open: this.#open.size });
    });
  }

  /** An MTA begins at once; who never does must not keep one out. The longest open first; false: all are in use. */
  #makesRoom(): boolean {
    for (const connection of this.#open) {
      if (!connection.unused) continue;
      this.#open.delete(connection);
      connection.destroy();
      this.#unused.add();
      return true;
    }
    return false;
  }
}

/** The same for all spellings of an address; port 0 is another port each time. */
function placeOf(address: ListenAddress): string {
  switch (address.kind) {
    case 'tcp':
      return `tcp ${address.port} ${address.host.toLowerCase()}`;
    case 'unix':
      return `unix ${resolve(address.path)}`;
    case 'systemd':
      return 'systemd';
  }
}

function closeAll(listeners: ReadonlyMap<string, readonly Listener[]>): void {
  for (const listener of [...listeners.values()].flat()) void listener.close();
}
