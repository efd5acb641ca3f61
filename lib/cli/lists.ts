/** `postern lists`: how each DNS list is, by the word of the running service, or else tested once. */

import { loadConfig } from '../config/load-config.ts';
import { ask } from '../control/ask.ts';
import type { ListReport } from '../control/list-report.ts';
import type { ProbeLists } from '../control/probe-lists.ts';
import { probePolicy } from './probe-policy.ts';
import { asciiJson } from '../mail/json-text.ts';
import { formatProblem } from '../yaml/problem.ts';
import { listTable } from './list-table.ts';
import { configFile, controlSocket, stateToRead } from './places.ts';
import { optionsAlone } from './usage.ts';
import { harmless } from './wrapped.ts';

const HELP = `usage: postern lists [--json] [--config FILE]

Asks the running service how each DNS list of its policy is: its state and since when, why, what was asked of it and how
often it listed, how fast it answers, and how far it agrees with the others. Under a list that is not alive stands what
to do. Without a running service (or with the --config of another one) the lists of the policy are tested once.
Exit code 0 if all are alive, 1 if one is not.

  alive             it answers as it should, and decides
  blind             it lists nothing: it refuses the resolver that asks
  lists-the-world   it lists everybody
  dead              it does not answer
  no-key            the file or variable of its key gives none
  untested          nothing is known yet
                    (all but the first decide nothing, until they heal)

  --json            one object; times are ISO 8601

example: postern lists
`;

const PATIENCE_MS = 5000;

export async function run(args: readonly string[], probe: ProbeLists = probePolicy): Promise<number> {
  const values = optionsAlone('lists', args, HELP, {
    config: { type: 'string' },
    json: { type: 'boolean', default: false },
  });
  if (values === null) return 0;
  const told = (await ofService(values.config)) ?? (await ofPolicy(values.config, probe));
  if (Array.isArray(told.lists)) return print(told, values.json);
  if (values.json) process.stdout.write(`${json({ ok: false, ...told })}\n`);
  else process.stderr.write(lines(told.note.split('\n')));
  return 1;
}

interface Told {
  /** Where it comes from, for people. */
  readonly note: string;
  readonly from: 'service' | 'probe';
  readonly config: string;
  /** Null: they could not be had. */
  readonly lists: readonly ListReport[] | null;
}

/** Null: there is no service that could tell, or it has another config than the one that is asked about. */
async function ofService(option: string | undefined): Promise<Told | null> {
  const socket = controlSocket(process.env);
  const status = await ask(socket, 'status', PATIENCE_MS);
  if (status.kind === 'absent') return null;
  const unknown = { from: 'service', config: configFile(option, process.env), lists: null } as const;
  if (status.kind !== 'answered') return { ...unknown, note: harmless(`postern: ${status.why}`) };
  const { config, pid } = status.answer;
  if (option !== undefined && configFile(option, process.env) !== config) return null;
  const lists = await ask(socket, 'lists', PATIENCE_MS);
  if (lists.kind !== 'answered') return { ...unknown, note: harmless(`postern: ${lists.why}`) };
  return {
    note: `of the service with pid ${pid}, config ${config}`,
    from: 'service',
    config,
    lists: lists.answer,
  };
}

async function ofPolicy(option: string | undefined, probe: ProbeLists): Promise<Told> {
  const file = configFile(option, process.env);
  const loaded = loadConfig(file, stateToRead(process.env));
  if (!loaded.ok)
    return { note: loaded.problems.map(formatProblem).join('\n'), from: 'probe', config: file, lists: null };
  const note = `no service runs with ${file}: its lists were tested once, just now`;
  return { note, from: 'probe', config: file, lists: await probe(loaded.config) };
}

function print({ lists, note, ...told }: Told, asJson: boolean): number {
  const ok = lists!.every(({ state }) => state === 'alive');
  if (asJson) process.stdout.write(`${json({ ok, ...told, lists })}\n`);
  else if (lists!.length === 0) process.stdout.write(lines([note, 'the policy asks no DNS list']));
  else process.stdout.write(lines([note, '', ...listTable(lists!)]));
  return ok ? 0 : 1;
}

/** What another process said speaks to no terminal. */
function lines(texts: readonly string[]): string {
  return texts.map((text) => `${harmless(text)}\n`).join('');
}

function json(value: object): string {
  return asciiJson(JSON.stringify(value, null, 2));
}
