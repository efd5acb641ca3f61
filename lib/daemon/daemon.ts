/** Owns Daemon: the parts of the service put together, from its start to its end. */

import type { Config } from '../config/config.ts';
import { listsOf } from '../config/list-checks.ts';
import { loadConfig } from '../config/load-config.ts';
import type { Machine } from '../config/surroundings.ts';
import { controlPath, openControl, type ControlSocket } from '../control/control-socket.ts';
import type { Reloaded } from '../control/reloaded.ts';
import { openMemoryStore } from '../greylist/memory-store.ts';
import type { Store, StoreEvent } from '../greylist/store.ts';
import { systemClock } from '../lists/clock.ts';
import type { Event, Sink } from '../observe/event.ts';
import { BurstMemory } from '../give-back.ts';
import { Feed } from '../observe/feed.ts';
import { createLog, type LogOutput } from '../observe/log.ts';
import { Service } from '../server/service.ts';
import { systemdSockets } from '../server/systemd.ts';
import { VERSION } from '../version.ts';
import { formatProblem } from '../yaml/problem.ts';
import { filterOf, sessionIds } from './filter-of.ts';
import { greylistAnswers } from './greylist-answers.ts';
import { Lookups } from './lookups.ts';
import { sparedDescriptors } from './open-files.ts';
import { serviceAnswers, type InUse, type ServiceTrouble } from './service-answers.ts';
import { openStore, storeName, told } from './store.ts';
import { BrokenTables, tablesOf } from './tables-of.ts';

/** A transaction that is under way when we are told to stop gets this long to end. */
const DRAIN_MS = 10_000;
/** Far above what one MTA opens (Postfix: default_process_limit 100), far below what memory allows. */
const MAX_CONNECTIONS = 5000;

