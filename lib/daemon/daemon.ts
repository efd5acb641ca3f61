/** Owns Daemon: the parts of the service put together, from its start to its end. */

import { hostname } from 'node:os';
import type { Config } from '../config/config.ts';
import { listsOf } from '../config/list-checks.ts';
import type { OpenTables } from '../config/open-tables.ts';
import { controlPath, openControl, type ControlSocket } from '../control/control-socket.ts';
import { reportOf, type ListReport } from '../control/list-report.ts';
import type { Reloaded } from '../control/reloaded.ts';
import type { ServiceStatus } from '../control/service-status.ts';
import type { TopView } from '../control/top-view.ts';
import type { Resolver } from '../dns/resolver.ts';
import { formatProblem } from '../yaml/problem.ts';
import { loadConfig } from '../config/load-config.ts';
import { openMemoryStore } from '../greylist/memory-store.ts';
import type { Store } from '../greylist/store.ts';
import type { Event, Sink } from '../observe/event.ts';
import { Feed } from '../observe/feed.ts';
import { createLog } from '../observe/log.ts';
import type { LogOutput } from '../observe/log.ts';
import { createGate } from '../server/gate.ts';
import { headerSettings } from '../server/header-settings.ts';
import { Service } from '../server/service.ts';
import { systemdSockets } from '../server/systemd.ts';
import { VERSION } from '../version.ts';
import { greylistAnswers, lastWeek } from './greylist-answers.ts';
import { Lookups } from './lookups.ts';
import { sparedDescriptors } from './open-files.ts';
import { learningOf, policyOf } from './policy-of.ts';
import { openStore, storeName, told } from './store.ts';

/** A transaction that is under way when we are told to stop gets this long to end. */
const DRAIN_MS = 10_000;
/** Far above what one MTA opens (Postfix: default_process_limit 100), far below what memory allows. */
const MAX_CONNECTIONS = 5000;

const NO_TABLES: OpenTables = { tables: new Map(), problems: [], close: () => {} };

/** Tables that the policy names have errors: formatted lines, one each. */
export class BrokenTables extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('; '));
    this.problems = problems;
  }
}

