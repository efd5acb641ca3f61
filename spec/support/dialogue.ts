/** Owns a Dialogue: SMTP commands as a client gives them, played to Postern's gate as Postfix would. */

import { compilePolicy } from '../../lib/config/compile-policy.ts';
import type { ListFiles } from '../../lib/config/list-files.ts';
import type { Config } from '../../lib/config/config.ts';
import { openTables } from '../../lib/config/open-tables.ts';
import type { Materials } from '../../lib/config/policy-checks.ts';
import { readConfig } from '../../lib/config/read-config.ts';
import type { Resolver } from '../../lib/dns/resolver.ts';
import type { Store } from '../../lib/greylist/store.ts';
import { parseAddress } from '../../lib/mail/network.ts';
import { parseSmtpCommand } from '../../lib/explain/smtp-command.ts';
import { SmtpSession, type Heard } from '../../lib/explain/smtp-session.ts';
import type { Offer } from '../../lib/milter/index.ts';
import type { Policy } from '../../lib/policy/policy.ts';
import type { Event } from '../../lib/observe/event.ts';
import { learningOf } from '../../lib/daemon/policy-of.ts';
import type { Learning } from '../../lib/server/learning.ts';
import { createGate } from '../../lib/server/gate.ts';
import type { decide } from '../../lib/policy/driver.ts';
import { headerSettings } from '../../lib/server/header-settings.ts';
import type { Table } from '../../lib/tables/table.ts';
import { NO_DNS, SOUND_LISTS } from './materials.ts';

export interface Stage {
  /** YAML of postern.yaml. */
  readonly config: string;
  readonly store: Pick<Store, 'judge'> & Partial<Pick<Store, 'revoke' | 'earned' | 'learn'>>;
  readonly now: () => number;
  /** True: the store learns too, as in the service. */
  readonly learns?: true;
  readonly sink: (event: Event) => void;
  readonly offer?: Offer;
  /** `{daemon_name}`. */
  readonly daemon?: string;
  /** Absent: nothing can be looked up. */
  readonly resolver?: Resolver;
  /** Absent: all are sound. */
  readonly lists?: Materials['lists'];
  /** In the place of the driver's. */
  readonly decide?: typeof decide;
}

export const MTA_NAME = 'mx.example.org';
export const HOST_NAME = 'host.example.org';

export function policyOn(
  { store, now, resolver = NO_DNS, lists = SOUND_LISTS }: Pick<Stage, 'store' | 'now' | 'resolver' | 'lists'>,
  config: Config,
  tables: ReadonlyMap<string, Table<string>>,
): Policy {
  const { delayMs, retryWindowMs, lifetimeMs, allowAfter, capMs, origins, ipv4Prefix, ipv6Prefix } =
    config.greylist;
  const timings = { delayMs, windowMs: retryWindowMs, lifetimeMs, allowAfter, capMs };
  return compilePolicy(config, {
    greylisting: { store, timings, origins, ipv4Prefix, ipv6Prefix, now },
    resolver,
    lists,
    own: { names: [MTA_NAME], addresses: [parseAddress('203.0.113.25')!] },
    tables,
  });
}

function learningOn(
  { store, now, sink }: Stage,
  config: Config,
  tables: ReadonlyMap<string, Table<string>>,
): Learning {
  const { revoke, earned, learn } = store;
  if (revoke === undefined || earned === undefined || learn === undefined)
    throw new Error('this store does not learn');
  return learningOf(config, {
    store: {
      revoke: (...args) => revoke.apply(store, args),
      earned: (...args) => earned.apply(store, args),
      learn: (...args) => learn.apply(store, args),
    },
    tables,
    now,
    sink,
  });
}

/** Every key of a list is its own name. */
export const KEYS: ListFiles = {
  read: (path) => ({ ok: true, text: /(\w+)\.key$/.exec(path)?.[1] ?? '' }),
  variable: () => undefined,
};

export class Dialogue {
  readonly #session: SmtpSession;

  /** Throws Error if the config is wrong, or a table that it names. */
  static async open(stage: Stage): Promise<Dialogue> {
    const loaded = readConfig(stage.config, 'given', { stateDirectory: '/nonexistent', files: KEYS });
    const problems = loaded.ok ? [] : loaded.problems;
    if (!loaded.ok)
      throw new Error(`the given lines are wrong: ${problems.map(({ what }) => what).join('; ')}`);
    const opened = await openTables(loaded.config, { onReread: () => {}, pollMs: 0 });
    const wrong = opened.problems.filter(({ severity }) => severity === 'error');
    if (wrong.length > 0)
      throw new Error(`the given tables are wrong: ${wrong.map(({ what }) => what).join('; ')}`);
    return new Dialogue(stage, loaded.config, opened.tables);
  }

  private constructor(stage: Stage, config: Config, tables: ReadonlyMap<string, Table<string>>) {
    let sessions = 0;
    const filter = createGate({
      policy: policyOn(stage, config, tables),
      authservId: config.authservId,
      hostName: HOST_NAME,
      observe: config.observe,
      headers: headerSettings(config),
      ...(stage.decide === undefined ? {} : { decide: stage.decide }),
      ...(stage.learns === true ? { learning: learningOn(stage, config, tables) } : {}),
      sink: stage.sink,
      now: stage.now,
      sessionId: () => `s${sessions++}`,
    });
    this.#session = new SmtpSession(filter, {
      mtaName: MTA_NAME,
      ...(stage.offer === undefined ? {} : { offer: stage.offer }),
      ...(stage.daemon === undefined ? {} : { daemon: stage.daemon }),
    });
  }

  /** Lets the client say one line; throws SyntaxError for what is none. */
  async says(line: string): Promise<Heard> {
    return this.#session.play(parseSmtpCommand(line));
  }

  /** Returns when the gate has seen it. */
  async goes(): Promise<void> {
    await this.#session.goes();
  }

  close(): void {
    this.#session.close();
  }
}
