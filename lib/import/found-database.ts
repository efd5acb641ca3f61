/** Owns what an import tells of another greylister's database that it has looked through. */

import type { Adoption } from '../greylist/adopt.ts';
import { LEFT_OUT, type ForeignRow, type LeftOut } from './foreign-row.ts';

/** How many rows of each kind. */
export interface RowCounts {
  readonly known: number;
  readonly waiting: number;
  /** Clients that need not wait. */
  readonly allowed: number;
  /** Clients on the way there. */
  readonly earning: number;
  readonly left: Readonly<Partial<Record<LeftOut, number>>>;
}

export class RowTally {
  #known = 0;
  #waiting = 0;
  #allowed = 0;
  #earning = 0;
  readonly #left: Partial<Record<LeftOut, number>> = {};

  add(row: ForeignRow): void {
    if (typeof row === 'string') this.#left[row] = (this.#left[row] ?? 0) + 1;
    else if (row[0] !== undefined) this.#count(row[0]);
  }

  get counts(): RowCounts {
    return {
      known: this.#known,
      waiting: this.#waiting,
      allowed: this.#allowed,
      earning: this.#earning,
      left: { ...this.#left },
    };
  }

  #count(adoption: Adoption): void {
    if (adoption.kind === 'triplet') {
      if (adoption.passed) this.#known++;
      else this.#waiting++;
    } else if (adoption.allowed) this.#allowed++;
    else this.#earning++;
  }
}

const LEFT: Readonly<Record<LeftOut, string>> = {
  damaged: 'damaged, or none of its rows',
  hashed: 'hashed by --privacy, which nobody can undo: these wait once more',
  tarpit: 'of hosts in the tarpit',
  past: 'past their time there',
};

/** `812 triplets known, 40 waiting, 17 clients not delayed any more, 90 on the way there`. */
export function rowsTold({ known, waiting, allowed, earning }: RowCounts): string {
  const clients =
    allowed + earning === 0
      ? ''
      : `, ${counted(allowed, 'client')} not delayed any more, ${earning} on the way there`;
  return `${counted(known, 'triplet')} known, ${waiting} waiting${clients}`;
}

function counted(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? '' : 's'}`;
}

/** A clause for each kind of row that is left out. */
export function leftTold({ left }: RowCounts): string[] {
  return LEFT_OUT.flatMap((why) => {
    const rows = left[why] ?? 0;
    return rows === 0 ? [] : [`${counted(rows, 'row')} left out: ${LEFT[why]}`];
  });
}
