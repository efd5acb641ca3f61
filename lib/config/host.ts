/** Owns the question whether a word can be the host of an address. */

import { isIPv4, isIPv6 } from 'node:net';

const aLabel = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?$/i;

/** An address without brackets, or a name as RFC 1123 §2.1 has it: its last label is never all digits. */
export function isHost(text: string): boolean {
  if (isIPv4(text) || isIPv6(text)) return true;
  const labels = text.split('.');
  return text.length <= 253 && labels.every((label) => aLabel.test(label)) && !/^\d+$/.test(labels.at(-1)!);
}
