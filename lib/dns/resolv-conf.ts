/** Owns the name servers that /etc/resolv.conf names, as the file stands at the moment. */

import { beginningOf, withRegularFile } from '../regular-file.ts';
import { parseServerAddress, writtenServer } from './server-address.ts';

/** libc takes three (resolv.h, MAXNS); a few more do no harm. */
const MOST_SERVERS = 8;

/** resolv.conf(5): without any, the one on this machine. */
const LIBC_DEFAULT = ['127.0.0.1'];

/** Bytes; what comes after them is not read. */
const MOST_READ = 65_536;

/** Between looks at the file: a look costs microseconds, but there are thousands of lookups. */
const LOOK_AGAIN_MS = 1000;

/**
 * `nameserver 192.0.2.53` at the beginning of a line, as libc reads it; with a port as OpenBSD has it, `[192.0.2.53]:5353` or without
 * brackets. Of `options`, nothing is taken: `timeout`,
 * `attempts` and `rotate` are ours to decide, and names are never completed, so that `search` and `ndots` mean nothing.
 */
export function nameServersIn(text: string): readonly string[] {
  const found = [...text.matchAll(/^nameserver[ \t]+([^\s;#]+)/gm)]
    .map(([, address]) => parseServerAddress(address!.replace(/^\[([\d.]+)\]/, '$1')))
    .filter((address) => address !== null)
    .map(writtenServer);
  return found.length === 0 ? LIBC_DEFAULT : [...new Set(found)].slice(0, MOST_SERVERS);
}

/** Looks again whenever it is asked, at most once a second, wherever a symbolic link may lead by then. */
export class ResolvConf {
  readonly #path: string;
  readonly #now: () => number;
  #lookedMs = -Infinity;
  /** Of the file that was read last; null: there was none. */
  #mark: string | null = null;
  #servers: readonly string[] = LIBC_DEFAULT;

  /** `now` in milliseconds. */
  constructor(path: string, now: () => number) {
    this.#path = path;
    this.#now = now;
  }

  /** The same array as long as nothing has changed. */
  servers(): readonly string[] {
    const nowMs = this.#now();
    if (nowMs - this.#lookedMs >= LOOK_AGAIN_MS) {
      this.#lookedMs = nowMs;
      this.#look();
    }
    return this.#servers;
  }

  #look(): void {
    try {
      const { text, mark } = read(this.#path, this.#mark);
      if (text !== null) this.#take(nameServersIn(text));
      this.#mark = mark;
    } catch {
      // No file: the server on this machine. One that is just being replaced is there again at the next look.
      if (this.#mark !== null || this.#lookedMs === -Infinity) this.#take(LIBC_DEFAULT);
      this.#mark = null;
    }
  }

  #take(servers: readonly string[]): void {
    if (servers.join() !== this.#servers.join()) this.#servers = servers;
  }
}

/** Of a file as `mark` has it, no text. Throws Error if there is none, or what is there is no file. */
function read(path: string, seen: string | null): { readonly text: string | null; readonly mark: string } {
  return withRegularFile(path, (descriptor, { dev, ino, size, mtimeNs, ctimeNs }) => {
    const mark = [dev, ino, size, mtimeNs, ctimeNs].join();
    if (mark === seen) return { text: null, mark };
    return { text: beginningOf(descriptor, MOST_READ).toString('latin1'), mark };
  });
}
