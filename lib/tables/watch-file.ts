/** Owns noticing that a table's file has changed: by a look each second, which works on every file system. */

import { fileState, type FileState } from './table-file.ts';

/** A file that is written all the time is read all the same, after so many looks. */
const MOST_UNREST = 5;

export class FileWatch {
  readonly #path: string;
  readonly #known: () => FileState | null;
  readonly #changed: () => Promise<unknown>;
  readonly #timer: NodeJS.Timeout;
  #looking = false;
  #seen: string | null = null;
  #unrest = 0;

  /** `known`: the state of what was read last; null: nothing was. */
  constructor(path: string, everyMs: number, known: () => FileState | null, changed: () => Promise<unknown>) {
    this.#path = path;
    this.#known = known;
    this.#changed = changed;
    this.#seen = known()?.version ?? null;
    this.#timer = setInterval(() => void this.#look(), everyMs);
    this.#timer.unref();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    try {
      const state = await fileState(this.#path);
      if (this.#isDue(state)) await this.#changed();
    } finally {
      this.#looking = false;
    }
  }

  /**
   * A file that was put in another's place is whole. One that is being written in place may be half there: it is
   * read when it has been quiet from one look to the next.
   */
  #isDue(state: FileState | null): boolean {
    const known = this.#known();
    const version = state?.version ?? null;
    const settled = version === this.#seen;
    this.#seen = version;
    if (version === (known?.version ?? null)) return false;
    this.#unrest++;
    const replaced = state !== null && known !== null && state.identity !== known.identity;
    if (!replaced && !settled && this.#unrest < MOST_UNREST) return false;
    this.#unrest = 0;
    return true;
  }
}
