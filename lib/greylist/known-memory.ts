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

export class KnownMemory {
  readonly #tell: (uses: readonly Use[]) => Promise<readonly number[]>;
  readonly #known = new Map<string, Known>();
  readonly #used = new Set<Known>();
  #timer: NodeJS.Timeout | null = null;
  #isClosed = false;
  #latestMs = 0;

  /** `tell`: resolves with the index of those that have to be judged again. */
  constructor(tell: (uses: readonly Use[]) => Promise<readonly number[]>) {
    this.#tell = tell;
  }

  /** The file would say so too; false: it has to be asked. */
  has(attempt: Attempt, nowMs: number, { lifetimeMs }: Timings): boolean {
    if (nowMs < this.#latestMs) this.#begunAnew();
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
    this.#owe(known, 1);
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
    while (this.#used.size > 0) void this.#tellSome();
  }

  /** The file is another one, or an administrator has changed it. */
  clear(): void {
    this.#known.clear();
    this.#used.clear();
  }

  /** By a clock that went back the file may have to judge otherwise than it has. */
  #begunAnew(): void {
    this.tellAll();
    this.clear();
  }

  close(): void {
    this.tellAll();
    this.#isClosed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  #owe(known: Known, times: number): void {
    known.untold += times;
    this.#used.add(known);
    this.#tellLater();
  }

  #tellLater(): void {
    if (this.#isClosed || this.#timer !== null) return;
    this.#timer = setTimeout(() => void this.#tellByAndBy(), TELL_AFTER_MS).unref();
  }

  /** Judgements come in between. */
  async #tellByAndBy(): Promise<void> {
    while (this.#used.size > 0 && (await this.#tellSome()));
    this.#timer = null;
    if (this.#used.size > 0) this.#tellLater();
  }

  /** False: the file could not be told, and is told another time. */
  async #tellSome(): Promise<boolean> {
    const some = [...this.#used.values().take(MOST_AT_ONCE)];
    const uses = some.map(({ origins, sender, recipient, untold, lastMs, lifetimeMs }) => {
      return { origins, sender, recipient, times: untold, lastMs, lifetimeMs };
    });
    for (const known of some) {
      known.untold = 0;
      this.#used.delete(known);
    }
    try {
      for (const i of await this.#tell(uses)) this.#drop(some[i]!);
      return true;
    } catch {
      // What is wrong with it a judgement tells.
      for (const [i, known] of some.entries()) if (this.#isThere(known)) this.#owe(known, uses[i]!.times);
      return false;
    }
  }

  #drop(known: Known): void {
    this.#used.delete(known);
    if (this.#isThere(known)) this.#known.delete(known.name);
  }

  #isThere(known: Known): boolean {
    return this.#known.get(known.name) === known;
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
