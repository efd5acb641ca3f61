/** Owns the log: events to lines on standard output through pino, as text or as JSON. */

import pino from 'pino';
import { asciiJson } from '../mail/json-text.ts';
import type { Sink } from './event.ts';
import { lineOf } from './event-line.ts';
import { line, type Level, type Line } from './line.ts';

export interface LogSettings {
  readonly level: Level;
  readonly format: 'text' | 'json';
  /** journald and syslog write the time themselves. */
  readonly timestamps: boolean;
}

export interface LogOutput {
  /** `lossLine`: what stands where that many lines are missing, should they be too many for whoever reads them. */
  write(text: string, lossLine: (lines: number) => string): void;
}

/** Returns a sink that never throws. */
export function createLog(settings: LogSettings, output: LogOutput): Sink {
  const format = settings.format === 'json' ? jsonFormat(settings) : textFormat(settings);
  const lossLine = (lines: number): string =>
    format(
      line('error', `log: ${lines} lines were lost, whoever reads it is too slow`, {
        event: 'log-lost',
        lines,
      }),
    );
  const verbose = (pino.levels.values[settings.level] ?? 0) <= pino.levels.values['debug']!;
  return (event) => {
    // There are as many of these as of sessions: not even their lines are made for nothing.
    if (!verbose && (event.kind === 'connection-opened' || event.kind === 'connection-closed')) return;
    try {
      const text = format(lineOf(event));
      if (text !== '') output.write(text, lossLine);
    } catch {
      // A line that can't be made is lost: to throw would end the service, or reach the session that it is about.
    }
  };
}

/** As a text with its line end; empty: it is below the level. */
type Format = (line: Line) => string;

function jsonFormat(settings: LogSettings): Format {
  let written = '';
  const logger = pino(
    {
      level: settings.level,
      base: null,
      timestamp: settings.timestamps ? pino.stdTimeFunctions.isoTime : false,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write: (json) => void (written = asciiJson(json)) },
  );
  return ({ level, text, fields }) => {
    const bounded = Object.fromEntries(
      Object.entries(fields).map(([key, value]) => [key, typeof value === 'string' ? cut(value) : value]),
    );
    written = '';
    if (text === '') logger[level](bounded);
    else logger[level](bounded, cut(text, LONGEST));
    return written;
  };
}

/** pino's levels; the line itself is written as a person reads it. */
function textFormat(settings: LogSettings): Format {
  const values: Readonly<Record<string, number>> = pino.levels.values;
  const least = values[settings.level] ?? 0;
  return (line) => {
    if ((values[line.level] ?? 0) < least) return '';
    const time = settings.timestamps ? `${new Date().toISOString()} ` : '';
    return `${time}${line.level} ${textOf(line)}\n`;
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
