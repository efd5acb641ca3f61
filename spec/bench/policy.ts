/** Owns the measurement of deciding: a policy of thirty rules, of which none objects, in this process. */

import { compilePolicy } from '../../lib/config/compile-policy.ts';
import { openTables } from '../../lib/config/open-tables.ts';
import { readConfig } from '../../lib/config/read-config.ts';
import { parseAddress } from '../../lib/mail/network.ts';
import type { AtRcpt } from '../../lib/mail/session.ts';
import { decide } from '../../lib/policy/driver.ts';
import { Scope } from '../../lib/policy/scope.ts';
import { materials } from '../support/materials.ts';
import { BenchError } from './bench-error.ts';
import { median } from './median.ts';

export interface PolicyRow {
  readonly what: 'all findings there' | 'another recipient' | 'a new session';
  readonly microseconds: number;
}

const WORDS = [
  'permit_mynetworks',
  'permit_sasl_authenticated',
  'reject_invalid_helo_hostname',
  'reject_non_fqdn_helo_hostname',
  'reject_own_helo_hostname',
  'reject_non_fqdn_sender',
  'reject_non_fqdn_recipient',
  'reject_unknown_reverse_client_hostname',
  'reject_unknown_client_hostname',
  'reject_generic_reverse_client_hostname',
];
/** As they would stand in the file. */
const WHEN = `
  - { when: { ptr: [generic, none], not: { client: [198.51.100.0/24, friend.example] } }, then: reject }
  - { when: { sender: ["<>", news@, spam.example], recipients: ">20" }, then: tempfail }
  - { when: { time: "03:00-03:01", helo: ylmf-pc, tls: false }, then: reject }`;
const TABLES = 17;
const ACCESS = ['client', 'helo', 'sender', 'recipient'];

const SESSION: AtRcpt = {
  id: 's',
  client: {
    address: parseAddress('192.0.2.10'),
    ptr: 'mx.example.net',
    name: 'mx.example.net',
    resolve: 'ok',
    daemon: null,
    submitted: false,
  },
  helo: 'mx.example.net',
  sender: { local: 'alice', domain: 'example.net' },
  tls: null,
  auth: null,
  size: null,
  recipients: 1,
  recipient: { local: 'bob', domain: 'example.org' },
};

const TIMES = 50_000;
const ROUNDS = 5;

export async function measurePolicy(): Promise<PolicyRow[]> {
  const rules = [...WORDS];
  for (let n = 0; n < TABLES; n++)
    rules.push(`check_${ACCESS[n % ACCESS.length]}_access inline:{ {t${n}.example.com=REJECT} }`);
  const loaded = readConfig(
    `policy:${rules.map((rule) => `\n  - ${JSON.stringify(rule)}`).join('')}${WHEN}\n`,
    'bench',
    { stateDirectory: '/nonexistent' },
  );
  if (!loaded.ok) throw new BenchError(JSON.stringify(loaded.problems));
  const { tables } = await openTables(loaded.config, { onReread: () => {}, pollMs: 0 });
  const policy = compilePolicy(loaded.config, materials(tables));
  const driving = { checks: policy.checks, deadlineMs: 7000, bug: () => {} };
  const time = (scope: () => Scope): number => {
    const rounds: number[] = [];
    for (let round = 0; round <= ROUNDS; round++) {
      const since = performance.now();
      for (let n = 0; n < TIMES; n++) void decide(policy.rcpt, SESSION, scope(), driving);
      // The first round is the compiler's.
      if (round > 0) rounds.push(((performance.now() - since) * 1000) / TIMES);
    }
    return median(rounds);
  };
  const session = (): Scope => new Scope('mail', new Scope('helo', new Scope('connect')));
  const message = session();
  const warm = new Scope('rcpt', message);
  return [
    { what: 'all findings there', microseconds: time(() => warm) },
    { what: 'another recipient', microseconds: time(() => new Scope('rcpt', message)) },
    { what: 'a new session', microseconds: time(() => new Scope('rcpt', session())) },
  ];
}
