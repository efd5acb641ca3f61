/** Owns text that is safe in a YAML file: values quoted where they have to be, comments that nothing escapes from. */

import { asciiJson } from '../mail/json-text.ts';
import { unkeyed } from '../mail/secret-zone.ts';
import { asWritten } from './open-name.ts';

const WIDTH = 110;

/** YAML, or one of its readers, takes it for something else than text. */
const NO_TEXT = /^(?:null|true|false|yes|no|on|off|y|n)$/i;

/** A scalar in block context, plain if every YAML reader takes it for this very text. */
export function scalar(text: string): string {
  const plain = /^[A-Za-z_][\w ./@=;:[\]*+-]*$/.test(text) && !/: |:$| $/.test(text) && !NO_TEXT.test(text);
  return plain ? text : asciiJson(JSON.stringify(text));
}

/** An item of a flow sequence `[a, b]`, where brackets and commas mean more. */
export function flowItem(text: string): string {
  return /^\w[\w./-]*$/.test(text) && !NO_TEXT.test(text) ? text : asciiJson(JSON.stringify(text));
}

/** Comment lines, broken at blanks; secrets of zones are not shown. */
export function comment(text: string, indent = '', hanging = ''): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of inOneLine(unkeyed(text)).split(' ')) {
    const lead = lines.length === 0 ? '' : hanging;
    if (line !== '' && `${indent}# ${lead}${line} ${word}`.length > WIDTH) {
      lines.push(`${indent}# ${lead}${line}`);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, `${indent}# ${lines.length === 0 ? '' : hanging}${line}`.trimEnd()];
}

/** A comment behind a value. */
export function trailing(text: string): string {
  return `# ${inOneLine(unkeyed(text))}`;
}

/** A comment line as it is, for what is to be copied from it. */
export function verbatim(text: string, indent = ''): string {
  return `${indent}# ${inOneLine(text)}`;
}

function inOneLine(text: string): string {
  return asWritten(text).replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '?');
}