export interface DaemonOptions {
  readonly configFile: string;
  /** The control socket lies there, whatever `store` says. */
  readonly stateDirectory: string;
  /** Milliseconds since 1970: just before the config was read. */
  readonly loadedMs: number;
  /** Decide and log, but let everything through, whatever the config says. */
  readonly observe: boolean;
  readonly output: LogOutput;
  /** Given, a reload finds what the next start would fail of. */
  readonly machine?: Machine;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export class Daemon {
  readonly #options: DaemonOptions;
  readonly #service: Service;
  readonly #sessionId = sessionIds();
  #inUse: InUse;
  #store: Store = openMemoryStore();
  /** Of the store in use: a reload can't change it. */
  #storeName = 'memory';
  #trouble: ServiceTrouble | null = null;
  #write: Sink;
  readonly #feed = new Feed(Date.now);
  readonly #memory = new BurstMemory();
  readonly #lookups: Lookups;
  /** Lets go of the tables and DNS lists of the configuration in use. */
  #letGo = (): void => {};
  #control: ControlSocket | null = null;
  /** Settled when no reload is under way: a signal and a command may come at once. */
  #reloading: Promise<unknown> = Promise.resolve();
  #stopping = false;

  private constructor(options: DaemonOptions, config: Config) {
    this.#options = options;
    this.#inUse = this.#inUseOf(config, options.loadedMs);
    this.#write = this.#log(config);
    this.#lookups = new Lookups(
      (change) => this.sink({ kind: 'list-changed', ...change }),
      (change) => this.sink({ kind: 'dns-silence', ...change }),
    );
    this.#service = new Service({
      sink: this.sink,
      maxConnections: Math.min(MAX_CONNECTIONS, sparedDescriptors()),
      clock: systemClock,
      systemdSockets: () => systemdSockets({ env: options.env, pid: process.pid }),
    });
  }

  /** Throws StartError (server/fault.ts), StoreError or BrokenTables, each with a message for the admin. */
  static async start(options: DaemonOptions, config: Config, warnings: readonly string[]): Promise<Daemon> {
    const daemon = new Daemon(options, config);
    for (const text of warnings) daemon.sink({ kind: 'config-warning', text });
    daemon.#storeName = storeName(config);
    daemon.#store = await openStore(config, (event) => daemon.#heard(event));
    try {
      await daemon.#serve(daemon.#inUse);
    } catch (error) {
      await daemon.#store.close();
      throw error;
    }
    await daemon.#openControl();
    daemon.sink({
      kind: 'started',
      version: VERSION,
      pid: process.pid,
      config: options.configFile,
      store: storeName(config),
      observe: daemon.#inUse.observe,
    });
    return daemon;
  }

  readonly sink: Sink = (event: Event) => {
    this.#feed.take(event);
    this.#write(event);
    this.#memory.used();
  };

  #heard(event: StoreEvent): void {
    if (event.kind === 'trouble') this.#trouble = { why: event.why, since: new Date().toISOString() };
    if (event.kind === 'recovered') this.#trouble = null;
    this.sink(told(event, this.#inUse.config));
  }

  /** Takes over the config file as it is now, or keeps the old one and says why. Never rejects. */
  reload(): Promise<Reloaded> {
    const reloaded = this.#reloading.then(() => this.#reload());
    this.#reloading = reloaded;
    return reloaded;
  }

  async #reload(): Promise<Reloaded> {
    const { configFile, stateDirectory, machine } = this.#options;
    const loadedMs = Date.now();
    // With what this machine lacks: a config with which the next start would fail is not taken, though this one could go on.
    const loaded = loadConfig(configFile, stateDirectory, machine);
    if (!loaded.ok) return this.#reloadFailed(loaded.problems.map(formatProblem));
    if (loaded.empty)
      return this.#reloadFailed([
        `${configFile}: there is nothing in it; for all defaults write one of them, such as observe: false`,
      ]);
    const { config } = loaded;
    const next = this.#inUseOf(config, loadedMs);
    let ofTables: readonly string[];
    try {
      ofTables = await this.#serve(next);
    } catch (error) {
      return this.#reloadFailed(
        error instanceof BrokenTables
          ? error.problems
          : [error instanceof Error ? error.message : String(error)],
      );
    }
    const notes = loaded.warnings.map(formatProblem);
    // Told to stop meanwhile: nothing was bound, and nothing is to be said of it in the log.
    if (this.#stopping) return { ok: false, config: configFile, told: ['the service is stopping'] };
    if (storeName(config) !== this.#storeName) notes.push(`store: ${this.#storeName} until a restart`);
    if (next.observe) notes.push('observing only: everything is let through');
    this.#inUse = next;
    this.#write = this.#log(config);
    this.sink({ kind: 'reloaded', config: configFile, notes });
    if (this.#control?.isThere() !== true) await this.#openControl();
    return { ok: true, config: configFile, told: [...ofTables, ...notes] };
  }

  /** Stops listening, lets transactions end, closes the store. */
  async stop(why: string): Promise<void> {
    this.#stopping = true;
    this.sink({ kind: 'stopping', why, connections: this.#service.connections });
    this.#control?.close();
    const cut = await this.#service.drain(DRAIN_MS);
    this.#letGo();
    this.#lookups.close();
    await this.#store.close();
    this.sink({ kind: 'stopped', cut });
  }

  /** Returns the warnings of its tables. Throws StartError or BrokenTables. */
  async #serve({ config, observe }: InUse): Promise<readonly string[]> {
    const { sink } = this;
    const tables = await tablesOf(config, sink);
    const letGo = (): void => {
      tables.close();
      release();
    };
    const resolver = this.#lookups.resolver(config.dns);
    const release = this.#lookups.lists.hold(listsOf(config));
    try {
      const filter = filterOf(config, {
        ...{ store: this.#store, tables: tables.tables, resolver, lists: this.#lookups.lists },
        ...{ observe, sink, now: Date.now, sessionId: this.#sessionId },
      });
      await this.#service.serve({
        filter,
        listen: config.listen,
        access: { mode: config.socketMode, owner: config.socketOwner },
      });
    } catch (error) {
      letGo();
      throw error;
    }
    this.#lookups.take(config.dns);
    this.#letGo();
    this.#letGo = letGo;
    return tables.problems.map(formatProblem);
  }

  /** Again after a reload that finds its file gone. */
  async #openControl(): Promise<void> {
    this.#control?.close();
    const { configFile, stateDirectory } = this.#options;
    const common = { store: this.#store, now: Date.now };
    this.#control = await openControl({
      path: controlPath(stateDirectory),
      answers: {
        reload: () => this.reload(),
        ...serviceAnswers({
          ...common,
          ...{ configFile, inUse: () => this.#inUse, storeName: this.#storeName },
          trouble: () => this.#trouble,
          ...{ service: this.#service, lookups: this.#lookups, feed: this.#feed },
        }),
        ...greylistAnswers({ ...common, config: () => this.#inUse.config, sink: this.sink }),
      },
      sink: this.sink,
    });
    if (this.#stopping) this.#control?.close();
  }

  #inUseOf(config: Config, loadedMs: number): InUse {
    return { config, loadedMs, observe: this.#options.observe || config.observe };
  }

  #log(config: Config): Sink {
    // Under systemd the journal writes the time.
    const timestamps = this.#options.env['JOURNAL_STREAM'] === undefined;
    return createLog({ ...config.log, timestamps }, this.#options.output);
  }

  #reloadFailed(problems: readonly string[]): Reloaded {
    const { configFile } = this.#options;
    this.sink({ kind: 'reload-failed', config: configFile, problems });
    return { ok: false, config: configFile, told: problems };
  }
}
