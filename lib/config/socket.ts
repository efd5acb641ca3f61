/** Owns who may connect to a unix socket: the keys `socket_mode` and `socket_owner`. */

import { isScalar } from 'yaml';
import { shown } from '../yaml/problem.ts';
import { nullable, textual } from '../yaml/value.ts';

/** Null: no such part was written, and the process's own group stays. */
export interface SocketOwner {
  /** A name or a number. */
  readonly user: string;
  readonly group: string | null;
}

/** Quoted octal digits, as for chmod: YAML 1.2 reads a bare 0660 as the number 660. */
export const socketMode = textual({ type: 'string', pattern: '^0?[0-7]{3}$' }, '"0660"', (text, place) => {
  const [, digits] = /^(?:0o?)?([0-7]{3})$/.exec(text) ?? [];
  if (digits === undefined)
    return place.error(`"${shown(text)}" is not a file mode`, 'write three octal digits, such as "0660"');
  if ((isScalar(place.node) && typeof place.node.value === 'number') || text.includes('o'))
    return place.error(`YAML reads ${text} as a plain number`, `write "0${digits}", in quotes`);
  const mode = Number.parseInt(digits, 8);
  if ((mode & 0o222) === 0)
    return place.error(
      `with "${text}" nobody could connect`,
      'give the MTA the right to write, as "0660" does',
    );
  return mode;
});

/** `postern:postfix`, `postern`. */
export const socketOwner = nullable<SocketOwner>(
  textual({ type: 'string', pattern: '^[^:\\s]+(:[^:\\s]+)?$' }, 'postern:postfix', (text, place) => {
    const [, user, group] = /^([\w.][\w.$-]*)(?::([\w.][\w.$-]*))?$/.exec(text) ?? [];
    if (user !== undefined) return { user, group: group ?? null };
    return place.error(
      `"${shown(text)}" is not a user and a group`,
      'write both names with a colon between, such as postern:postfix',
    );
  }),
);
