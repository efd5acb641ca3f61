/** Owns the facts of one SMTP session, stage by stage: a check of a stage can read no later one's facts. */

import { parseAddress, type Address } from './network.ts';
import type { Mailbox } from './mailbox.ts';

export type Stage = 'connect' | 'helo' | 'mail' | 'rcpt';

/** The remote SMTP host. */
export interface Client {
  /** Null: the MTA gave none (family unknown), or the mail came from a program on this machine. */
  readonly address: Address | null;
  /** The PTR name, verified by nobody; null: none, or the MTA did not say. */
  readonly ptr: string | null;
  /** The PTR name if its address points back here (forward-confirmed); null otherwise. */
  readonly name: string | null;
  /** What the MTA's own lookup of the name came to (Postfix's and Sendmail's `{client_resolve}`). */
  readonly resolve: 'ok' | 'fail' | 'forged' | 'temp' | null;
  /** `{daemon_name}`: the master.cf service or Sendmail daemon that took the connection. */
  readonly daemon: string | null;
  /**
   * True for mail that did not come over SMTP: Sendmail's family `L`, or Postfix's cleanup playing an MTA for
   * `non_smtpd_milters`. Such mail can't be retried by a client, so it must never get a 4xx or 5xx.
   */
  readonly submitted: boolean;
}

/** A client of whom nothing is known. */
export const NOBODY: Client = {
  address: null,
  ptr: null,
  name: null,
  resolve: null,
  daemon: null,
  submitted: false,
};

/** As Postfix names a client: `mx.example.net[192.0.2.10]`, `unknown[192.0.2.10]`. */
export function formatClient({ name, address }: Client): string {
  return `${name ?? 'unknown'}[${address?.text ?? 'unknown'}]`;
}

/** The inverse, of what a log shows; null: it is none, or has no address. `name` null: `unknown`. */
export function parseClient(
  shown: string,
): { readonly name: string | null; readonly address: Address } | null {
  const [, name, written] = /^([^[\]\s]*)(\[[^[\]]+\])$/.exec(shown.trim()) ?? [];
  const address = written === undefined ? null : parseAddress(written);
  if (!name || address === null) return null;
  return { name: name === 'unknown' ? null : name.toLowerCase(), address };
}

export interface AtConnect {
  /** Short, unique while the service runs; in every log line of the session. */
  readonly id: string;
  readonly client: Client;
}

/** What the MTA says of the client's TLS. */
export interface Tls {
  /** `TLSv1.3` */
  readonly version: string;
  /** The subject of the client's certificate, if that was verified; else null. */
  readonly verifiedSubject: string | null;
}

export interface AtHelo extends AtConnect {
  /** As given; null before any HELO. */
  readonly helo: string | null;
  /** Null: not encrypted, or the MTA did not say. */
  readonly tls: Tls | null;
}

export interface AtMail extends AtHelo {
  /** Null: the null reverse-path, `<>`. */
  readonly sender: Mailbox | null;
  /** The SASL login (`{auth_authen}`); null: not authenticated. */
  readonly auth: string | null;
  /** Octets that the client says the message has (RFC 1870); null: it does not say. */
  readonly size: number | null;
}

export interface AtRcpt extends AtMail {
  readonly recipient: Mailbox;
  /** Of the message, as far as they were let in, and this one; at DATA all of them. */
  readonly recipients: number;
}

/** A session as far as it has come: what belongs to a later stage is not given. */
export type Session = AtConnect & Partial<Omit<AtRcpt, keyof AtConnect>>;

const STAGES: readonly Stage[] = ['connect', 'helo', 'mail', 'rcpt'];

/** Whether the facts of `needed` are known at `stage`. */
export function isKnownAt(needed: Stage, stage: Stage): boolean {
  return STAGES.indexOf(needed) <= STAGES.indexOf(stage);
}

export function laterOf(a: Stage, b: Stage): Stage {
  return isKnownAt(a, b) ? b : a;
}

export interface SessionAt {
  connect: AtConnect;
  helo: AtHelo;
  mail: AtMail;
  rcpt: AtRcpt;
}
