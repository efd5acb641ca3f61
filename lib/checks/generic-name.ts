/**
 * Owns what a client's PTR name says of the client: whether somebody named a mail server, or a provider named one of
 * thousands of addresses.
 */

import { addressBytes } from '../mail/network.ts';
import type { Address } from '../mail/network.ts';

/**
 * - `pool`: numbered, and in the provider's words a line of his customers: `ppp-17.pool.example.net`.
 * - `address`: made of the address: `192-0-2-1.example.net`, `c0000201.example.net`.
 * - `static`: made of the address, but said to be a fixed line or a server: `static.1.2.0.192.example.net`,
 *   `vps-192-0-2-1.example.net`. Nobody has named it either, but mail servers stand on such addresses.
 * - `named`: anything else. A word of mail settles it (`mta-192-0-2-1.example.net`): no provider names lines so. One that
 *   may as well be a place (`192-0-2-1.dynamic.mx.example.net`) does not settle it against the words of a pool.
 */
export type NameKind = 'pool' | 'address' | 'static' | 'named';

/** Words of lines whose address changes or that are sold to people at home. Only when well numbered: see `isNumbered`. */
const POOL = words(`
  dyn dyna dynamic dynamicip dynip dyndsl dhcp bootp pool pools ippool ppp pppoe pptp dial dialup dialin dialip dip
  isdn dsl adsl xdsl vdsl hdsl sdsl adslpool cable cablemodem catv docsis hfc ftth fttb fttx gpon
  broadband bband hsd hsia residential resnet wimax gprs umts lte cgn cgnat
`);

/** Weaker: a host of an office may be called so. Only beside two octets of the address in a row. */
const CUSTOMER = words(`
  cust customer customers client clients user users subs subscriber subscribers home homeuser host hosts node ip ipv
  cpe res mobile wireless wifi wlan modem unassigned unallocated
`);

const STATIC = words(`
  static statics fixed fix fixip staticip business biz corp dedicated dedi ded server servers srv vps vserver vds cloud
  compute kvm colo colocation hosted hosting datacenter
`);

/**
 * Short words that name countries, sites and services as well (Mexico, Ecuador, a point of presence): beside the address
 * and a word of a pool they say something only in the first label, where a host is named.
 */
const PERHAPS_STATIC = words('stat stt vm ec dc');
const PERHAPS_MAIL = words('mx news lists exchange pop');

const MAIL = words(`
  mail mails mailer mailers mailout mailgw mailhost mailserver email emailer webmail mxa mxb mxout smtp smtps smtpout
  smtpd esmtp mta mtaout relay relays relayout out outbound outmail outgoing mout bounce newsletter postfix exim imap
`);

/** `address` null: told by the words alone. */
export function nameKind(name: string, address: Address | null): NameKind {
  const host = hostPart(name);
  const said = wordsIn(host);
  if (says(said, MAIL)) return 'named';
  const spelled = address === null ? null : spelling(host, address);
  const isLine = says(said, POOL);
  const meant = isLine && spelled !== null ? wordsIn(host.split('.', 1)[0]!) : said;
  if (says(meant, PERHAPS_MAIL)) return 'named';
  if (says(said, STATIC) || says(meant, PERHAPS_STATIC)) return spelled === 'whole' ? 'static' : 'named';
  if (isLine && (spelled !== null || isNumbered(host, said))) return 'pool';
  if (spelled === 'whole') return 'address';
  return spelled === 'half' && says(said, CUSTOMER) ? 'pool' : 'named';
}

function wordsIn(labels: string): readonly string[] {
  return labels.match(/[a-z]+/g) ?? [];
}

function says(said: readonly string[], vocabulary: ReadonlySet<string>): boolean {
  return said.some((word) => vocabulary.has(word));
}

/** `dsl1` may be the one host of a small office; `dsl1234`, `dsl-17-4` and `dsl17.pool` are one of many. */
function isNumbered(host: string, said: readonly string[]): boolean {
  const [first, ...others] = host.match(/\d+/g) ?? [];
  if (first === undefined || others.length > 0) return others.length > 0;
  return first.length > 2 || new Set(said.filter((word) => POOL.has(word))).size > 1;
}