export interface DaemonOptions {
  readonly configFile: string;
  /** The control socket lies there, whatever `store` says. */
  readonly stateDirectory: string;
  /** Milliseconds since 1970: just before the config was read. */
  readonly loadedMs: number;
  /** Decide and log, but let everything through, whatever the config says. */
  readonly observe: boolean;
  readonly output: LogOutput;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export class Daemon {
  readonly #options: DaemonOptions;
  readonly #service: Service;
  #config: Config;
  #store: Store = openMemoryStore();
  /** Of the store in use: a reload can't change it. */
  #storeName = 'memory';
  #write: Sink;
  readonly #feed = new Feed(Date.now);
  readonly #lookups: Lookups;
  /** Lets go of the tables and DNS lists of the configuration in use. */
  #letGo = (): void => {};
  #control: ControlSocket | null = null;
  /** Milliseconds since 1970: just before the config in use was read. */
  #loadedMs: number;
  /** Settled when no reload is under way: a signal and a command may come at once. */
  #reloading: Promise<unknown> = Promise.resolve();
  #stopping = false;
  #sessions = 0;
  readonly #sessionPrefix = Math.floor(Math.random() * 36 ** 4)
    .toString(36)
    .padStart(4, '0');

  private constructor(options: DaemonOptions, config: Config) {
    this.#options = options;
    this.#config = config;
    this.#loadedMs = options.loadedMs;
    this.#write = this.#log(config);
    this.#lookups = new Lookups(
      (change) => this.sink({ kind: 'list-changed', ...change }),
      (change) => this.sink({ kind: 'dns-silence', ...change }),
    );
    this.#service = new Service({
      sink: this.sink,
      maxConnections: Math.min(MAX_CONNECTIONS, sparedDescriptors()),
      systemdSockets: () => systemdSockets({ env: options.env, pid: process.pid }),
    });
  }

  /** Throws StartError (server/fault.ts), StoreError or BrokenTables, each with a message for the admin. */
  static async start(options: DaemonOptions, config: Config, warnings: readonly string[]): Promise<Daemon> {
    const daemon = new Daemon(options, config);
    for (const text of warnings) daemon.sink({ kind: 'config-warning', text });
    daemon.#storeName = storeName(config);
    daemon.#store = await openStore(config, (event) =>
      daemon.sink(told(event, daemon.#config.onStoreFailure)),
    );
    try {
      await daemon.#serve(config);
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
      observe: daemon.#observe(config),
    });
    return daemon;
  }

  readonly sink: Sink = (event: Event) => {
    this.#feed.take(event);
    this.#write(event);
  };

  /** Takes over the config file as it is now, or keeps the old one and says why. Never rejects. */
  reload(): Promise<Reloaded> {
    const reloaded = this.#reloading.then(() => this.#reload());
    this.#reloading = reloaded;
    return reloaded;
  }

  async #reload(): Promise<Reloaded> {
    const { configFile, stateDirectory } = this.#options;
    const loadedMs = Date.now();
    const loaded = loadConfig(configFile, stateDirectory);
    if (!loaded.ok) return this.#reloadFailed(loaded.problems.map(formatProblem));
    if (loaded.empty)
      return this.#reloadFailed([
        `${configFile}: there is nothing in it; for all defaults write one of them, such as observe: false`,
      ]);
    const { config } = loaded;
    let ofTables: readonly string[];
    try {
      ofTables = await this.#serve(config);
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
    if (this.#observe(config)) notes.push('observing only: everything is let through');
    this.#config = config;
    this.#loadedMs = loadedMs;
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
  async #serve(config: Config): Promise<readonly string[]> {
    const tables = await this.#openTables(config);
    const letGo = (): void => {
      tables.close();
      release();
    };
    const resolver = this.#lookups.resolver(config.dns);
    const release = this.#lookups.lists.hold(listsOf(config));
    try {
      await this.#serveWith(config, tables, resolver);
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
    this.#control = await openControl({
      path: controlPath(this.#options.stateDirectory),
      answers: {
        status: () => this.#status(),
        lists: () => this.#lists(),
        reload: () => this.reload(),
        top: () => this.#top(),
        ...greylistAnswers({
          store: this.#store,
          config: () => this.#config,
          sink: this.sink,
          now: Date.now,
        }),
      },
      sink: this.sink,
    });
    if (this.#stopping) this.#control?.close();
  }

  #status(): ServiceStatus {
    return {
      version: VERSION,
      pid: process.pid,
      uid: process.getuid?.() ?? 0,
      gid: process.getgid?.() ?? 0,
      config: this.#options.configFile,
      loaded: new Date(this.#loadedMs).toISOString(),
      observe: this.#observe(this.#config),
      store: this.#storeName,
      listening: this.#service.addresses,
      connections: this.#service.connections,
    };
  }

  /** In the order of the policy. */
  #lists(): readonly ListReport[] {
    const { announced } = this.#lookups.lists;
    return this.#lookups.figures().map((figures) => reportOf(figures, announced));
  }

  async #top(): Promise<TopView> {
    const nowMs = Date.now();
    const lists = this.#lists();
    return {
      nowMs,
      status: this.#status(),
      feed: this.#feed.view(),
      greylist: await lastWeek(this.#store, nowMs),
      out: lists.filter(({ state }) => state !== 'alive'),
      lists: lists.length,
    };
  }

  async #serveWith(config: Config, { tables }: OpenTables, resolver: Resolver): Promise<void> {
    const policy = policyOf(config, {
      store: this.#store,
      tables,
      resolver,
      lists: this.#lookups.lists,
      now: Date.now,
    });
    const filter = createGate({
      policy,
      authservId: config.authservId,
      hostName: hostname(),
      observe: this.#observe(config),
      headers: headerSettings(config),
      learning: learningOf(config, { store: this.#store, tables, now: Date.now }),
      sink: this.sink,
      now: Date.now,
      sessionId: () => `${this.#sessionPrefix}-${(this.#sessions++).toString(36)}`,
    });
    await this.#service.serve({
      filter,
      listen: config.listen,
      access: { mode: config.socketMode, owner: config.socketOwner },
    });
  }

  /** Throws BrokenTables. */
  async #openTables(config: Config): Promise<OpenTables> {
    if (config.tables.length + config.localDomains.tables.length === 0) return NO_TABLES;
    // Only now: what reads tables (re2js above all) takes memory that a policy without them need not.
    const { openTables } = await import('../config/open-tables.ts');
    const tables = await openTables(config, {
      onReread: (table, { problems, kept, entries }) =>
        this.sink({ kind: 'table-reread', table, problems: problems.map(formatProblem), kept, entries }),
    });
    const problems = tables.problems.map(formatProblem);
    if (tables.problems.some(({ severity }) => severity === 'error')) {
      tables.close();
      throw new BrokenTables(problems);
    }
    for (const text of problems) this.sink({ kind: 'config-warning', text });
    return tables;
  }

  #observe(config: Config): boolean {
    return this.#options.observe || config.observe;
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
