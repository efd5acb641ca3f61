/** Owns the reading of resolv.conf(5): which DNS servers the system asks. */

import { readRegularFile } from '../regular-file.ts';

/** MAXNS of glibc: later ones are never asked. */
const MOST_SERVERS = 3;

/** Hundreds of times what anybody writes. */
const MOST_BYTES = 1 << 16;

/** Of that file. Throws what keeps it from being read. */
export function nameServersOf(file: string): string[] {
  const read = readRegularFile(file, MOST_BYTES);
  if (!read.ok) throw new Error(`${file} is ${read.why}`);
  return nameServers(read.text);
}

/** Addresses in their order. None is written: the one on this machine. */
export function nameServers(text: string): string[] {
  const found = [...text.matchAll(/^nameserver[ \t]+(\S+)/gm)].map(([, server]) => server!);
  return found.length === 0 ? ['127.0.0.1'] : found.slice(0, MOST_SERVERS);
}
