/** Owns Parameters: what main.cf sets, with `$name`, `${name?text:text}` and comparisons replaced (postconf(5), mac_expand.c). */

import type { LineNote, MainCf, Setting } from './main-cf.ts';
import { clause, holds, OPERATOR } from './conditional.ts';
import { closingOf, MarkedText, type Piece } from './marked-text.ts';
import { hasOpenName, openName } from './open-name.ts';

/** Postfix's own values where they matter to restrictions. */
const DEFAULTS: Readonly<Record<string, string>> = {
  compatibility_level: '0',
  smtpd_relay_restrictions:
    '${{$compatibility_level} <level {1} ? {} : {permit_mynetworks, permit_sasl_authenticated, defer_unauth_destination}}',
  smtpd_delay_reject: 'yes',
  default_database_type: 'hash',
  queue_directory: '/var/spool/postfix',
  data_directory: '/var/lib/postfix',
  mail_owner: 'postfix',
  mydestination: '$myhostname, localhost.$mydomain, localhost',
  myorigin: '$myhostname',
  relay_domains: '${{$compatibility_level} <level {2} ? {$mydestination} : {}}',
  virtual_alias_maps: '$virtual_maps',
  virtual_alias_domains: '$virtual_alias_maps',
  virtual_mailbox_domains: '$virtual_mailbox_maps',
  mail_name: 'Postfix',
  postscreen_access_list: 'permit_mynetworks',
  postscreen_dnsbl_action: 'ignore',
  postscreen_dnsbl_threshold: '1',
};

/** What they are by default only the machine knows, or how its Postfix was built. */
const OF_THE_MACHINE = new Set(
  'myhostname mydomain mynetworks inet_interfaces proxy_interfaces command_directory daemon_directory shlib_directory mail_version'.split(
    ' ',
  ),
);

/** Empty by default: that they are not set is nothing to tell. */
const EMPTY = new Set(['virtual_maps', 'virtual_mailbox_maps']);

/** Of a myhostname without a dot (DEF_MYDOMAIN in mail_params.h). */
const NO_DOMAIN = 'localdomain';

/** Deeper, or longer, is nobody's configuration but a mistake that grows without end. */
const DEEPEST = 40;
const LONGEST = 1 << 18;
const MOST_STEPS = 20_000;

export class Parameters {
  readonly #mainCf: MainCf;
  readonly #defaults: Readonly<Record<string, string>>;
  readonly #said = new Set<string>();
  readonly #notes: LineNote[] = [];
  #room = LONGEST;
  #steps = MOST_STEPS;

  /** `directory`: where main.cf lies, `$config_directory`. */
  constructor(mainCf: MainCf, directory: string) {
    this.#mainCf = mainCf;
    this.#defaults = { ...DEFAULTS, config_directory: directory, meta_directory: directory };
  }

  get notes(): readonly LineNote[] {
    return this.#notes;
  }

  get names(): Iterable<string> {
    return this.#mainCf.settings.keys();
  }

  /** Null: main.cf does not set it. */
  setting(name: string): Setting | null {
    return this.#mainCf.settings.get(name) ?? null;
  }

