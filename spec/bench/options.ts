/** Owns the bench's command line. */

import { parseArgs } from 'node:util';

export const HELP = `usage: npm run bench -- [OPTIONS]

Measures Postern beside a bare Node filter and libmilter on this machine, in about five minutes.

  --full            ten million stored triplets, a million through the service, a minute of steady load: half an hour
  --only PART       speed, memory, stored, store, postfix, policy, tables, dns, lists, spf, simulate or profile;
                    may be given more than once
  --built           run what npm run build makes, not the TypeScript of the checkout
  --node-flag FLAG  for Postern's Node; may be given more than once
  --json FILE       all figures, each run's too
  --svg FILE        the simulation as a picture

example: npm run bench -- --only speed --node-flag=--max-semi-space-size=4
`;

export const PARTS = [
  'speed',
  'memory',
  'stored',
  'store',
  'postfix',
  'policy',
  'tables',
  'dns',
  'lists',
  'spf',
  'simulate',
  'profile',
] as const;
export type Part = (typeof PARTS)[number];

export interface Options {
  readonly full: boolean;
  readonly parts: readonly Part[];
  readonly built: boolean;
  readonly nodeFlags: readonly string[];
  /** Null: no file is written. */
  readonly json: string | null;
  /** Null: it is not drawn. */
  readonly svg: string | null;
}

/** Null: help was asked for. Throws TypeError for what it does not know. */
export function readOptions(args: readonly string[]): Options | null {
  const { values } = parseArgs({
    args: [...args],
    options: {
      full: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true, default: [] },
      built: { type: 'boolean', default: false },
      'node-flag': { type: 'string', multiple: true, default: [] },
      json: { type: 'string' },
      svg: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return null;
  const parts = values.only.map((word) => {
    const part = PARTS.find((known) => known === word);
    if (part === undefined) throw new TypeError(`--only ${word}: write ${PARTS.join(', ')}`);
    return part;
  });
  return {
    full: values.full,
    parts: parts.length > 0 ? parts : ['speed', 'memory', 'stored', 'postfix'],
    built: values.built,
    nodeFlags: values['node-flag'],
    json: values.json ?? null,
    svg: values.svg ?? null,
  };
}
