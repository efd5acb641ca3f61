/** Owns what a clause of a greylist.conf is in a `when:`: a fact and its values, or why there is none. */

import { asciiDomain } from '../mail/domain.ts';
import { parseNetwork, withoutExcess } from '../mail/network.ts';
import type { Acl, Clause, GreylistConf, List, Token } from './greylist-conf.ts';

/** `client: [192.0.2.0/24]`: any of the values. */
export interface FactValues {
  readonly fact: string;
  readonly values: readonly string[];
  readonly notes: readonly string[];
}

/** A clause that no session can fulfil, or that Postern has no fact for: why. */
export class NoFact extends Error {
  override readonly name = 'NoFact';
}

export interface FactContext {
  readonly conf: GreylistConf;
  readonly extended: boolean;
  readonly domainExact: boolean;
  /** A whitelist's DNS list is asked for good. */
  readonly action: Acl['action'];
}

/** Throws NoFact. */
export function factOf({ name, values }: Clause, context: FactContext): FactValues {
  if (name === 'list') {
    const list = context.conf.lists.get(values[0]?.text ?? '');
    if (list === undefined) throw new NoFact(`there is no list "${values[0]?.text ?? ''}"`);
    return factOfItems(list, context);
  }
  return factOfItems({ of: name, items: values }, context);
}

function factOfItems({ of, items }: Pick<List, 'of' | 'items'>, context: FactContext): FactValues {
  const notes: string[] = [];
  const each = (fact: string, valueOf: (item: Token) => string | null): FactValues => {
    const values = items.flatMap((item) => valueOf(item) ?? []);
    if (values.length === 0) throw new NoFact(notes[0] ?? `${of} has no value`);
    return { fact, values: [...new Set(values)], notes };
  };
  switch (of) {
    case 'addr':
      return { fact: 'client', values: [...new Set(networksOf(items))], notes };
    case 'domain':
      return each('client', (item) => domainValue(item, context, notes));
    case 'from':
    case 'rcpt':
      return each(of === 'from' ? 'sender' : 'recipient', (item) => addressValue(item, context, notes));
    case 'helo':
      return each('helo', (item) =>
        item.kind === 'regex' ? table(item.text, context) : `/${item.text.replaceAll(/[^\w]/g, '\\$&')}/`,
      );
    case 'auth':
      return each('auth', authValue);
    case 'tls':
      return each('tls', ({ kind, text }) => {
        if (kind === 'regex' && ANYTHING.test(text)) return 'verified';
        throw new NoFact('Postern has no rule for the subject of one certificate');
      });
    case 'spf':
      return { fact: 'spf', values: [spfValue(items[0]?.text ?? 'pass', notes)], notes };
    case 'dnsrbl':
      return each(context.action === 'whitelist' ? 'dnswl' : 'dnsbl', (item) => listValue(item, context));
    case 'sm_macro':
      return macroFact(items, context);
    case 'rcptcount':
      return { fact: 'recipients', values: [recipientCount(items)], notes };
    case 'time':
      return each('time', ({ text }) => timeValue(text));
    default:
      throw new NoFact(WHY_NOT[of] ?? `Postern has no fact for ${of.startsWith('$') ? 'properties' : of}`);
  }
}

const CONTENT = 'it is about what is in the message, which Postern does not read';

const WHY_NOT: Readonly<Record<string, string>> = {
  ...{ header: CONTENT, body: CONTENT, dkim: CONTENT, spamd: CONTENT, msgsize: CONTENT },
  geoip: 'Postern knows no countries',
  p0f: 'Postern does not ask p0f',
  urlcheck: 'Postern asks no URL',
  ldapcheck: 'Postern asks no LDAP: export its answers into a table',
};

/** Any text at all. */
const ANYTHING = /^\^?\.[*+]?\$?$/;

function networksOf(items: readonly Token[]): string[] {
  if (items.length === 0) throw new NoFact('addr has no value');
  return items.flatMap(({ text }, i) => {
    if (text.startsWith('/') && i > 0) return [];
    const bits = items[i + 1]?.text ?? '';
    const written = /^\/\d+$/.test(bits) ? `${text}${bits}` : text;
    const network = parseNetwork(written);
    if (network === null) throw new NoFact(`${written} is not a network`);
    const { address, prefix } = network;
    if (prefix === (address.family === 'ipv4' ? 32 : 128)) return [address.text];
    return [withoutExcess(network) ?? `${address.text}/${prefix}`];
  });
}

function domainValue({ kind, text }: Token, context: FactContext, notes: string[]): string {
  if (kind === 'regex') return table(text, context);
  const name = asciiDomain(text.replace(/^\./, ''));
  if (name === null) throw new NoFact(`${text} is no domain`);
  if (text.startsWith('.')) return `/\\.${name.replaceAll('.', '\\.')}$/`;
  if (!context.domainExact)
    notes.push(
      `domain ${text} was any name that ends so, not${name} too: here it is ${name} and what lies below it (as with domainexact)`,
    );
  return name;
}

