/** Owns Silence: whether any DNS server answers at all, told once when none does, and once when one does again. */

import type { DnsCounts } from './dns-counts.ts';
import { ABORTED, type Answer, type Resolver } from './resolver.ts';

/** `why`: of the last lookup that failed. */
export type SilenceChange = { readonly silent: true; readonly why: string } | { readonly silent: false };

export interface SilenceOptions {
  /** `answers` of it is what is heard. */
  readonly counts: DnsCounts;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
  /** Runs it once, later. */
  readonly after: (ms: number, run: () => void) => unknown;
  /** Asks for what every server answers at once, past what is watched. Never rejects; in bounded time. */
  readonly probe: () => Promise<unknown>;
  readonly onChange: (change: SilenceChange) => void;
}

/** That the servers of one strange domain are away keeps a lookup from its answer too: who is alive says so within this. */
const SILENT_MS = 10_000;
const TELL_EVERY_MS = 60_000;

export class Silence {
  readonly #options: SilenceOptions;
  #suspects = false;
  #told = false;
  #toldAt = -Infinity;
  #why = '';

  constructor(options: SilenceOptions) {
    this.#options = options;
  }

  /** The same resolver, listened to. */
  watch(resolver: Resolver): Resolver {
    const heard = <T>(ask: () => Promise<Answer<T>>): Promise<Answer<T>> => this.#listen(ask);
    return {
      a: (...asked) => heard(() => resolver.a(...asked)),
      aaaa: (...asked) => heard(() => resolver.aaaa(...asked)),
      mx: (...asked) => heard(() => resolver.mx(...asked)),
      ptr: (...asked) => heard(() => resolver.ptr(...asked)),
      txt: (...asked) => heard(() => resolver.txt(...asked)),
    };
  }

  async #listen<T>(ask: () => Promise<Answer<T>>): Promise<Answer<T>> {
    const { counts, now } = this.#options;
    const before = counts.answers;
    const began = now();
    const answer = await ask();
    if (counts.answers > before) this.#heard();
    else if (answer.status === 'temperror' && answer.why !== ABORTED.why) this.#failed(answer.why, began);
    return answer;
  }

  #heard(): void {
    if (!this.#told) return;
    this.#told = false;
    this.#options.onChange({ silent: false });
  }

  #failed(why: string, began: number): void {
    this.#why = why;
    if (this.#told || this.#suspects) return;
    const { counts, now, after } = this.#options;
    this.#suspects = true;
    const due = Math.max(began + SILENT_MS, this.#toldAt + TELL_EVERY_MS);
    const { answers } = counts;
    after(Math.max(0, due - now()), () => void this.#look(answers));
  }

  /** `answers`: as many as had come when the first lookup failed. */
  async #look(answers: number): Promise<void> {
    const { counts, now, probe, onChange } = this.#options;
    if (counts.answers === answers) await probe();
    this.#suspects = false;
    if (counts.answers > answers) return;
    this.#told = true;
    this.#toldAt = now();
    onChange({ silent: true, why: this.#why });
  }
}
