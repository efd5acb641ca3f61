/** Owns the config that `postern explain` works on: the live one, with the given lines of a transcript over it. */

import type { Config } from '../config/config.ts';
import { listDisk } from '../config/list-disk.ts';
import { configText } from '../config/load-config.ts';
import { overlay } from '../config/overlay.ts';
import type { Problem } from '../yaml/problem.ts';
import { readConfig } from '../config/read-config.ts';
import type { Place } from '../explain/trace.ts';
import type { Transcript } from '../explain/transcript.ts';

/** Whose lines are laid over the config. */
export interface Given {
  readonly name: string;
  readonly transcript: Transcript;
}

/** The config, what is given besides, or tables that they name have errors. */
export class WrongConfig extends Error {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super('the config is wrong');
    this.problems = problems;
  }
}

export interface LaidConfig {
  readonly config: Config;
  /** Of a line of the two together. */
  readonly placeOf: (line: number) => Place;
  /** Where it was written, of a problem of the two together. */
  readonly placed: (problem: Problem) => Problem;
  readonly notes: readonly string[];
}

/** Throws WrongConfig. */
export function readLaid(file: string, given: Given | null, stateDirectory: string): LaidConfig {
  const text = configText(file);
  if (typeof text !== 'string') throw new WrongConfig([text]);
  const over = given?.transcript.config ?? '';
  const laid = over === '' ? null : overlay(text, over);
  if (over !== '' && laid === null) throw new WrongConfig([inBraces(file)]);
  const placeOf = (line: number): Place => {
    if (laid === null || given === null || line <= laid.baseLines) return { file, line };
    const own = given.transcript.configLines[line - laid.baseLines - 1];
    return { file: given.name, line: own ?? given.transcript.configLines.at(-1)! };
  };
  const placed = (problem: Problem): Problem => {
    if (problem.file !== file) return problem;
    const place = placeOf(problem.line);
    // Before each of its lines stands `given `.
    const column = place.file === file ? problem.column : problem.column + 'given '.length;
    return { ...problem, ...place, column };
  };
  const loaded = readConfig(laid?.text ?? text, file, { stateDirectory, files: listDisk(process.env) });
  if (!loaded.ok) throw new WrongConfig(loaded.problems.map(placed));
  const replaced =
    laid === null || laid.replaced.length === 0 ? '' : ` instead of ${laid.replaced.join(', ')}`;
  const notes = [
    ...(laid === null ? [] : [`the given lines of ${given!.name} lie over the config${replaced}`]),
    ...((given?.transcript.zone.length ?? 0) > 0
      ? ['the given zone stands for the DNS, which is not asked']
      : []),
  ];
  return { config: loaded.config, placeOf, placed, notes };
}

function inBraces(file: string): Problem {
  return {
    file,
    line: 1,
    column: 1,
    what: 'given lines can only lie over a config with a key at the beginning of each line',
    instead: 'name such a one with --config FILE',
    severity: 'error',
  };
}
