/** Owns the queue of what is due: the earliest first, and of the same moment the one that was added first. */

interface Due {
  readonly atMs: number;
}

/** A binary heap. */
export class Queue<T extends Due> {
  readonly #heap: { readonly item: T; readonly order: number }[] = [];
  #added = 0;

  /** Undefined: it is empty. */
  get first(): T | undefined {
    return this.#heap[0]?.item;
  }

  add(item: T): void {
    const heap = this.#heap;
    const added = { item, order: this.#added++ };
    let at = heap.length;
    for (let above = (at - 1) >> 1; at > 0 && isBefore(added, heap[above]!); above = (at - 1) >> 1) {
      heap[at] = heap[above]!;
      at = above;
    }
    heap[at] = added;
  }

  /** Throws RangeError if it is empty. */
  take(): T {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined) throw new RangeError('nothing is due');
    if (heap.length > 0) this.#sink(last);
    return first.item;
  }

  #sink(sinking: { readonly item: T; readonly order: number }): void {
    const heap = this.#heap;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below + 1 < heap.length && isBefore(heap[below + 1]!, heap[below]!)) below++;
      if (below >= heap.length || isBefore(sinking, heap[below]!)) break;
      heap[at] = heap[below]!;
      at = below;
    }
    heap[at] = sinking;
  }
}

function isBefore(
  a: { readonly item: Due; readonly order: number },
  b: { readonly item: Due; readonly order: number },
): boolean {
  return a.item.atMs < b.item.atMs || (a.item.atMs === b.item.atMs && a.order < b.order);
}
