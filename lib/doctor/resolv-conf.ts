/** Owns the reading of resolv.conf(5): which DNS servers the system asks. */

/** MAXNS of glibc: later ones are never asked. */
const MOST_SERVERS = 3;

/** Addresses in their order. None is written: the one on this machine. */
export function nameServers(text: string): string[] {
  const found = [...text.matchAll(/^nameserver[ \t]+(\S+)/gm)].map(([, server]) => server!);
  return found.length === 0 ? ['127.0.0.1'] : found.slice(0, MOST_SERVERS);
}
