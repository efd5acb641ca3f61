/** Owns `$1`, `${1}`, `$(1)` and `$$` in the results of pattern tables (mac_parse.c). */

export type Template =
  | {
      readonly ok: true;
      readonly parts: readonly (string | number)[];
      /** 0: nothing is substituted. */ readonly highest: number;
    }
  | { readonly ok: false; readonly what: string; readonly instead: string };

/** The text with `$$` made `$`, cut where the groups go. */
export function readTemplate(text: string): Template {
  const parts: (string | number)[] = [];
  let literal = '';
  let highest = 0;
  for (let at = 0; at < text.length;) {
    const dollar = text.indexOf('$', at);
    literal += text.slice(at, dollar < 0 ? text.length : dollar);
    if (dollar < 0) break;
    if (text[dollar + 1] === '$') {
      literal += '$';
      at = dollar + 2;
      continue;
    }
    const [whole, curly, round, plain] =
      /^\$(?:\{([^{}]*)\}|\(([^()]*)\)|([0-9A-Za-z_]+))/.exec(text.slice(dollar, dollar + 100)) ?? [];
    const group = groupNumber(curly ?? round ?? plain ?? '');
    if (whole === undefined || group === null) return wrong(whole ?? '$', plain);
    if (literal !== '') parts.push(literal);
    literal = '';
    parts.push(group);
    highest = Math.max(highest, group);
    at = dollar + whole.length;
  }
  if (literal !== '') parts.push(literal);
  return { ok: true, parts, highest };
}

function groupNumber(name: string): number | null {
  return /^\d{1,4}$/.test(name) && Number(name) > 0 ? Number(name) : null;
}

function wrong(written: string, plain: string | undefined): Template {
  const glued = /^(\d+)(.+)$/.exec(plain ?? '');
  if (glued !== null)
    return { ok: false, what: `${written} is not a number`, instead: `write \${${glued[1]}}${glued[2]}` };
  return {
    ok: false,
    what: `${written} names no group`,
    instead: 'write $1 or ${1}, and $$ for a dollar sign',
  };
}

/** A group that matched nothing is the empty string. */
export function substitute(parts: readonly (string | number)[], groups: readonly (string | null)[]): string {
  return parts.map((part) => (typeof part === 'string' ? part : (groups[part] ?? ''))).join('');
}
