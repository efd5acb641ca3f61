/** Owns the slips whose meaning can be told from the text where YAML reads it otherwise: brackets, blanks, indentation. */

import { shown } from './problem.ts';

export type Advice = readonly [what: string, instead: string];

export interface SyntaxProblem {
  readonly offset: number;
  readonly what: string;
  readonly instead: string | null;
  /** True: the other lines still mean what they seem to mean. */
  readonly local: boolean;
  /** Where the doubt begins, if that is before `offset`. */
  readonly since?: number;
}

const BRACKETED = String.raw`(?:[a-z0-9]{1,9}:(?:\d{1,5}@)?)?\[[0-9a-f:.]{0,45}:[0-9a-f:.]{0,45}\](?:[/:][0-9]{1,5})?`;

/** The commonest trap of all: `[` begins a list, so that Postfix's `[::1]/128` needs quotes. */
export function bareBrackets(text: string, start: number, offset: number): SyntaxProblem | null {
  const end = text.indexOf('\n', start);
  const line = text.slice(start, end < 0 ? undefined : end).trimEnd();
  for (const match of line.matchAll(new RegExp(BRACKETED, 'gi'))) {
    const at = start + match.index;
    if (offset < at || offset > at + match[0].length) continue;
    const before = line.slice(0, match.index);
    const alone = /^\s*(?:- +|[\w-]+: +)$/.test(before);
    const value = alone ? line.slice(match.index, match.index + 200).replace(/\s+#.*$/, '') : match[0];
    const comma = /[\w"'\])] +$/.test(before) && !alone ? ', with a comma before it' : '';
    const [what, instead] = inQuotes(value);
    return { offset: at, what, instead: instead + comma, local: true };
  }
  return null;
}

function inQuotes(value: string): Advice {
  // A host with a port can only be an address to listen on, and that has a scheme.
  const address = /^\[[^\]]*\]:\d+$/.test(value) ? `inet:${value}` : value;
  return ['a bare [ begins a list in YAML', `write "${shown(address)}", in quotes`];
}

/** In a YAML list the bracket of a DNS list's pattern needs quotes: `[reject_rbl_client zen.spamhaus.org=127.0.0.[2..11]]`. */
export function barePattern(text: string, offset: number): SyntaxProblem | null {
  if (text[offset] !== '[') return null;
  const before = text.slice(Math.max(0, offset - 300), offset);
  const value = /(?:[[{,]|:\s)[^[\]{},]*=[\d.]+$/.exec(before)?.[0];
  if (value === undefined) return null;
  const [end = ''] = /^(?:\[[^[\]]*\][.\d]*)+(?:\*-?\d+)?/.exec(text.slice(offset, offset + 100)) ?? [];
  const start = value.replace(/^[[{,:]\s*(?:\w+:\s+)?/, '');
  return {
    offset: offset - start.length,
    what: 'a bare [ begins a list in YAML',
    instead: `write the whole of it in quotes: "${shown(start + end)}"`,
    local: true,
  };
}

/** What a list or mapping at this place was probably meant to be: an address that YAML reads otherwise; null: no idea. */
export function meantAsValue(text: string, offset: number): Advice | null {
  const bracketed = new RegExp(BRACKETED, 'iy');
  bracketed.lastIndex = offset;
  const bare = bracketed.exec(text)?.[0];
  return bare === undefined ? slippedBlank(text, offset) : inQuotes(bare);
}

/** `inet: 8891@127.0.0.1` */
export function slippedBlank(text: string, offset: number): Advice | null {
  const slipped = /(inet6?|unix|local|fd|sqlite): +([^\s,}\]]+)/y;
  slipped.lastIndex = offset;
  const [, scheme, rest] = slipped.exec(text) ?? [];
  if (scheme === undefined || rest === undefined) return null;
  return [`the blank after "${scheme}:" makes it a key`, `remove the blank: ${scheme}:${shown(rest)}`];
}

/** A key that stands deeper than the one above it is read as more of that one's value, which begins at `offset`. */
export function tooDeep(text: string, offset: number): SyntaxProblem | null {
  const above = text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset);
  const [, before, indent] =
    /^([^\n]*\n\s*?)( +)[\w-]+:(?:\s|$)/.exec(text.slice(offset, offset + 300)) ?? [];
  const column = above.search(/\S/);
  if (before === undefined || indent === undefined || /:\s*\S/.test(before)) return null;
  if (column < 0 || indent.length <= column) return null;
  return {
    offset: offset + before.length + indent.length,
    what: 'this line is indented deeper than the one above',
    instead: 'give it the same indentation as the line above',
    local: false,
    since: offset,
  };
}

/** `delay:60s` */
export function missingBlank(text: string, offset: number): Advice | null {
  const [, key, value] = /^([a-z]\w*):([^\s:/][^\n]*)/.exec(text.slice(offset, offset + 200)) ?? [];
  if (key === undefined || value === undefined) return null;
  return [
    `a space is missing after "${key}:"`,
    `write ${key}: ${shown(value.replace(/\s+#.*$/, '').trimEnd())}`,
  ];
}
