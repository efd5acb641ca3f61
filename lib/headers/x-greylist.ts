/** Owns the text of X-Greylist: how long a message was kept waiting. */

import { folded, type Field } from './field.ts';
import { plain } from './words.ts';

/** On the first delivery of a triplet: `delayed 305 seconds by postern at mx.example.com; Sat, 21 Nov 2026 10:00:00 +0100`. */
export function xGreylist(delayedSeconds: number, authservId: string, nowMs: number): Field {
  const words = `delayed ${delayedSeconds} seconds by postern at`.split(' ');
  return folded('X-Greylist', [...words, `${plain(authservId)};`, ...formatDate(nowMs).split(' ')]);
}

/** RFC 5322 §3.3, in the local time zone: `Sat, 21 Nov 2026 10:00:00 +0100`. */
export function formatDate(ms: number): string {
  const date = new Date(ms);
  const offset = -date.getTimezoneOffset();
  const zone = `${offset < 0 ? '-' : '+'}${two(Math.trunc(Math.abs(offset) / 60))}${two(Math.abs(offset) % 60)}`;
  const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  return `${DAYS[date.getDay()]}, ${date.getDate()} ${MONTHS[date.getMonth()]} ${date.getFullYear()} ${time} ${zone}`;
}

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

function two(value: number): string {
  return String(value).padStart(2, '0');
}
