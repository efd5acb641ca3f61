/** Owns the question where in a JSON text a value stands: of many paths, in one walk from its beginning to its end. */

type Path = readonly (string | number)[];

interface Frame {
  /** Of the value that is read next: an index, or a key; null: that key is read next. */
  at: number | string | null;
  readonly isArray: boolean;
  /** How many steps into a path that is sought these values are; null: they are on the way to none. */
  readonly depth: number | null;
}

/**
 * The offset of each value that is there; of one that is not, of the innermost thing around it that is. `text` has been
 * through JSON.parse. Takes as long as `text` is, whatever is in it.
 */
export function placesIn(text: string, paths: readonly Path[]): readonly number[] {
  const sought = new Map<string, number>();
  for (const path of paths) for (const part of partsOf(path)) sought.set(part, 0);
  const deepest = Math.max(0, ...paths.map(({ length }) => length));
  const way: (number | string)[] = [];
  const open: Frame[] = [];

  /** A value begins here. */
  const meet = (offset: number): number | null => {
    const around = open.at(-1);
    if (around === undefined) return note(offset, 0);
    if (around.depth === null || around.depth >= deepest) return null;
    way.length = around.depth;
    way.push(around.at!);
    return note(offset, way.length);
  };
  const note = (offset: number, depth: number): number | null => {
    const part = JSON.stringify(way);
    if (!sought.has(part)) return null;
    sought.set(part, offset);
    return depth;
  };

  for (let offset = 0; offset < text.length; offset++) {
    const around = open.at(-1);
    switch (text[offset]!) {
      case ' ':
      case '\n':
      case '\r':
      case '\t':
      case '\ufeff':
      case ':':
        break;
      case '[':
      case '{': {
        const isArray = text[offset] === '[';
        open.push({ depth: meet(offset), isArray, at: isArray ? 0 : null });
        break;
      }
      case ']':
      case '}':
        open.pop();
        break;
      case ',':
        if (around !== undefined) around.at = around.isArray ? Number(around.at) + 1 : null;
        break;
      case '"': {
        const end = endOfString(text, offset);
        if (around?.at === null) around.at = around.depth === null ? '' : unquoted(text.slice(offset, end));
        else meet(offset);
        offset = end - 1;
        break;
      }
      default:
        meet(offset);
        while (/[\w.+-]/.test(text[offset + 1] ?? '')) offset++;
    }
  }
  return paths.map((path) => Math.max(...partsOf(path).map((part) => sought.get(part)!)));
}

/** Each beginning of it, itself too. */
function partsOf(path: Path): string[] {
  return Array.from({ length: path.length + 1 }, (_, length) => JSON.stringify(path.slice(0, length)));
}

/** Behind its closing quote. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at + 1;
}

function unquoted(text: string): string {
  return String(JSON.parse(text));
}
