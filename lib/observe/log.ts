/** Owns the log: events to lines on standard output through pino, as text or as JSON. */

import pino from 'pino';
import type { Sink } from './event.ts';
import { lineOf } from './line.ts';
import type { Level, Line } from './line.ts';

export interface LogSettings {
  readonly level: Level;
  readonly format: 'text' | 'json';
  /** journald and syslog write the time themselves. */
  readonly timestamps: boolean;
}

export interface LogOutput {
  write(line: string): void;
}

export interface Closable {
  flush(done: () => void): void;
  /** Gives up what is left. Without it, pino tries to write the rest at exit for as long as nobody reads. */
  destroy(): void;
}

/** Returns a sink that never throws. */
export function createLog(settings: LogSettings, output: LogOutput): Sink {
  const write = settings.format === 'json' ? jsonLog(settings, output) : textLog(settings, output);
  const verbose = (pino.levels.values[settings.level] ?? 0) <= pino.levels.values['debug']!;
  return (event) => {
    // There are as many of these as of sessions: not even their lines are made for nothing.
    if (!verbose && (event.kind === 'connection-opened' || event.kind === 'connection-closed')) return;
    write(lineOf(event));
  };
}

/**
 * Standard output, written in the background: a slow journal must not make mail wait. Up to 16 MB are held for it,
 * what is beyond is dropped; if nobody reads any more (EPIPE), mail goes on without a log.
 */
export function standardOutput(): LogOutput & Closable {
  const output = pino.destination({ fd: 1, sync: false, minLength: 0, maxLength: 16 * 1024 * 1024 });
  output.on('error', () => {});
  let turn = '';
  const writeTurn = (): void => {
    const lines = turn;
    turn = '';
    if (lines !== '') output.write(lines);
  };
  return {
    // The lines of one turn of the event loop are one write: a system call for each would be the log's main cost.
    write(line) {
      if (turn === '') setImmediate(writeTurn);
      turn += line;
    },
    flush(done) {
      writeTurn();
      output.flush(() => done());
    },
    destroy: () => output.destroy(),
  };
}

function jsonLog(settings: LogSettings, output: LogOutput): (line: Line) => void {
  const logger = pino(
    {
      level: settings.level,
      base: null,
      timestamp: settings.timestamps ? pino.stdTimeFunctions.isoTime : false,
      formatters: { level: (label) => ({ level: label }) },
    },
    output,
  );
  return ({ level, text, fields }) => {
    if (text === '') logger[level](fields);
    else logger[level](fields, text);
  };
}

/** pino's levels; the line itself is written as a person reads it. */
function textLog(settings: LogSettings, output: LogOutput): (line: Line) => void {
  const values: Readonly<Record<string, number>> = pino.levels.values;
  const least = values[settings.level] ?? 0;
  return (line) => {
    if ((values[line.level] ?? 0) < least) return;
    const time = settings.timestamps ? `${new Date().toISOString()} ` : '';
    output.write(`${time}${line.level} ${textOf(line)}\n`);
  };
}

/** `verdict=tempfail rule=greylist …`, or the sentence alone. */
export function textOf({ text, fields }: Line): string {
  if (text !== '') return escape(text);
  return Object.entries(fields)
    .map(([key, value]) => (key === 'event' ? String(value) : `${key}=${fieldText(key, value)}`))
    .join(' ');
}

function fieldText(key: string, value: string | number | boolean | null): string {
  if (key === 'from' || key === 'to' || key === 'helo')
    return `<${escape(String(value ?? '')).replace(/[<>]/g, hex)}>`;
  if (key === 'queue' && value === null) return 'NOQUEUE';
  const text = escape(String(value ?? '-'));
  return text.includes(' ') ? `"${text.replaceAll('"', "'")}"` : text;
}

/** One event is one line, and no byte from the network speaks to the terminal: `a\nb` → `a\x0ab`. */
function escape(text: string): string {
  if (text.length <= LONGEST && PRINTABLE.test(text)) return text;
  const bounded = text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}...`;
  return bounded.replace(UNPRINTABLE, hex);
}

/** A stack fits; what a hostile client calls itself need not. */
const LONGEST = 2000;

function hex(char: string): string {
  return `\\x${char.codePointAt(0)!.toString(16).padStart(2, '0')}`;
}

/** What nearly every field is: told sooner than `UNPRINTABLE` finds nothing. */
const PRINTABLE = /^[ -[\]-~]*$/;
// Controls, line ends and invisible marks of Unicode make a log lie; a backslash would look like our own escapes.
const UNPRINTABLE = /[\\\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;
