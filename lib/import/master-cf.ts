/** Owns the reading of master.cf: its services, the commands behind them, and the settings that `-o` overrides. */

export interface Service {
  readonly name: string;
  /** inet, unix, pass … */
  readonly type: string;
  readonly line: number;
  /** `y`, `n`, or `-`: as Postfix does by default. */
  readonly chroot: string;
  /** smtpd, postscreen, spawn … */
  readonly command: string;
  /** The command with its arguments, as written. */
  readonly written: string;
  readonly overrides: readonly Override[];
}

export interface Override {
  readonly name: string;
  readonly value: string;
}

/** Never throws. */
export function readMasterCf(text: string): Service[] {
  const services: { line: number; parts: string[] }[] = [];
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    if (/^\s*(?:#|$)/.test(line)) continue;
    if (!/^\s/.test(line)) services.push({ line: i + 1, parts: [line] });
    else services.at(-1)?.parts.push(line.trim());
  }
  return services.flatMap(({ line, parts }) => {
    const [name, type = '', , , chroot = '-', , , command, ...options] = fieldsOf(parts.join(' '));
    if (name === undefined || command === undefined) return [];
    return [
      {
        name,
        type,
        line,
        chroot,
        command,
        written: [command, ...options].join(' '),
        overrides: overridesIn(options),
      },
    ];
  });
}

/** Blanks separate, but not within braces (mystrtokq()). */
function fieldsOf(text: string): string[] {
  const fields: string[] = [];
  let start = -1;
  let depth = 0;
  for (let at = 0; at <= text.length; at++) {
    const char = text[at] ?? ' ';
    if (char === '{') depth++;
    else if (char === '}') depth = Math.max(0, depth - 1);
    const separates = at === text.length || (depth === 0 && /\s/.test(char));
    if (!separates && start < 0) start = at;
    if (!separates || start < 0) continue;
    fields.push(text.slice(start, at));
    start = -1;
  }
  return fields;
}

/** `-o name=value`, `-oname=value`, `-o { name = value }`. */
function overridesIn(options: readonly string[]): Override[] {
  const found: Override[] = [];
  for (let i = 0; i < options.length; i++) {
    const option = options[i]!;
    if (!option.startsWith('-o')) continue;
    const written = option === '-o' ? (options[++i] ?? '') : option.slice(2);
    const inner = /^\{(.*)\}$/s.exec(written)?.[1] ?? written;
    const [, name, value] = /^\s*(\w+)\s*=\s*(.*?)\s*$/s.exec(inner) ?? [];
    if (name !== undefined && value !== undefined) found.push({ name, value });
  }
  return found;
}
