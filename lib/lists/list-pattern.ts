/** Owns ListPattern: which answers of a DNS list count, in the grammar of Postfix's ip_match.c. */

import { isIPv4 } from 'node:net';

/** The numbers that one of the four parts may be: ascending, disjoint, not adjacent. */
export type Ranges = readonly (readonly [from: number, to: number])[];

/** Four of them. */
export type Octets = readonly Ranges[];

export interface ListPattern {
  readonly octets: Octets;
  /** The one spelling of this set: `127.0.0.[2..4;9]`, without blanks. */
  readonly text: string;
}

/** `what` and `instead` are for people; `within`: how far into the text, in UTF-16 code units. */
export interface PatternFault {
  readonly ok: false;
  readonly what: string;
  readonly instead: string;
  readonly within: number;
}

export type ParsedPattern = { readonly ok: true; readonly pattern: ListPattern } | PatternFault;

/** More than anybody needs; what comes after it is not read. */
const LONGEST = 4096;

/**
 * `127.0.[0..255].[2;4..7]`. Blanks are allowed inside brackets, where Postfix takes none, and brackets around the whole
 * as Postfix has them. Never throws; linear.
 */
export function parseListPattern(text: string): ParsedPattern {
  if (text.trim() === '') return fault('there is no pattern after =', 'write one such as 127.0.0.[2..11]', 0);
  if (text.length > LONGEST) return fault('the pattern is too long', 'write ranges such as [2..11]', 0);
  const { inner, from } = unwrapped(text);
  const octets: Ranges[] = [];
  let at = 0;
  for (let i = 0; i < 4; i++) {
    if (i > 0 && inner[at] !== '.') return notADot(inner, at, from, i);
    if (i > 0) at++;
    const part = partAt(inner, at);
    const ranges = part.startsWith('[') ? sequence(part, from + at) : single(part, from + at);
    if ('ok' in ranges) return ranges;
    octets.push(ranges);
    at += part.length;
  }
  if (at < inner.length) return leftOver(inner, at, from);
  return { ok: true, pattern: patternOf(octets) };
}

/** Each part must have a number in it. */
export function patternOf(octets: Octets): ListPattern {
  return { octets, text: octets.map(spelled).join('.') };
}

/** `address`: a dotted quad; anything else matches nothing. */
export function matches({ octets }: ListPattern, address: string): boolean {
  if (!isIPv4(address)) return false;
  const numbers = address.split('.').map(Number);
  return octets.every((ranges, i) => ranges.some(([from, to]) => from <= numbers[i]! && numbers[i]! <= to));
}

/** Brackets around everything mean nothing, if they belong together. */
function unwrapped(text: string): { readonly inner: string; readonly from: number } {
  const whole = { inner: text, from: 0 };
  if (!text.startsWith('[') || !text.endsWith(']')) return whole;
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '[') depth++;
    else if (text[i] === ']' && --depth === 0 && i < text.length - 1) return whole;
  }
  return depth === 0 ? { inner: text.slice(1, -1), from: 1 } : whole;
}

/** What stands for one number: digits, or a bracket with what is in it. */
function partAt(text: string, at: number): string {
  const part = text[at] === '[' ? /\[[^\][]*\]?/y : /\d*/y;
  part.lastIndex = at;
  return part.exec(text)![0];
}

function single(digits: string, at: number): Ranges | PatternFault {
  if (digits === '')
    return fault('a number from 0 to 255 is missing', 'write 127.0.0.2, or [2..11] for some', at);
  const number = Number(digits);
  return number > 255 ? tooLarge(digits, at) : [[number, number]];
}

function sequence(part: string, at: number): Ranges | PatternFault {
  if (!part.endsWith(']')) return fault('a ] is missing', 'write [2..11], or [2;4;9]', at);
  const members = part.slice(1, -1).split(';');
  const ranges: (readonly [number, number])[] = [];
  let within = at + 1;
  for (const member of members) {
    const [, lowest, highest] = /^\s*(\d+)\s*(?:\.\.\s*(\d+)\s*)?$/.exec(member) ?? [];
    if (lowest === undefined) return notAMember(member, within);
    const [from, to] = [Number(lowest), Number(highest ?? lowest)];
    if (from > 255 || to > 255) return tooLarge(from > 255 ? lowest : highest!, within);
    if (from > to) return fault(`the range ${from}..${to} is empty`, `write ${to}..${from}`, within);
    ranges.push([from, to]);
    within += member.length + 1;
  }
  return merged(ranges);
}

function merged(ranges: Ranges): Ranges {
  const out: [number, number][] = [];
  for (const [from, to] of ranges.toSorted((a, b) => a[0] - b[0])) {
    const last = out.at(-1);
    if (last !== undefined && from <= last[1] + 1) last[1] = Math.max(last[1], to);
    else out.push([from, to]);
  }
  return out;
}

function spelled(ranges: Ranges): string {
  const parts = ranges.map(([from, to]) => (from === to ? `${from}` : `${from}..${to}`));
  return ranges.length === 1 && ranges[0]![0] === ranges[0]![1] ? parts[0]! : `[${parts.join(';')}]`;
}

function tooLarge(digits: string, at: number): PatternFault {
  return fault(`${digits.slice(0, 12)} is larger than 255`, 'write a number from 0 to 255', at);
}

/** The commonest ways of other programs to write such a list. */
function notAMember(member: string, at: number): PatternFault {
  const [, from, to] = /^\s*(\d{1,3})\s*(?:-|\.|\.{3,})\s*(\d{1,3})\s*$/.exec(member) ?? [];
  if (from !== undefined) return fault('a range is written with two dots', `write ${from}..${to!}`, at);
  if (member.includes(',')) return fault('numbers are separated by ; here', 'write [2;4;9]', at);
  if (member.trim() === '')
    return fault('a number is missing between the brackets', 'write [2..11], or [2;4;9]', at);
  return fault('only numbers and ranges stand in brackets', 'write [2..11], or [2;4;9]', at);
}

function notADot(text: string, at: number, from: number, parts: number): PatternFault {
  if (text[at] === '[')
    return fault('a number can not go on with a bracket', 'write either 2 or [2..11]', from + at);
  if (at < text.length) return leftOver(text, at, from);
  return fault(
    `the pattern has ${parts} of its four numbers`,
    'write one such as 127.0.0.[2..11]',
    from + at,
  );
}

function leftOver(text: string, at: number, from: number): PatternFault {
  const rest = text.slice(at, at + 20);
  const range = /(\d{1,3})(?:\.\.|-)(\d{1,3})$/.exec(text.slice(Math.max(0, at - 3), at + 6));
  if (range !== null && /^(?:\.\.|-)/.test(rest))
    return fault('a range needs brackets', `write [${range[1]!}..${range[2]!}]`, from + at);
  if (rest.startsWith('/'))
    return fault('this is no network', 'write the answers as a pattern: 127.0.0.[2..11]', from + at);
  if (/^\s/.test(rest)) return fault('blanks stand only inside brackets', 'remove them', from + at);
  return fault(
    'there is more behind the four numbers',
    'write four numbers, such as 127.0.0.[2..11]',
    from + at,
  );
}

function fault(what: string, instead: string, within: number): PatternFault {
  return { ok: false, what, instead, within };
}