  /** Expanded, or Postfix's default; empty where neither is known; with open names (open-name.ts). Never throws. */
  get(name: string): MarkedText {
    // What is written out in main.cf does not grow.
    this.#room = LONGEST + (this.setting(name)?.value.text.length ?? 0);
    this.#steps = MOST_STEPS;
    return new MarkedText(this.#value(name, []) ?? []);
  }

  /** Its value grows without end, so that `get` has but its beginning. */
  isCut(name: string): boolean {
    this.get(name);
    return this.#room <= 0 || this.#steps < 0;
  }

  text(name: string): string {
    return this.get(name).text.trim();
  }

  yes(name: string): boolean {
    return this.text(name).toLowerCase() === 'yes';
  }

  #value(name: string, within: readonly string[]): Piece[] | null {
    const setting = this.#mainCf.settings.get(name);
    const fallback = Object.hasOwn(this.#defaults, name) ? this.#defaults[name]! : null;
    const value =
      setting?.value ?? (fallback === null ? null : new MarkedText([{ text: fallback, line: 0 }]));
    if (value === null) return this.#ofTheMachine(name, within);
    const line = setting?.line ?? 0;
    if (within.includes(name)) return this.#stop(line, `${name} names itself: taken as empty there`);
    return this.#expand(value, [...within, name], line);
  }

  /** mydomain is myhostname without its first label (mail_params.c). */
  #ofTheMachine(name: string, within: readonly string[]): Piece[] | null {
    if (!OF_THE_MACHINE.has(name)) return EMPTY.has(name) ? [] : null;
    const host = name === 'mydomain' ? this.#mainCf.settings.get('myhostname') : undefined;
    if (host === undefined || within.includes('myhostname')) return [{ text: openName(name), line: 0 }];
    const whole = textOf(this.#value('myhostname', within) ?? []).trim();
    const dot = whole.indexOf('.');
    return [{ text: dot < 0 ? NO_DOMAIN : whole.slice(dot + 1), line: host.line }];
  }

  #stop(line: number, text: string): [] {
    if (!this.#said.has(text)) this.#notes.push({ line, text });
    this.#said.add(text);
    return [];
  }

  #expand(value: MarkedText, within: readonly string[], line: number): Piece[] {
    const { text } = value;
    if (!text.includes('$')) return this.#keep([...value.pieces], line);
    if (within.length > DEEPEST)
      return this.#stop(line, `${within[0]!} is nested too deep: the rest is left out`);
    const closing = closingOf(text);
    const found: Piece[] = [];
    let done = 0;
    const take = (to: number): void => {
      if (to > done) found.push(...this.#keep(value.slice(done, to).pieces, line));
    };
    for (let at = text.indexOf('$'); at >= 0 && this.#room > 0; at = text.indexOf('$', done)) {
      if (--this.#steps < 0) return this.#stop(line, `${within[0]!} grows without end: left out`);
      take(at);
      const next = text[at + 1] ?? '';
      // $(name) is the older form, without clauses.
      const close = next === '(' ? /^\(\w+\)/.exec(text.slice(at + 1, at + 100)) : null;
      const end = close === null ? closing.get(at + 1) : at + close[0].length;
      if (next === '$') {
        found.push(...this.#keep(value.slice(at, at + 1).pieces, line));
        done = at + 2;
      } else if (end !== undefined) {
        found.push(...this.#braced(value.slice(at + 2, end), within, line));
        done = end + 1;
      } else {
        const name = /^\w*/.exec(text.slice(at + 1, at + 100))![0];
        found.push(
          ...(name === '' ? this.#keep([{ text: '$', line }], line) : this.#named(name, within, line)),
        );
        done = at + 1 + name.length;
      }
    }
    take(text.length);
    return found;
  }

  #keep(pieces: readonly Piece[], line: number): Piece[] {
    for (const { text } of pieces) this.#room -= text.length;
    return this.#room > 0 ? [...pieces] : this.#stop(line, 'a value grows without end: the rest is left out');
  }

  #named(name: string, within: readonly string[], line: number): Piece[] {
    const value = this.#value(name, within);
    if (value === null) this.#stop(line, `$${name} is not set in main.cf: taken as empty`);
    return value ?? [];
  }

  /** What stands between `${` and `}`. */
  #braced(inner: MarkedText, within: readonly string[], line: number): Piece[] {
    const { text } = inner;
    const name = /^\s*(\w+)\s*/.exec(text);
    if (name === null) return this.#compared(inner, within, line);
    const operator = text[name[0].length];
    if (operator === undefined) return this.#named(name[1]!, within, line);
    if (operator !== '?' && operator !== ':')
      return this.#stop(line, `can't tell what \${${text.slice(0, 40)}} is: left out`);
    const filled = textOf(this.#value(name[1]!, within) ?? []) !== '';
    return this.#chosen(inner, name[0].length, filled, within, line);
  }

  /** `?{a}:{b}`, `?text`, `:text` from `at` on. */
  #chosen(inner: MarkedText, at: number, holds: boolean, within: readonly string[], line: number): Piece[] {
    const deeper = [...within, ''];
    const { text } = inner;
    const [yes, after] = text[at] === '?' ? clause(text, at + 1) : [null, at];
    const no = text[after] === ':' ? clause(text, after + 1)[0] : null;
    const wanted = holds ? yes : no;
    return wanted === null ? [] : this.#expand(inner.slice(...wanted), deeper, line);
  }

  /** `{a} == {b} ? {yes} : {no}`. */
  #compared(inner: MarkedText, within: readonly string[], line: number): Piece[] {
    const { text } = inner;
    const [left, behind] = clause(text, 0);
    const operator = OPERATOR.exec(text.slice(behind, behind + 7))?.[0];
    if (operator === undefined)
      return this.#stop(line, `can't tell what \${${text.slice(0, 40)}} is: left out`);
    const [right, at] = clause(text, behind + operator.length);
    const values = [left, right].map((part) =>
      textOf(this.#expand(inner.slice(...part), [...within, ''], line)),
    );
    if (values.some(hasOpenName))
      this.#stop(
        line,
        `can't tell what \${${text.slice(0, 40)}} is: it depends on this machine; compare it with postconf -x`,
      );
    if (text[at] !== '?' && text[at] !== ':') return [];
    return this.#chosen(inner, at, holds(values[0]!, operator, values[1]!), within, line);
  }
}

function textOf(pieces: readonly Piece[]): string {
  return pieces.map(({ text }) => text).join('');
}
