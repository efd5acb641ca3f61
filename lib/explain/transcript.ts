/** Owns the transcript format: SMTP dialogues in the notation of RFC 5321 appendix D. */

import { shown } from '../yaml/problem.ts';
import { clockOf } from './clock.ts';
import { parseSmtpCommand, SmtpOrder, type SmtpCommand } from './smtp-command.ts';

/** One line of the client, and what must come back. */
export interface Exchange {
  /** In the file, from 1: for the message when it fails. */
  readonly line: number;
  /** As written, and what it is. */
  readonly command: string;
  readonly says: SmtpCommand;
  /** The `S:` line below it; null: it must be let through. */
  readonly reply: string | null;
  /** The `H:` lines below it: header fields that are added at end of message, without their dates. */
  readonly headers: readonly string[];
  readonly atMs: number;
}

export interface Transcript {
  /** The first comment line, a sentence; null: there is none. */
  readonly title: string | null;
  /** The `given` lines: YAML as an operator writes it. */
  readonly config: string;
  /** Where in the file each of its lines stands, from 1. */
  readonly configLines: readonly number[];
  /** The `given zone` lines: records as a name server's operator writes them; none: nothing is said of the DNS. */
  readonly zone: readonly string[];
  readonly zoneLines: readonly number[];
  readonly exchanges: readonly Exchange[];
}

/** Milliseconds since 1970. */
export interface Clock {
  /** Midnight of the day that `at` counts from. */
  readonly dayMs: number;
  /** Until the first `at`. */
  readonly startMs: number;
}

const SPEC_DAY_MS = Date.parse('2026-11-21T00:00:00Z');
/** The same day for every reader. */
export const SPEC_CLOCK: Clock = { dayMs: SPEC_DAY_MS, startMs: SPEC_DAY_MS };

/** Throws SyntaxError, with the line. */
export function parseTranscript(text: string, clock: Clock = SPEC_CLOCK): Transcript {
  let title: string | null = null;
  const config: string[] = [];
  const configLines: number[] = [];
  const zone: string[] = [];
  const zoneLines: number[] = [];
  const exchanges: (Exchange & { headers: string[] })[] = [];
  const order = new SmtpOrder();
  let atMs = clock.startMs;
  for (const [i, whole] of text.split(/\r?\n/).entries()) {
    const line = i + 1;
    const [, word = '', rest = ''] = /^(\S+)\s*(.*)$/s.exec(whole) ?? [];
    const last = exchanges.at(-1);
    if (word === '' && whole.trim() === '') continue;
    if (word.startsWith('#')) title ??= whole.replace(/^#+\s*/, '');
    else if (word === 'given' && rest.startsWith('zone ')) {
      zone.push(rest.slice('zone '.length));
      zoneLines.push(line);
    } else if (word === 'given') {
      // Its blanks count, as YAML's do.
      config.push(whole.slice('given '.length));
      configLines.push(line);
    } else if (word === 'at') atMs = placed(line, () => clockOf(rest, clock.dayMs));
    else if (word === 'C:') {
      const says = placed(line, () => {
        const command = parseSmtpCommand(rest);
        order.next(command);
        return command;
      });
      exchanges.push({ line, command: rest, says, reply: null, headers: [], atMs });
    } else if (word === 'S:' && last !== undefined) {
      exchanges[exchanges.length - 1] = { ...last, reply: rest };
      order.refused();
    } else if (word === 'H:' && last !== undefined) last.headers.push(rest);
    else throw new SyntaxError(`line ${line}: neither #, given, at, C:, S: nor H:, but ${shown(whole)}`);
  }
  return { title, config: config.join('\n'), configLines, zone, zoneLines, exchanges };
}

function placed<T>(line: number, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof SyntaxError)
      throw new SyntaxError(`line ${line}: ${error.message}`, { cause: error });
    throw error;
  }
}
