/** Owns TestedList: one DNS list over time: when it is probed, what it stands for between two probes. */

import type { AnnouncedList } from './announced-list.ts';
import { ageMs, momentOf, type Clock, type Moment } from './clock.ts';
import { tested, UNTESTED, waitMs, type ListCondition } from './list-condition.ts';
import type { ListChange, Standing } from './list-health.ts';
import { probe, RENEW_AFTER_MS, type LongestTtl, type Probing } from './probe.ts';

/** From one pair of tests of a good list to the next. */
const PAIR_EVERY_MS = 15 * 60_000;

/** How old the proof may be when a listing decides. */
export const PROOF_MS = 60_000;

/** Seconds that an answer is remembered at most (dns/remembered.ts): of a longer TTL no age can be told. */
const LONGEST_TTL = 3600;

/** Between two probes that odd answers started, or that gave no proof for long. */
const PAUSE_MS = 5000;

export interface TestedListOptions extends Probing {
  readonly onChange: (change: ListChange) => void;
  /** From 0 to 1: lists that begin together are not tested together for ever. */
  readonly spread: () => number;
}

export class TestedList {
  readonly #options: TestedListOptions;
  readonly #clock: Clock;
  readonly #end = new AbortController();
  #list: AnnouncedList;
  #condition: ListCondition;
  #since: number;
  #outSince: number | null;
  #provenAt: Moment | null = null;
  #testedAt: number | null = null;
  #longestTtl: LongestTtl = null;
  /** Seconds: of what it lists. */
  #longestListedTtl = 0;
  #wasMad = false;
  #madness = 0;
  /** When it last came back from listing the world. */
  #healedAt: Moment | null = null;
  /** The one under way. */
  #probe: Promise<void> | null = null;
  /** When the last one began, and the last that odd answers started. */
  #probedAt: Moment | null = null;
  #trippedAt: Moment | null = null;
  #callOff = (): void => {};
  #spread = true;

  /** Its first tests begin at once. */
  constructor(list: AnnouncedList, options: TestedListOptions) {
    this.#list = list;
    this.#options = options;
    this.#clock = options.clock;
    this.#since = this.#clock.now();
    this.#outSince = this.#since;
    this.#condition = UNTESTED;
    const { missingKey } = list;
    if (missingKey === null) void this.#run(true);
    else this.#become({ ...UNTESTED, state: 'no-key', why: missingKey, instead: null });
  }

  get list(): AnnouncedList {
    return this.#list;
  }

  /** After a reload: the same zone, perhaps with other tests or another alias. */
  redefine(list: AnnouncedList): void {
    this.#list = list;
    const { missingKey } = list;
    if (missingKey !== null) this.#condition = { ...this.#condition, why: missingKey };
  }

