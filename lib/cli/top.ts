/** `postern top`: what the running service decides at this moment, once or again each second. */

import { setTimeout as wait } from 'node:timers/promises';
import { ask, type Asked } from '../control/ask.ts';
import type { TopView } from '../control/top-view.ts';
import { configFile, controlSocket } from './places.ts';
import { fail, printJson, printLines } from './print.ts';
import { Screen, type Keyboard, type Terminal } from './screen.ts';
import { topText, type Room } from './top-text.ts';
import { whyUnasked } from './service-start.ts';
import { optionsAlone } from './usage.ts';
import { harmless } from './wrapped.ts';

const HELP = `usage: postern top [--once] [--json]

A live view of the running service, drawn anew each second: how many recipients are let in, greylisted and refused a
minute, by which rules, what greylisting did today, which DNS lists are out, and the last decisions. It counts since the
service was started. q or Ctrl-C ends it. Without a terminal it prints once. Exit code 1 if no service runs.

  --once          print once
  --json          one object, once; times are in ms since 1970

example: postern top --once
`;

const EACH_MS = 1000;
const PATIENCE_MS = 5000;
/** Where nobody says how much room there is. */
const PRINTED: Room = { columns: 200, rows: 60 };

type Ask = () => Promise<Asked<TopView>>;

export async function run(args: readonly string[]): Promise<number> {
  const values = optionsAlone('top', args, HELP, {
    once: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  });
  if (values === null) return 0;
  const socket = controlSocket(process.env);
  const asks = (): Promise<Asked<TopView>> => ask(socket, 'top', PATIENCE_MS);
  const first = await asks();
  if (first.kind !== 'answered')
    return fail(`postern: ${whyUnasked(first, configFile(undefined, process.env))}`);
  const isLive = !values.once && !values.json && process.stdout.isTTY && process.stdin.isTTY;
  if (isLive) return live(first.answer, asks, process.stdout, process.stdin, EACH_MS);
  await (values.json ? printJson(first.answer) : printLines(topText(first.answer, PRINTED)));
  return 0;
}

/** Until somebody quits; a service that is restarted is waited for. */
export async function live(
  first: TopView,
  asks: Ask,
  terminal: Terminal,
  keyboard: Keyboard,
  eachMs: number,
): Promise<number> {
  const ended = new AbortController();
  let shown = first;
  let absent: string | null = null;
  const draw = (): void => {
    const { columns, rows } = screen.room;
    const above = absent === null ? [] : [harmless(absent).slice(0, columns)];
    // The last line stays free: a terminal would scroll.
    screen.draw([...above, ...topText(shown, { columns, rows: rows - 1 - above.length })]);
  };
  const screen = new Screen(terminal, keyboard, () => ended.abort(), draw);
  try {
    while (!ended.signal.aborted) {
      draw();
      // Rejects when it is aborted, which the loop sees.
      await wait(eachMs, undefined, { signal: ended.signal }).catch(() => {});
      if (ended.signal.aborted) break;
      const next = await asks();
      if (next.kind === 'answered') [shown, absent] = [next.answer, null];
      else absent = `${next.why}; what it was before:`;
    }
  } finally {
    screen.close();
  }
  return 0;
}
