/** Owns the recognition of policy services: which one greylists, which one asks SPF, which one is none of ours. */

import type { Service } from './master-cf.ts';

export interface PolicyService {
  readonly kind: 'postgrey' | 'greylister' | 'spf' | 'other';
  /** As a person knows it. */
  readonly name: string;
  /** It runs on another machine. */
  readonly remote: boolean;
}

interface Known extends Pick<PolicyService, 'kind' | 'name'> {
  readonly port: number | null;
  readonly named: RegExp;
}

/** The ports are those that each program's own documentation suggests. */
const KNOWN: readonly Known[] = [
  { kind: 'postgrey', name: 'postgrey', port: 10023, named: /postgrey/i },
  { kind: 'other', name: 'tumgreyspf (greylisting and SPF in one)', port: null, named: /tumgreyspf/i },
  { kind: 'spf', name: 'policyd-spf', port: null, named: /spf/i },
  { kind: 'greylister', name: 'sqlgrey', port: 2501, named: /sqlgrey/i },
  { kind: 'greylister', name: 'gld', port: 2525, named: /\bgld\b/i },
  { kind: 'greylister', name: 'a greylister', port: null, named: /gr[ea]y-?list|greyfix/i },
  { kind: 'other', name: 'cluebringer (policyd)', port: 10031, named: /cluebringer|policyd2/i },
  { kind: 'other', name: 'postfwd', port: 10040, named: /postfwd/i },
  { kind: 'other', name: 'policyd-weight', port: 12525, named: /policyd?-?weight/i },
  { kind: 'other', name: "Dovecot's quota-status", port: 12340, named: /quota/i },
];

/** `inet:127.0.0.1:10023`, `unix:private/policyd-spf`, `{ inet:…, default_action=… }`; `services`: of master.cf, for unix:private/NAME. */
export function recognise(written: string, services: readonly Service[]): PolicyService {
  const endpoint = /(?:inet|unix):[^\s,}]+/i.exec(written)?.[0] ?? written;
  const [, host = '', port] = /^inet:(?:(.*):)?([^:]+)$/i.exec(endpoint) ?? [];
  const service = services.find(
    ({ name, command }) => command === 'spawn' && endpoint === `unix:private/${name}`,
  );
  const text = `${endpoint} ${service?.written ?? ''}`;
  const known = KNOWN.find(
    (each) => each.named.test(text) || (port !== undefined && Number(port) === each.port),
  );
  const remote = /^inet:/i.test(endpoint) && !/^(?:|localhost|127\.[\d.]+|\[?::1\]?)$/i.test(host);
  return known === undefined
    ? { kind: 'other', name: 'a policy service that this import does not know', remote }
    : { kind: known.kind, name: known.name, remote };
}