  standing(): Standing | Promise<Standing> {
    const { state } = this.#condition;
    if (this.#end.signal.aborted || (state !== 'alive' && state !== 'untested')) return this.stands();
    const age = this.proofAgeMs;
    if (state === 'alive' && age !== null && age <= PROOF_MS) {
      this.touch();
      return this.stands();
    }
    // It has just failed, or proved nothing for long: who comes now need not wait for the next.
    if (this.#probe === null && (this.#condition.failures > 0 || this.#isRecent(this.#probedAt)))
      return this.stands();
    return this.#run(state === 'untested').then(() => this.stands());
  }

  touch(): void {
    const { state, failures } = this.#condition;
    const age = this.proofAgeMs;
    if (state !== 'alive' || failures > 0 || this.#isRecent(this.#probedAt)) return;
    if (age === null || age > RENEW_AFTER_MS) void this.#run(false);
  }

  /** Something is odd about its answers. */
  trip(): void {
    if (this.#condition.state !== 'alive' || this.#probe !== null) return;
    if (this.#isRecent(this.#trippedAt)) return;
    this.#trippedAt = momentOf(this.#clock);
    void this.#run(true);
  }

  stands(): Standing {
    const { state, why, instead } = this.#condition;
    const age = this.proofAgeMs;
    const proven = state === 'alive' && age !== null && age <= PROOF_MS;
    const outForMs = this.#outSince === null ? null : Math.max(0, this.#clock.now() - this.#outSince);
    return { state, sinceMs: this.#since, outForMs, why, instead, proven };
  }

  /** Null: there is no proof. */
  get proofAgeMs(): number | null {
    return this.#provenAt === null ? null : ageMs(this.#clock, this.#provenAt);
  }

  /** Milliseconds since 1970, of the last probe; null: none has ended yet. */
  get testedMs(): number | null {
    return this.#testedAt;
  }

  /** It decides nothing, and need not be asked. */
  get isOut(): boolean {
    const { state } = this.#condition;
    return state !== 'alive' && state !== 'untested';
  }

  get madness(): number {
    return this.#madness;
  }

  /** Whether it said so after it last listed the world: see ListHealth. */
  believes(ttlSeconds: number): boolean {
    const seconds = Math.min(ttlSeconds, LONGEST_TTL);
    this.#longestListedTtl = Math.max(this.#longestListedTtl, seconds);
    if (this.#healedAt === null) return true;
    return (this.#longestListedTtl - seconds) * 1000 < ageMs(this.#clock, this.#healedAt);
  }

  end(): void {
    this.#callOff();
    this.#end.abort();
  }

  /** Both tests, if need be after the probe under way, which may be of one only. */
  async #pair(): Promise<void> {
    await this.#probe;
    await this.#run(true);
  }

  #isRecent(moment: Moment | null): boolean {
    return moment !== null && ageMs(this.#clock, moment) < PAUSE_MS;
  }

  /** Fulfils when the probe under way, or a new one, has ended. */
  #run(whole: boolean): Promise<void> {
    if (this.#end.signal.aborted) return Promise.resolve();
    return (this.#probe ??= this.#probed(whole).finally(() => (this.#probe = null)));
  }

  async #probed(whole: boolean): Promise<void> {
    this.#probedAt = momentOf(this.#clock);
    const mad = this.#condition.state === 'lists-the-world';
    const result = await probe(this.#list, { whole, mad }, this.#longestTtl, this.#options, this.#end.signal);
    if (this.#end.signal.aborted) return;
    const { evidence, provenAt, longestTtl } = result;
    this.#longestTtl = longestTtl;
    this.#testedAt = this.#clock.now();
    // What a cache said earlier takes nothing away from what was proven since.
    if (provenAt !== null && ageMs(this.#clock, provenAt) <= (this.proofAgeMs ?? Infinity))
      this.#provenAt = provenAt;
    const before = this.#condition;
    this.#become(tested(before, evidence, whole));
    if (this.#condition.state !== 'alive') this.#provenAt = null;
    // What renews the proof of a good list leaves the time of its next pair as it is.
    if (whole || evidence.shows !== 'good' || before.failures > 0) this.#plan();
  }

  #become(condition: ListCondition): void {
    const from = this.#condition.state;
    this.#condition = condition;
    const { state, why, instead } = condition;
    if (state === from) return;
    if (state === 'lists-the-world') {
      this.#wasMad = true;
      this.#madness++;
    }
    if (state === 'alive' && this.#wasMad) {
      this.#wasMad = false;
      this.#healedAt = momentOf(this.#clock);
    }
    this.#since = this.#clock.now();
    this.#outSince = state === 'alive' ? null : (this.#outSince ?? this.#since);
    this.#options.onChange({ list: this.#list.alias, from, to: state, why, instead });
  }

  #plan(): void {
    this.#callOff();
    const spread = this.#spread ? 0.5 + this.#options.spread() / 2 : 1;
    const ms = waitMs(this.#condition, PAIR_EVERY_MS * spread);
    if (this.#condition.state === 'alive') this.#spread = false;
    this.#callOff = this.#clock.after(ms, () => void this.#pair());
  }
}
