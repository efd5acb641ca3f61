/** Owns Patient: what there is to be examined, and from where. */

import type { Config } from '../config/config.ts';
import type { Asked } from '../control/ask.ts';
import type { ListReport } from '../control/list-report.ts';
import type { ServiceStatus } from '../control/service-status.ts';
import type { Programs } from './programs.ts';

export interface Patient {
  /** Absolute. */
  readonly configFile: string;
  readonly config: Config;
  /** Lines of `postern check`: what this machine lacks, without which the service does not start. */
  readonly errors: readonly string[];
  /** Those that are no errors. */
  readonly warnings: readonly string[];
  readonly stateDirectory: string;
  /** Where `service` was asked. */
  readonly controlSocket: string;
  readonly service: Asked<ServiceStatus>;
  /** By the word of the service, or else tested once; fulfils in bounded time. */
  lists(): Promise<readonly ListReport[]>;
  readonly dnsServers: 'system' | readonly string[];
  readonly places: Places;
  readonly programs: Programs;
  /** Of the keys of lists that are in the environment. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds since 1970. */
  readonly nowMs: number;
}

/** Where other programs have their files. */
export interface Places {
  /** With main.cf and master.cf; it need not be there. */
  readonly postfix: string;
  readonly sendmailCf: string;
  readonly resolvConf: string;
  /** Of systemd-resolved: the servers behind 127.0.0.53. */
  readonly resolvedConf: string;
}

/** The one that runs with this very config, as far as it can be told. */
export function ownService({ service, configFile }: Patient): ServiceStatus | null {
  return service.kind === 'answered' && service.answer.config === configFile ? service.answer : null;
}
