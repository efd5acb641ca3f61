/** Owns the reading of master.cf: its services, the commands behind them, and the settings that `-o` overrides. */

export interface Service {
  readonly name: string;
  readonly line: number;
  /** smtpd, postscreen, spawn … */
  readonly command: string;
  /** The command with its arguments, as written. */
  readonly written: string;
  readonly overrides: readonly { readonly name: string; readonly value: string }[];
}

/** Never throws. */
export function readMasterCf(text: string): Service[] {
  const services: { line: number; text: string }[] = [];
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    if (/^\s*(?:#|$)/.test(line)) continue;
    const last = services.at(-1);
    if (!/^\s/.test(line)) services.push({ line: i + 1, text: line });
    else if (last !== undefined) last.text += ` ${line.trim()}`;
  }
  return services.flatMap(({ line, text }) => {
    const fields = text.split(/\s+/);
    const [name, , , , , , , command] = fields;
    if (name === undefined || command === undefined) return [];
    const written = fields.slice(7).join(' ');
    const overrides = [...written.matchAll(/(?:^|\s)-o\s+(?:\{\s*)?(\w+)\s*=\s*((?:(?!\s-o\s).)*)/g)].map(
      ([, name = '', value = '']) => ({ name, value: value.replace(/\s*\}?\s*$/, '') }),
    );
    return [{ name, line, command, written, overrides }];
  });
}
