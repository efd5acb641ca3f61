/** Owns the macros of a session: which are in force, by stage, and what one of them is. */

import { toText } from './bytes.ts';
import { ProtocolError } from './protocol-error.ts';

/** The stages in the order of an SMTP session; a later one's macros hide an earlier one's. */
export const STAGE = {
  connect: 0,
  helo: 1,
  mail: 2,
  rcpt: 3,
  data: 4,
  header: 5,
  endOfHeaders: 6,
  body: 7,
  endOfMessage: 8,
  unknown: 9,
} as const;

export type StageName = keyof typeof STAGE;

/** By the code of the command that macros were sent for. */
const STAGE_OF_CODE: Readonly<Record<string, number>> = {
  C: STAGE.connect,
  H: STAGE.helo,
  M: STAGE.mail,
  R: STAGE.rcpt,
  T: STAGE.data,
  L: STAGE.header,
  N: STAGE.endOfHeaders,
  B: STAGE.body,
  E: STAGE.endOfMessage,
  U: STAGE.unknown,
};

/** Of all stages: MTAs send one or two thousand. They are kept as long as the connection, and searched through. */
const MOST_BYTES = 32_768;

/** An immutable stack, later stages on top; null is empty. */
export type MacroStack = MacroTable | null;

interface MacroTable {
  readonly stage: number;
  /** `name NUL value NUL …`; read only when asked for: most macros are never looked at. */
  readonly table: string;
  readonly below: MacroStack;
}

/** The stage of a command's code; null for a command that knows no macros. */
export function stageOfCode(code: string): number | null {
  return STAGE_OF_CODE[code] ?? null;
}

/** New macros of a stage replace its old ones and those of all later stages. */
export function define(macros: MacroStack, stage: number, table: string): MacroStack {
  const below = dropRecipient(dropFrom(macros, stage), stage);
  let bytes = table.length;
  for (let at = below; at !== null; at = at.below) bytes += at.table.length;
  if (bytes > MOST_BYTES) throw new ProtocolError(`more than ${MOST_BYTES} bytes of macros`);
  return { stage, table, below };
}

/** Without the macros of `stage` and later. */
export function dropFrom(macros: MacroStack, stage: number): MacroStack {
  let kept = macros;
  while (kept !== null && kept.stage >= stage) kept = kept.below;
  return kept;
}

/** A recipient's macros are his alone: the stages after RCPT do not see the last one's. */
export function dropRecipient(macros: MacroStack, stage: number): MacroStack {
  return stage > STAGE.rcpt && macros?.stage === STAGE.rcpt ? macros.below : macros;
}

/** The value of a macro as text, null if the MTA gave none. `{x}` and `x` name the same one. */
export function findMacro(macros: MacroStack, name: string): string | null {
  const wanted = bare(name);
  for (let at = macros; at !== null; at = at.below) {
    const value = findIn(at.table, wanted);
    if (value !== null) return toText(value);
  }
  return null;
}

/** In place: a session asks for some ten macros, and to split the table each time would be its dearest part. */
function findIn(table: string, wanted: string): string | null {
  let start = 0;
  for (;;) {
    const nameEnd = table.indexOf('\0', start);
    if (nameEnd < 0) return null;
    const found = table.indexOf('\0', nameEnd + 1);
    const end = found < 0 ? table.length : found;
    if (bare(table.slice(start, nameEnd)) === wanted) return table.slice(nameEnd + 1, end);
    start = end + 1;
  }
}

function bare(name: string): string {
  return name.startsWith('{') && name.endsWith('}') ? name.slice(1, -1) : name;
}
