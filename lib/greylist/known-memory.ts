/** Owns KnownMemory: which triplets the file has lately said to be known, so that their next mail waits for no disk. */

import { secondDown, type Timings, type Uses } from './judge.ts';
import type { Attempt } from './triplet.ts';

type Triplet = Pick<Attempt, 'origins' | 'sender' | 'recipient'>;

/** What the file is still to be told of a known triplet. */
export interface Use extends Triplet, Uses {}

interface Known extends Triplet {
  readonly name: string;
  lastMs: number;
  lifetimeMs: number;
  /** Uses that the file has not been told of. */
  untold: number;
  /** Used since it was last looked at for its place. */
  isUsed: boolean;
}

/** Five MB at most, two as mail is. */
const MOST = 10_000;
/** Characters of a triplet; of a longer one the file is asked each time. */
const LONGEST = 400;
const TELL_AFTER_MS = 1000;
/** Some milliseconds of the file's thread, in which judgements wait. */
const MOST_AT_ONCE = 256;

export interface File {
  /** False: it would not hear of anything now. */
  hears(): boolean;
  /** Resolves with the index of those that have to be judged again. */
  tell(uses: readonly Use[]): Promise<readonly number[]>;
}

export class KnownMemory {
  readonly #file: File;
  readonly #known = new Map<string, Known>();
  readonly #used = new Set<Known>();
  #timer: NodeJS.Timeout | null = null;
  #isClosed = false;
  #latestMs = 0;

  constructor(file: File) {
    this.#file = file;
  }

  /** The file would say so too; false: it has to be asked. */
  has(attempt: Attempt, nowMs: number, { lifetimeMs }: Timings): boolean {
    // By a clock that went back the file may have to judge otherwise than it has.
    if (nowMs < this.#latestMs) this.clear();
    this.#latestMs = nowMs;
    const known = this.#known.get(nameOf(attempt));
    if (known === undefined) return false;
    if (nowMs - known.lastMs > lifetimeMs) {
      this.#known.delete(known.name);
      return false;
    }
    known.lastMs = Math.max(known.lastMs, secondDown(nowMs));
    known.lifetimeMs = lifetimeMs;
    known.isUsed = true;
    known.untold += 1;
    this.#used.add(known);
    this.#tellLater();
    return true;
  }

  /** The file has said that it is known. */
  add(attempt: Attempt, nowMs: number, { lifetimeMs }: Timings): void {
    const name = nameOf(attempt);
    if (name.length > LONGEST || this.#known.has(name)) return;
    if (this.#known.size >= MOST) this.#makeRoom();
    const { origins, sender, recipient } = attempt;
    this.#known.set(name, {
      ...{ name, origins, sender, recipient, lastMs: secondDown(nowMs), lifetimeMs },
      ...{ untold: 0, isUsed: false },
    });
  }

  /** All uses: what the file is asked after this, it answers with them in mind. */
  tellAll(): void {
    while (this.#used.size > 0 && this.#file.hears()) void this.#tellSome();
  }

  /** The file is another one, or an administrator has changed it: nothing is known of it. */
  clear(): void {
    this.tellAll();
    this.#known.clear();
    this.#used.clear();
  }

  close(): void {
    this.tellAll();
    this.#isClosed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  #tellLater(): void {
    if (this.#isClosed || this.#timer !== null) return;
    this.#timer = setTimeout(() => void this.#tellByAndBy(), TELL_AFTER_MS).unref();
  }

  /** Judgements come in between. */
  async #tellByAndBy(): Promise<void> {
    while (this.#used.size > 0 && this.#file.hears()) await this.#tellSome();
    this.#timer = null;
    if (this.#used.size > 0) this.#tellLater();
  }

  async #tellSome(): Promise<void> {
    const some = [...this.#used.values().take(MOST_AT_ONCE)];
    const uses = some.map(({ origins, sender, recipient, untold, lastMs, lifetimeMs }) => {
      return { origins, sender, recipient, times: untold, lastMs, lifetimeMs };
    });
    for (const known of some) {
      known.untold = 0;
      this.#used.delete(known);
    }
    try {
      for (const i of await this.#file.tell(uses)) this.#drop(some[i]!);
    } catch {
      // It may yet hear of them, late: told twice they would count twice. What is wrong with it a judgement tells.
    }
  }

  #drop(known: Known): void {
    this.#used.delete(known);
    if (this.#known.get(known.name) === known) this.#known.delete(known.name);
  }

  /** The oldest goes that was not used since it was last looked at; it may still have uses to tell. */
  #makeRoom(): void {
    for (const known of this.#known.values()) {
      this.#known.delete(known.name);
      if (!known.isUsed) return;
      known.isUsed = false;
      this.#known.set(known.name, known);
    }
  }
}

/** The lengths stand in front, so no choice of texts can make two of them one. */
function nameOf({ origins, sender, recipient }: Triplet): string {
  let name = `${sender.length} ${recipient.length} ${sender}${recipient}`;
  for (const { kind, value } of origins) name += `${kind} ${value.length} ${value}`;
  return name;
}