/** To milter-greylist addresses stand in < and >. Null: it is a pattern that never matched. */
function addressValue({ kind, text }: Token, context: FactContext, notes: string[]): string | null {
  if (kind !== 'regex') return text.replace(/^</, '').replace(/>$/, '').toLowerCase() || '<>';
  if (/^\^?<>\$?$/.test(text)) return '<>';
  const begins = /^\^(?:(?![<.[(\\*?+]|$)|\[(?!\^)[^\]<]*\])/.test(text);
  const ends = /[\w-]\$$/.test(text);
  if (begins || ends) {
    const meant = `/${text.replace(/^\^/, '^<').replace(/\$$/, '>$')}/`;
    notes.push(
      `/${text}/ never matched in milter-greylist, where addresses stand in < and >, and is left out; if ${meant} was meant, write that there and import again`,
    );
    return null;
  }
  return table(text.replace(/^\^</, '^').replace(/>\$$/, '$'), context);
}

/** In its own syntax, the old or the extended; in any letter case. */
function table(pattern: string, { extended }: FactContext): string {
  return `regexp:{{/${pattern.replaceAll(/\\.|\//g, (part) => (part === '/' ? '\\/' : part))}/${extended ? '' : 'x'} OK}}`;
}

function authValue({ kind, text }: Token): string {
  if (kind !== 'regex') return text;
  if (ANYTHING.test(text)) return 'true';
  throw new NoFact('Postern has no patterns for logins');
}

const SPF: Readonly<Record<string, string>> = {
  ...{ pass: 'pass', fail: 'fail', softfail: 'softfail', neutral: 'neutral', none: 'none' },
  ...{ unknown: 'permerror', error: 'temperror', self: 'wide' },
};

function spfValue(written: string, notes: string[]): string {
  const value = SPF[written.toLowerCase()];
  if (value === undefined) throw new NoFact(`${written} is no result of SPF`);
  if (value === 'wide')
    notes.push('spf self asks whether the record lets pass everybody: in Postern that is wide');
  return value;
}

/** `dnsrbl "SORBS DUN" dnsbl.sorbs.net 127.0.0.10/31` → `dnsbl.sorbs.net=127.0.0.[10..11]`. */
function listValue({ text }: Token, { conf }: FactContext): string {
  const [zone, answer, bits] = conf.named.get(`dnsrbl ${text}`)?.values ?? [];
  if (zone === undefined) throw new NoFact(`there is no dnsrbl "${text}"`);
  const network = parseNetwork(
    `${answer?.text ?? ''}${bits?.text.startsWith('/') === true ? bits.text : ''}`,
  );
  if (network === null || network.address.family !== 'ipv4')
    throw new NoFact(`dnsrbl "${text}" has no answer to compare with`);
  const octets = network.address.text.split('.').map((octet, i) => {
    const free = 8 - Math.min(8, Math.max(0, network.prefix - 8 * i));
    const low = (Number(octet) >> free) << free;
    return free === 0 ? octet : `[${low}..${low + 2 ** free - 1}]`;
  });
  return `${zone.text}=${octets.join('.')}`;
}

function macroFact([name]: readonly Token[], { conf }: FactContext): FactValues {
  const [macro, value] = conf.named.get(`sm_macro ${name?.text ?? ''}`)?.values ?? [];
  const key = macro?.text.replaceAll(/[{}]/g, '').toLowerCase() ?? '';
  const is = value?.kind === 'string' ? value.text : null;
  const isUnset = value?.kind === 'word' && /^unset$/i.test(value.text);
  const fact = (of: string, one: string): FactValues => ({ fact: of, values: [one], notes: [] });
  if (key === 'client_resolve' && is === 'FORGED') return fact('ptr', 'unconfirmed');
  if (key === 'client_resolve' && is === 'FAIL') return fact('ptr', 'none');
  if (key === 'daemon_name' && is !== null) return fact('daemon', is);
  if (key === 'auth_authen' && isUnset) return fact('auth', 'false');
  if (key === 'auth_authen' && is !== null) return fact('auth', is);
  if (key === 'tls_version' && isUnset) return fact('tls', 'false');
  throw new NoFact(`Postern has no fact for the macro ${macro?.text ?? ''}`);
}

/** Here the one who is being asked about counts, there those before him. */
function recipientCount([op, number]: readonly Token[]): string {
  const count = Number(number?.text);
  const sign = { '==': '=', '>=': '>=', '<=': '<=', '<': '<', '>': '>' }[op?.text ?? ''];
  if (sign === undefined || !Number.isInteger(count))
    throw new NoFact(`rcptcount ${op?.text ?? ''} ${number?.text ?? ''} can't be asked`);
  return `${sign}${count + 1}`;
}

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

/** `* 8-16 * * 1-5` → `Mon-Fri 08:00-17:00`. */
function timeValue(text: string): string {
  const [minutes, hours = '', monthDays, months, weekDays = '', more] = text.trim().split(/\s+/);
  const [, from, to = from] = /^(\d{1,2})(?:-(\d{1,2}))?$/.exec(hours) ?? [];
  const days = weekDays
    .split(',')
    .map((part) => /^([0-7])(?:-([0-7]))?$/.exec(part))
    .map((part) =>
      part === null
        ? null
        : [part[1]!, part[2] ?? []]
            .flat()
            .map((day) => DAYS[Number(day)]!)
            .join('-'),
    );
  const plain = minutes === '*' && monthDays === '*' && months === '*' && more === undefined;
  const isHours = hours === '*' || (from !== undefined && Number(from) <= Number(to) && Number(to) < 24);
  if (!plain || !isHours || (weekDays !== '*' && days.includes(null)) || (hours === '*' && weekDays === '*'))
    throw new NoFact(`time "${text}" is more than hours and days of the week`);
  const hour = (of: number): string => `${String(of).padStart(2, '0')}:00`;
  const span = hours === '*' ? [] : [`${hour(Number(from))}-${hour(Number(to) + 1)}`];
  return [...(weekDays === '*' ? [] : [days.join(',')]), ...span].join(' ');
}
