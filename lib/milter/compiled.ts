/** Owns what a filter's options come to, worked out once and shared by all its connections. */

import { actionsOf } from './change.ts';
import type { ChangeKind, FilterOptions, Problem, Session } from './filter.ts';
import { PROTOCOL } from './flags.ts';
import type { Handlers } from './handlers.ts';
import { HeaderNames } from './header-names.ts';
import type { StageName } from './macros.ts';
import type { Wanted } from './negotiation.ts';
import type { Deadlines } from './sweep.ts';
import { WAIVERS } from './waivers.ts';

/** All that is shared by a filter's connections. */
export interface Compiled<Context> {
  readonly wanted: Wanted;
  readonly declared: ReadonlySet<ChangeKind>;
  readonly deadlines: Deadlines;
  /** Null: all are wanted. */
  readonly headerNames: HeaderNames | null;
  readonly watch: Handlers<Context>;
  readonly answer: Handlers<Context>;
  open(): Context;
  abort(session: Session<Context>): void;
  close(session: Session<Context>): void;
  late(session: Session<Context>, stage: StageName): unknown;
  problem(session: Session<Context> | null, problem: Problem): void;
}

/** A filter's options, whatever changes it declared: what a handler returns is looked at again when it does. */
type Source<Context> = Omit<FilterOptions<Context>, 'answer'> & { readonly answer?: Handlers<Context> };

/** Throws TypeError if an event is both watched and answered. */
export function compile<Context>(options: Source<Context>): Compiled<Context> {
  const { watch = {}, answer = {} } = options;
  for (const name of Object.keys(watch))
    if (name in answer) throw new TypeError(`${name} is both watched and answered`);
  const nothing = (): void => undefined;
  return {
    wanted: wantedBy(options, watch, answer),
    declared: new Set(options.changes),
    headerNames: options.headerNames === undefined ? null : new HeaderNames(options.headerNames),
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
    open: options.open,
    abort: options.abort ?? nothing,
    close: options.close ?? nothing,
    late: options.late ?? (() => 'continue'),
    problem: options.problem ?? nothing,
  };
}

const FRAME_SIZE = {
  '64K': 0,
  '256K': PROTOCOL.frames256K,
  '1M': PROTOCOL.frames1M | PROTOCOL.frames256K,
} as const;

function wantedBy<Context>(options: Source<Context>, watch: object, answer: object): Wanted {
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
