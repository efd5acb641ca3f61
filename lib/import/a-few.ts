/** Owns long enumerations: nobody reads more than the first of them. */

const MOST = 12;

/** `a, b and 10 more` */
export function aFew(things: readonly (string | number)[], most = MOST): string {
  const shown = things.slice(0, most).join(', ');
  return things.length > most ? `${shown} and ${things.length - most} more` : shown;
}