/**
 * The labels that name a host: without the domain that somebody registered. There is no public suffix list here: two
 * labels, or three below a country (`co.uk`, `com.br`), are taken for the domain.
 */
function hostPart(name: string): string {
  const labels = name.toLowerCase().split('.');
  const [second = '', top = ''] = labels.slice(-2);
  const domain = top.length === 2 && second.length <= 3 ? 3 : 2;
  return labels.slice(0, -domain).join('.');
}

/** How much of the address stands in the name: all of it, two octets in a row, or nothing. */
function spelling(host: string, address: Address): 'whole' | 'half' | null {
  return address.family === 'ipv4'
    ? spellingOf4(host, address)
    : spellingOf6(host, [...addressBytes(address)]);
}

function spellingOf4(host: string, address: Address): 'whole' | 'half' | null {
  const runs = host.match(/\d+/g) ?? [];
  // As most names are: one short number, which can be no address.
  if (runs.every((run) => run.length < 4) && runs.length < 2 && !EIGHT_HEX.test(host)) return null;
  const bytes = [...addressBytes(address)];
  const orders = [bytes, bytes.toReversed()];
  const numbers = runs.map(Number);
  if (runs.length > 3 && orders.some((order) => hasRun(numbers, order))) return 'whole';
  // `ip192000002001`, `c0000201`; never a part of a longer number. Most names have nothing so long.
  const long = runs.filter((run) => run.length > 3);
  if (long.length > 0 && orders.some((order) => long.some((run) => isSolid(run, order)))) return 'whole';
  if (EIGHT_HEX.test(host) && orders.map(hex).some((run) => hasHex(host, run))) return 'whole';
  if (runs.length < 2) return null;
  const pairs = orders.flatMap((order) => [order.slice(0, 2), order.slice(2)]);
  return pairs.some((pair) => hasRun(numbers, pair)) ? 'half' : null;
}

const EIGHT_HEX = /[0-9a-f]{8}/;

/** In twelve decimal digits, in eight hexadecimal ones, or as one number. */
function isSolid(run: string, order: readonly number[]): boolean {
  if (run.length === 12) return run === decimal(order);
  if (run.length > 10) return false;
  return (run.length === 8 && run === hex(order)) || (run[0] !== '0' && Number(run) === numberOf(order));
}

function numberOf(bytes: readonly number[]): number {
  return bytes.reduce((number, byte) => number * 256 + byte, 0);
}

/** All 32 digits in a row, either way round, separated or not; or the groups but those that are zero. */
function spellingOf6(host: string, bytes: readonly number[]): 'whole' | null {
  const whole = hex(bytes);
  const digits = host.replace(/[^0-9a-f]/g, '');
  if (digits.includes(whole) || digits.includes(whole.split('').toReversed().join(''))) return 'whole';
  const groups = inGroups(whole.match(/.{4}/g)!);
  // Two groups, `2001-db8`, are a network: nothing tells the host.
  return groups.length > 2 && hasRun(inGroups(host.match(/[0-9a-f]+/g) ?? []), groups) ? 'whole' : null;
}

function inGroups(digits: readonly string[]): readonly number[] {
  return digits.map((group) => Number.parseInt(group, 16)).filter((group) => group !== 0);
}

/** Eight hex digits with a letter among them, that no other one touches: `p5b0a1234`. */
function hasHex(host: string, digits: string): boolean {
  if (!/[a-f]/.test(digits)) return false;
  for (let at = host.indexOf(digits); at !== -1; at = host.indexOf(digits, at + 1))
    if (!isHex(host[at - 1]) && !isHex(host[at + digits.length])) return true;
  return false;
}

function isHex(char: string | undefined): boolean {
  return char !== undefined && /[0-9a-f]/.test(char);
}

function hasRun(numbers: readonly number[], wanted: readonly number[]): boolean {
  return numbers.some((_, at) => wanted.every((octet, i) => numbers[at + i] === octet));
}

function hex(bytes: readonly number[]): string {
  return bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

function decimal(bytes: readonly number[]): string {
  return bytes.map((byte) => String(byte).padStart(3, '0')).join('');
}

function words(list: string): ReadonlySet<string> {
  return new Set(list.trim().split(/\s+/));
}
