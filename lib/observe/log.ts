/** Owns the log: events to lines on standard output through pino, as text or as JSON. */

import pino from 'pino';
import { asciiJson } from '../mail/json-text.ts';
import type { Sink } from './event.ts';
import { lineOf } from './event-line.ts';
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
  /** Calls back when all is written; that may be never if nobody reads. */
  finish(done: () => void): void;
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
    try {
      write(lineOf(event));
    } catch {
      // A line that can't be made is lost: to throw would end the service, or reach the session that it is about.
    }
  };
}

/**
 * Standard output, written in the background: a slow journal must not make mail wait. Up to 16 MB are held for it,
 * what is beyond is dropped; if nobody reads any more (EPIPE), mail goes on without a log.
 */
export function standardOutput(): LogOutput & Closable {
  const output = pino.destination({ fd: 1, sync: false, minLength: 0, maxLength: MOST_HELD });
  output.on('error', () => {});
  let lost = 0;
  output.on('drop', (lines: string) => (lost += lines.split('\n').length - 1));
  let held = '';
  let resting = false;
  const writeHeld = (): void => {
    const lines = held;
    held = '';
    if (lines === '') return;
    const told = lost;
    lost = 0;
    output.write(
      told === 0 ? lines : `error log: ${told} lines were lost, whoever reads it is too slow\n${lines}`,
    );
    if (resting) return;
    resting = true;
    setTimeout(() => {
      resting = false;
      writeHeld();
    }, REST_MS).unref();
  };
  return {
    // A line comes at once, those behind it a moment later in one write: a system call for each would be the log's main cost.
    write(line) {
      if (held === '' && !resting) setImmediate(writeHeld);
      held += line;
      if (held.length > LONGEST_WRITE) writeHeld();
    },
    finish(done) {
      writeHeld();
      output.once('close', done);
      output.end();
    },
    destroy: () => output.destroy(),
  };
}

const REST_MS = 20;
const MOST_HELD = 16 * 1024 * 1024;
const LONGEST_WRITE = 64 * 1024;

function jsonLog(settings: LogSettings, output: LogOutput): (line: Line) => void {
  const logger = pino(
    {
      level: settings.level,
      base: null,
      timestamp: settings.timestamps ? pino.stdTimeFunctions.isoTime : false,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write: (line) => output.write(asciiJson(line)) },
  );
  return ({ level, text, fields }) => {
    const bounded = Object.fromEntries(
      Object.entries(fields).map(([key, value]) => [key, typeof value === 'string' ? cut(value) : value]),
    );
    if (text === '') logger[level](bounded);
    else logger[level](bounded, cut(text, LONGEST));
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
  if (text !== '') return escape(text, LONGEST);
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
function escape(text: string, longest = LONGEST_FIELD): string {
  if (text.length <= longest && PRINTABLE.test(text)) return text;
  return cut(text, longest).replace(UNPRINTABLE, hex);
}

function cut(text: string, longest = LONGEST_FIELD): string {
  return text.length > longest ? `${text.slice(0, longest)}...` : text;
}

/** Of a sentence: a stack fits. */
const LONGEST = 2000;
/** The longest legal address has 320 octets; what a hostile client calls itself need not fit. */
const LONGEST_FIELD = 400;

function hex(char: string): string {
  return `\\x${char.codePointAt(0)!.toString(16).padStart(2, '0')}`;
}

/** What nearly every field is: told sooner than `UNPRINTABLE` finds nothing. */
const PRINTABLE = /^[ -[\]-~]*$/;
// Controls, line ends and invisible marks of Unicode make a log lie; a backslash would look like our own escapes.
const UNPRINTABLE = /[\\\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;
