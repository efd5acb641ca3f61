/** Owns what a filter's options come to, worked out once and shared by all its connections. */

import { actionsOf } from './answer.ts';
import type { Answer, ChangeKind, FilterOptions, Problem, Session } from './filter.ts';
import { PROTOCOL } from './flags.ts';
import type { StageName } from './macros.ts';
import type { Wanted } from './negotiation.ts';
import type { Deadlines } from './sweep.ts';
import { WAIVERS } from './waivers.ts';

/** A handler whose session and event fit each other by construction: `eventOf` makes the event of its command. */
export type Call = (session: Session<unknown>, event: unknown) => unknown;

export type Calls = Readonly<Partial<Record<StageName, Call>>>;

export interface Compiled {
  readonly wanted: Wanted;
  readonly declared: ReadonlySet<ChangeKind>;
  readonly deadlines: Deadlines;
  readonly watch: Calls;
  readonly answer: Calls;
  open(): unknown;
  abort(session: Session<unknown>): void;
  close(session: Session<unknown>): void;
  late(session: Session<unknown>, stage: StageName): Answer;
  problem(session: Session<unknown> | null, problem: Problem): void;
}

export function compile<Context, Kinds extends ChangeKind>(options: FilterOptions<Context, Kinds>): Compiled {
  // The context's type is forgotten here: whatever `open` made is all that the handlers ever get.
  const erased = options as unknown as FilterOptions<unknown>;
  const watch = (erased.watch ?? {}) as Calls;
  const answer = (erased.answer ?? {}) as Calls;
  for (const name of Object.keys(watch))
    if (name in answer) throw new TypeError(`${name} is both watched and answered`);
  const nothing = (): void => undefined;
  return {
    wanted: wantedBy(erased, watch, answer),
    declared: new Set(erased.changes),
    watch,
    answer,
    deadlines: {
      answerMs: options.answerWithinMs ?? 8000,
      endOfMessageMs: options.endOfMessageWithinMs ?? 300_000,
      progressMs: options.progressMs ?? 10_000,
      idleMs: options.idleMs ?? 7_230_000,
      frameMs: options.frameMs ?? 60_000,
      writeMs: options.writeMs ?? 60_000,
    },
    open: erased.open,
    abort: erased.abort ?? nothing,
    close: erased.close ?? nothing,
    late: erased.late ?? (() => 'continue'),
    problem: erased.problem ?? nothing,
  };
}

const FRAME_SIZE = {
  '64K': 0,
  '256K': PROTOCOL.frames256K,
  '1M': PROTOCOL.frames1M | PROTOCOL.frames256K,
} as const;

function wantedBy(options: FilterOptions<unknown>, watch: Calls, answer: Calls): Wanted {
  let protocol: number = FRAME_SIZE[options.frameSize ?? '64K'];
  for (const [name, { decline, silent }] of Object.entries(WAIVERS)) {
    // DATA is asked for and answered whatever the filter wants: see negotiation.ts.
    if (name in answer || name === 'data') continue;
    protocol |= name in watch ? silent : decline;
  }
  if ('body' in answer) protocol |= PROTOCOL.skip;
  if (options.refusedRecipients) protocol |= PROTOCOL.refusedRecipients;
  if (options.leadingSpace) protocol |= PROTOCOL.leadingSpace;
  const actions = (options.changes ?? []).reduce((bits, kind) => bits | actionsOf(kind), 0);
  return { actions, protocol, macros: options.macros ?? {} };
}
