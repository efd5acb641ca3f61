/** Owns the reading of a value of smtpd_milters: the milters in it, with the settings that each has for itself. */

export interface NamedMilter {
  /** As it stands in the list, braces included. */
  readonly written: string;
  /** `inet:127.0.0.1:8891`, `unix:postern/postern.sock`. */
  readonly address: string;
  /** `default_action` → `accept`. */
  readonly settings: ReadonlyMap<string, string>;
  /** What smtpd would end at, in words; null: it is well written. */
  readonly fault: string | null;
}

/** Without `milter_` before them (milter.c). */
const SETTINGS = ['connect_timeout', 'command_timeout', 'content_timeout', 'protocol', 'default_action'];

/** Never throws. */
export function readMilterList(value: string): NamedMilter[] {
  return split(value).map((written) => {
    if (!written.startsWith('{')) return { written, address: written, settings: new Map(), fault: null };
    const closed = written.endsWith('}');
    const [address = '', ...options] = split(written.slice(1, closed ? -1 : undefined));
    const settings = new Map<string, string>();
    let fault = closed ? null : 'a } is missing';
    for (const option of options) {
      const bare = option.startsWith('{') ? option.slice(1, -1).trim() : option;
      const [, name, setting] = /^([^\s=]+)\s*=\s*(\S.*)$/.exec(bare) ?? [];
      // Blanks separate here, so that those around `=` make three of one: "missing '=' after attribute name".
      if (name === undefined || setting === undefined)
        fault ??= `"${bare}" is no name=value: no blank may stand around the =`;
      else if (!SETTINGS.includes(name)) fault ??= `${name} is no setting of a milter`;
      else settings.set(name, setting);
    }
    return { written, address, settings, fault: address === '' ? 'it names no milter' : fault };
  });
}

/** At blanks and commas, but not within braces (mystrtokq()). */
function split(text: string): string[] {
  const found: string[] = [];
  let depth = 0;
  let word = '';
  for (const char of text) {
    if (depth === 0 && /[\s,]/.test(char)) {
      if (word !== '') found.push(word);
      word = '';
      continue;
    }
    if (char === '{') depth++;
    else if (char === '}') depth = Math.max(0, depth - 1);
    word += char;
  }
  return word === '' ? found : [...found, word];
}
