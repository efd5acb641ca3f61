/** Owns the patience with a command: no answer may take this long, so one that has not come by then never will. */

const UNANSWERED_MS = 20_000;

/** Throws with `what` if nothing comes of it. */
export async function inTime<T>(what: string, answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const unanswered = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited in vain for ${what}`)), UNANSWERED_MS);
  });
  try {
    return await Promise.race([answer, unanswered]);
  } finally {
    clearTimeout(timer);
  }
}
