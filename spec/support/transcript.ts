/** Owns the transcript format of specs: SMTP dialogues in the notation of RFC 5321 appendix D. */

/** One line of the client, and what must come back. */
export interface Exchange {
  /** In the file, from 1: for the message when it fails. */
  readonly line: number;
  readonly command: string;
  /** The `S:` line below it; null: it must be let through. */
  readonly reply: string | null;
  /** The `H:` lines below it: header fields that are added at end of message, without their dates. */
  readonly headers: readonly string[];
  readonly atMs: number;
}

export interface Transcript {
  /** The first comment line, a sentence. */
  readonly title: string;
  /** The `given` lines: YAML as an operator writes it. */
  readonly config: string;
  /** The `given zone` lines: records as a name server's operator writes them; none: there is no DNS. */
  readonly zone: readonly string[];
  readonly exchanges: readonly Exchange[];
}

const START_OF_DAY_MS = Date.parse('2026-11-21T00:00:00Z');
const DAY_MS = 86_400_000;

export function parseTranscript(text: string): Transcript {
  let title: string | null = null;
  const config: string[] = [];
  const zone: string[] = [];
  const exchanges: (Exchange & { headers: string[] })[] = [];
  let atMs = START_OF_DAY_MS;
  for (const [i, whole] of text.split('\n').entries()) {
    const line = i + 1;
    const [, word = '', rest = ''] = /^(\S+)\s*(.*)$/.exec(whole) ?? [];
    const last = exchanges.at(-1);
    if (word === '') continue;
    if (word === '#') title ??= rest;
    else if (word === 'given' && rest.startsWith('zone ')) zone.push(rest.slice('zone '.length));
    // Its blanks count, as YAML's do.
    else if (word === 'given') config.push(whole.slice('given '.length));
    else if (word === 'at') atMs = clock(rest, line);
    else if (word === 'C:') exchanges.push({ line, command: rest, reply: null, headers: [], atMs });
    else if (word === 'S:' && last !== undefined) exchanges[exchanges.length - 1] = { ...last, reply: rest };
    else if (word === 'H:' && last !== undefined) last.headers.push(rest);
    else throw new SyntaxError(`line ${line}: neither #, given, at, C:, S: nor H:, but ${whole}`);
  }
  if (title === null)
    throw new SyntaxError('no title: the first line is a comment that says what a sender sees');
  return { title, config: config.join('\n'), zone, exchanges };
}

/** `12:00:00` is on the first day, `day 3 12:00:00` two days later. */
function clock(text: string, line: number): number {
  const [, day = '1', hours, minutes, seconds] = /^(?:day (\d+) )?(\d\d):(\d\d):(\d\d)$/.exec(text) ?? [];
  if (hours === undefined) throw new SyntaxError(`line ${line}: not a time: ${text}`);
  const inDay = (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000;
  return START_OF_DAY_MS + (Number(day) - 1) * DAY_MS + inDay;
}
