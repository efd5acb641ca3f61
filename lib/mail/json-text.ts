/** Owns JSON that is safe to look at: what strangers write must not reach a terminal as more than text. */

/**
 * Writes every character of a JSON text beyond ASCII that controls or hides something as its escape: the value stays
 * the same. U+202E → `\\u202e`.
 */
export function asciiJson(json: string): string {
  return SAFE.test(json) ? json : json.replace(UNSAFE, escaped);
}

const SAFE = /^[\n -~]*$/;

/** C1 controls and DEL, invisible marks, line ends of Unicode, tags, halves of surrogate pairs. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

function escaped(char: string): string {
  if (char === '\n') return char;
  let text = '';
  for (let i = 0; i < char.length; i++) text += `\\u${char.charCodeAt(i).toString(16).padStart(4, '0')}`;
  return text;
}
