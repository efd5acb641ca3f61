/** Owns the words for what is not YAML: the parser's errors, said as an administrator would be told. */

import type { Document, ErrorCode, YAMLError } from 'yaml';
import { shown } from './problem.ts';
import {
  bareBrackets,
  barePattern,
  missingBlank,
  slippedBlank,
  tooDeep,
  type Advice,
  type SyntaxProblem,
} from './slips.ts';

/** What has more is a file of another kind. */
const mostErrors = 200;

/** One per place; what follows from another error on the same line is left out. */
export function syntaxProblems(text: string, document: Document): readonly SyntaxProblem[] {
  const found: SyntaxProblem[] = [];
  const told = new Set<number>();
  const lost = new Set<ErrorCode>();
  if (document.directives?.yaml.version !== '1.2')
    found.push({
      offset: Math.max(text.indexOf('%YAML'), 0),
      what: 'the file is read as YAML 1.2',
      instead: 'remove this line',
      local: true,
    });
  const errors = [...document.errors, ...document.warnings].sort((a, b) => a.pos[0] - b.pos[0]);
  const hopeless = errors[mostErrors];
  for (const error of errors.slice(0, mostErrors)) {
    const start = text.lastIndexOf('\n', error.pos[0] - 1) + 1;
    const problem =
      bareBrackets(text, start, error.pos[0]) ?? barePattern(text, error.pos[0]) ?? described(text, error);
    if (told.has(start) && !problem.local) continue;
    if (followsFrom(lost, error.code, problem.local)) continue;
    if (!problem.local || error.code === 'TAB_AS_INDENT') lost.add(error.code);
    told.add(start);
    found.push(problem);
  }
  if (hopeless !== undefined) {
    const what = `more than ${mostErrors} errors: the rest of the file was not read`;
    found.push({ offset: hopeless.pos[0], what, instead: 'is it the right file?', local: false });
  }
  return found;
}

/** Where the parser has lost its way it goes on about every line after: the first is the one to mend. */
function followsFrom(lost: ReadonlySet<ErrorCode>, code: ErrorCode, isLocal: boolean): boolean {
  return !isLocal && (lost.has(code) || lost.has('TAB_AS_INDENT'));
}

/** Errors that leave the other lines readable. */
const local: Partial<Record<ErrorCode, Advice>> = {
  TAB_AS_INDENT: ['YAML does not allow a tab here', 'write spaces'],
  TAG_RESOLVE_FAILED: ['a bare ! begins a tag in YAML', 'write the value in quotes, or remove the tag'],
  BAD_ALIAS: ['a bare * begins an alias in YAML', 'write the value in quotes'],
  ALIAS_PROPS: ['a bare * begins an alias in YAML', 'write the value in quotes'],
};

/** Errors behind which the parser may have lost its way. */
const structural: Partial<Record<ErrorCode, readonly [what: string, instead: string | null]>> = {
  MULTIPLE_DOCS: ['a second document begins here', 'keep one: remove this line and what does not belong'],
  BLOCK_AS_IMPLICIT_KEY: [
    'a value here looks like another key',
    'begin a new line for it, or write the value in quotes',
  ],
  MULTILINE_IMPLICIT_KEY: ['this line has no "key: value"', 'write a colon and a space after the key'],
  BAD_INDENT: ['this line begins in another column than its neighbours', 'indent them alike, with spaces'],
  RESOURCE_EXHAUSTION: ['this is nested too deeply', null],
};

function described(text: string, { code, message, pos }: YAMLError): SyntaxProblem {
  const offset = pos[0];
  const as = (local: boolean, [what, instead]: readonly [string, string | null]) => ({
    offset,
    what,
    instead,
    local,
  });
  const first = shown(text[offset] ?? '');
  if (code === 'BAD_SCALAR_START')
    return as(true, [`a value can't begin with ${first}`, 'write it in quotes']);
  if (code === 'TAG_RESOLVE_FAILED' && /^![\d[]/.test(text.slice(offset, offset + 2)))
    return as(true, [
      "Postfix's ! (all but this network) is not in this version yet",
      'list the networks that remain',
    ]);
  if (code === 'BAD_INDENT' && message.startsWith('Flow'))
    return as(false, ['a [ or { above this line is not closed', 'write the ] or }']);
  if (code === 'MISSING_CHAR' && message.startsWith('Missing closing'))
    return as(false, [`a ${message.at(16)} above is not closed`, 'write it at both ends of the value']);
  if (code === 'BLOCK_AS_IMPLICIT_KEY') {
    const slipped = slippedBlank(text, offset);
    // The keys below it are taken for more of this one.
    if (slipped !== null) return as(false, slipped);
    const deep = tooDeep(text, offset);
    if (deep !== null) return deep;
  }
  if (code === 'MULTILINE_IMPLICIT_KEY' || (code === 'MISSING_CHAR' && message.startsWith('Implicit map'))) {
    const missing = missingBlank(text, offset);
    if (missing !== null) return as(false, missing);
  }
  if (message.startsWith('Invalid escape sequence'))
    return as(true, [
      `${shown(text.slice(offset, offset + 2))} means nothing in double quotes`,
      'write the value in single quotes',
    ]);
  if (/^Unexpected flow-(?:seq|map)-start/.test(message))
    return as(false, [`a bare ${first} begins a list in YAML`, 'write the whole value in single quotes']);
  const known = local[code];
  if (known !== undefined) return as(true, known);
  return as(false, structural[code] ?? [`not YAML: ${shown(message)}`, 'check this line and the one above']);
}
