/** Owns TestedList: one DNS list over time: when it is probed, what it stands for between two probes. */

import type { AnnouncedList } from './announced-list.ts';
import { ageMs, momentOf, type Clock, type Moment } from './clock.ts';
import { anew, tested, UNTESTED, waitMs } from './list-condition.ts';
import type { ListChange, Standing } from './list-health.ts';
import { ListStatus, PROOF_MS } from './list-status.ts';
import { probe, RENEW_AFTER_MS, type LongestTtl, type Probing } from './probe.ts';

/** From one pair of tests of a good list to the next. */
const PAIR_EVERY_MS = 15 * 60_000;

/** Between two probes that odd answers or somebody's wish started, or that gave no proof for long. */
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
  readonly #status: ListStatus;
  #provenAt: Moment | null = null;
  #testedAt: number | null = null;
  #longestTtl: LongestTtl = null;
  /** The one under way. */
  #probe: Promise<void> | null = null;
  /** When the last one began, and the last that odd answers started. */
  #probedAt: Moment | null = null;
  #trippedAt: Moment | null = null;
  #callOff = (): void => {};
  #spread = true;
  #rests = false;
  #isUrgent = false;

  /** Its first tests begin at once. */
  constructor(list: AnnouncedList, options: TestedListOptions) {
    this.#list = list;
    this.#options = options;
    this.#clock = options.clock;
    this.#status = new ListStatus(options.clock, options.onChange);
    const { missingKey } = list;
    if (missingKey === null) void this.#run(true);
    else this.#status.become({ ...UNTESTED, state: 'no-key', why: missingKey, instead: null }, list);
  }

  get list(): AnnouncedList {
    return this.#list;
  }

  /** After a reload: the same zone, perhaps with other tests or another alias. */
  redefine(list: AnnouncedList): void {
    this.#list = list;
    const { missingKey } = list;
    if (missingKey !== null) this.#status.condition = { ...this.#status.condition, why: missingKey };
  }

  /** No policy asks it any more: it is tested only for those who still do, such as a session of an older one. */
  rest(): void {
    this.#callOff();
    this.#rests = true;
  }

  /** It is announced again. What happened meanwhile nobody saw; but that it was mad is not forgotten. */
  wake(list: AnnouncedList): void {
    this.#rests = false;
    this.redefine(list);
    if (list.missingKey !== null) return;
    this.#status.beginAnew();
    this.#provenAt = null;
    this.#probedAt = null;
    void this.#pair();
  }

  /** The way to it may have been mended: if it is out, it is tested as soon as that is not too often. */
  retest(): void {
    if (!this.isOut || this.#status.condition.state === 'no-key' || this.#end.signal.aborted) return;
    this.#status.condition = anew(this.#status.condition);
    // A probe that is under way may still go the old way: another follows it.
    this.#isUrgent = true;
    if (this.#probe === null) this.#plan();
  }

  standing(): Standing | Promise<Standing> {
    const { state } = this.#status.condition;
    if (this.#end.signal.aborted || this.isOut) return this.stands();
    const age = this.proofAgeMs;
    if (state === 'alive' && age !== null && age <= PROOF_MS) {
      this.touch();
      return this.stands();
    }
    // It has just failed, or proved nothing for long: who comes now need not wait for the next.
    if (this.#probe === null && (this.#status.condition.failures > 0 || this.#isRecent(this.#probedAt)))
      return this.stands();
    return this.#run(state === 'untested').then(() => this.stands());
  }

  touch(): void {
    const { state, failures } = this.#status.condition;
    const age = this.proofAgeMs;
    if (state !== 'alive' || failures > 0 || this.#isRecent(this.#probedAt)) return;
    if (age === null || age > RENEW_AFTER_MS) void this.#run(false);
  }

  /** Something is odd about its answers. */
  trip(): void {
    if (this.#status.condition.state !== 'alive' || this.#probe !== null) return;
    if (this.#isRecent(this.#trippedAt)) return;
    this.#trippedAt = momentOf(this.#clock);
    void this.#run(true);
  }

  stands(): Standing {
    return this.#status.stands(this.proofAgeMs);
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
    return this.#status.isOut;
  }

  get madness(): number {
    return this.#status.madness.times;
  }

  /** Whether it said so after it last listed the world: see ListHealth. */
  believes(ttlSeconds: number): boolean {
    return this.#status.madness.believes(ttlSeconds);
  }

  /** Nothing is known of it that would be missed. */
  get isForgettable(): boolean {
    return this.#status.madness.isForgotten;
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
    const { isMad } = this.#status.madness;
    const result = await probe(
      this.#list,
      { whole, mad: isMad },
      this.#longestTtl,
      this.#options,
      this.#end.signal,
    );
    if (this.#end.signal.aborted) return;
    const { evidence, provenAt, longestTtl } = result;
    this.#longestTtl = longestTtl;
    this.#testedAt = this.#clock.now();
    // What a cache said earlier takes nothing away from what was proven since.
    if (provenAt !== null && ageMs(this.#clock, provenAt) <= (this.proofAgeMs ?? Infinity))
      this.#provenAt = provenAt;
    const before = this.#status.condition;
    this.#status.become(tested(before, evidence, whole), this.#list);
    if (this.#status.condition.state !== 'alive') this.#provenAt = null;
    // What renews the proof of a good list leaves the time of its next pair as it is.
    if (whole || evidence.shows !== 'good' || before.failures > 0) this.#plan();
  }

  #plan(): void {
    const spread = this.#spread ? 0.5 + this.#options.spread() / 2 : 1;
    const ms = waitMs(this.#status.condition, PAIR_EVERY_MS * spread);
    if (this.#status.condition.state === 'alive') this.#spread = false;
    const sinceMs = this.#probedAt === null ? PAUSE_MS : ageMs(this.#clock, this.#probedAt);
    const urgentMs = this.#isUrgent ? Math.max(0, PAUSE_MS - sinceMs) : Infinity;
    this.#isUrgent = false;
    this.#callOff();
    if (this.#rests) return;
    if (urgentMs === 0) void this.#pair();
    else this.#callOff = this.#clock.after(Math.min(ms, urgentMs), () => void this.#pair());
  }
}
