/** Owns the way through a table page by page, so that nothing else waits for the whole of it. */

/** Every page from `first` on, each from where the one before ended; `next` null: it was the last. */
export async function* pagesFrom<K, P extends { readonly next: K | null }>(
  first: K,
  page: (after: K) => P | Promise<P>,
): AsyncGenerator<P> {
  for (let after = first; ;) {
    const one = await page(after);
    yield one;
    if (one.next === null) return;
    after = one.next;
  }
}
