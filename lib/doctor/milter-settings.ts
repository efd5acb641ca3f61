/** Owns what is to be said of Postfix's settings for a milter: what happens when it is away, which protocol, how long. */

import { note, ok, warning, type Diagnosis } from './diagnosis.ts';
import type { NamedMilter } from './milter-list.ts';
import type { PostfixService } from './postfix-settings.ts';

/** What a decision may take (8 s), and some more for a busy machine. */
const COMMAND_SECONDS = 10;
/** At the end of a message Postern has little to do, but the MTA may be far away. */
const CONTENT_SECONDS = 30;
const CONNECT_SECONDS = 1;

/** Version 6 tells us of DATA and takes our wishes; 2 and 3 lack the former (smfi). */
const NEWEST = 6;

/** `set`: the commands that give the milter another entry in the list. */
export function ofMilterSettings(
  { address, settings }: NamedMilter,
  door: PostfixService,
  set: (entry: string) => string[],
): Diagnosis[] {
  const value = (name: string): string | null => settings.get(name) ?? door.get(`milter_${name}`);
  const entry = (name: string, wanted: string): string => {
    const all = new Map([...settings, [name, wanted]]);
    return `{ ${address}, ${[...all].map((pair) => pair.join('=')).join(', ')} }`;
  };
  const better = (name: string, wanted: string): string[] => set(entry(name, wanted));
  return [
    ...ofAction(value('default_action'), better),
    ...ofProtocol(value('protocol'), better),
    ...ofTime(value, better, 'connect_timeout', CONNECT_SECONDS, 'a busy Postern counts as away'),
    ...ofTime(value, better, 'command_timeout', COMMAND_SECONDS, 'Postern may take 8 s to decide'),
    ...ofTime(value, better, 'content_timeout', CONTENT_SECONDS, 'the end of a long message takes its time'),
  ];
}

type Better = (name: string, wanted: string) => string[];

/** milter8_comm_error() */
const AWAY: Readonly<Record<string, string>> = {
  tempfail: 'all mail is told to try later while Postern is away',
  shutdown: 'all sessions are ended with 421 while Postern is away',
  reject: 'all mail is refused for good while Postern is away',
  quarantine: 'all mail is put on hold while Postern is away',
};

function ofAction(action: string | null, better: Better): Diagnosis[] {
  if (action === null) return [];
  const word = action.toLowerCase();
  if (word === 'accept') return [ok('default_action=accept: while Postern is away mail is let in')];
  const away = Object.hasOwn(AWAY, word) ? AWAY[word]! : 'Postfix does not know that word';
  return [warning(`default_action is ${action}: ${away}`, ...better('default_action', 'accept'))];
}

function ofProtocol(protocol: string | null, better: Better): Diagnosis[] {
  const version = Number(/\b(\d+)\b/.exec(protocol ?? '')?.[1] ?? NEWEST);
  if (version >= NEWEST) return [];
  const less =
    version < 4
      ? 'Postern hears nothing of DATA, and greylists the null sender only after the message'
      : 'it lacks what makes it fast';
  return [warning(`milter_protocol is ${version}: ${less}`, ...better('protocol', String(NEWEST)))];
}

function ofTime(
  value: (name: string) => string | null,
  better: Better,
  name: string,
  least: number,
  why: string,
): Diagnosis[] {
  const written = value(name);
  const seconds = written === null ? null : secondsOf(written);
  if (seconds === null)
    return written === null ? [] : [note(`${name} is ${written}, which can't be read here`)];
  return seconds >= least ? [] : [warning(`${name} is ${written}: ${why}`, ...better(name, `${least}s`))];
}

const UNITS: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };

/** `30s`; a bare number is in seconds for these (postconf(5)). Null: it is none. */
function secondsOf(text: string): number | null {
  const [, digits, unit = ''] = /^(\d+)([smhdw]?)$/.exec(text.trim()) ?? [];
  return digits === undefined ? null : Number(digits) * UNITS[unit]!;
}
