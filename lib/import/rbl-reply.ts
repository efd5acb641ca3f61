/** Owns the replies of DNS lists that main.cf changes: rbl_reply_maps, default_rbl_reply, maps_rbl_reject_code. */

import { parseTableName } from '../tables/table-name.ts';
import type { TableContext } from './access-table.ts';
import type { Parameters } from './parameters.ts';
import { rejectCode } from './reply-codes.ts';
import { readKeys } from './table-lines.ts';

const USUAL =
  '$rbl_code Service unavailable; $rbl_class [$rbl_what] blocked using $rbl_domain${rbl_reason?; $rbl_reason}';

/** postconf(5), rbl_reply_maps and default_rbl_reply; what is not here has no placeholder. */
const PLACEHOLDERS: Readonly<Record<string, string>> = {
  rbl_class: '%{class}',
  rbl_domain: '%{zone}',
  rbl_reason: '%{reason}',
  rbl_txt: '%{reason}',
  client: '%{client}',
  client_address: '%{client_address}',
  client_name: '%{client_name}',
  reverse_client_name: '%{ptr}',
  helo_name: '%{helo}',
  sender: '%{sender}',
  sender_domain: '%{sender_domain}',
  recipient: '%{recipient}',
  recipient_domain: '%{recipient_domain}',
};

export interface RblReply {
  /** Null: the usual one. */
  readonly reply: string | null;
  readonly notes: readonly string[];
}

export class RblReplies {
  readonly #code: number;
  readonly #byZone = new Map<string, string>();
  readonly #fallback: string;
  /** Each with the reason. */
  readonly #unread: string[] = [];

  constructor(parameters: Parameters, { readFile, unknown }: TableContext) {
    this.#code = rejectCode(parameters.text('maps_rbl_reject_code')) ?? 554;
    // Postfix does not expand this one when it reads main.cf.
    this.#fallback = parameters.setting('default_rbl_reply')?.value.text.trim() ?? USUAL;
    for (const { text } of parameters.get('rbl_reply_maps').words()) {
      const parsed = parseTableName(text.replace(/^proxy:/i, ''));
      const file =
        parsed.ok && parsed.name.kind === 'keys' && parsed.name.source.kind === 'file'
          ? parsed.name.source.path
          : null;
      const content = file === null ? null : readFile(file);
      if (content === null)
        this.#unread.push(`${text}: ${file === null ? "it can't be read here" : unknown}`);
      else
        for (const [key, value] of readKeys(content))
          if (!this.#byZone.has(key)) this.#byZone.set(key, value);
    }
  }

  /** `written`: with its pattern, as main.cf has it; that is looked up first, then the zone alone (smtpd_check.c). */
  of(word: string, written: string, zone: string): RblReply {
    const template = this.#byZone.get(written.toLowerCase()) ?? this.#byZone.get(zone.toLowerCase());
    const notes = this.#unread.map(
      (map) => `rbl_reply_maps = ${map}: see there whether it has a reply of its own for this list`,
    );
    const said = template ?? this.#fallback;
    // The text is Postern's own, which knows whether there is a reason.
    if (said.replace(/\s+/g, ' ') === USUAL)
      return { reply: this.#code === 554 ? null : `${this.#code} ${String(this.#code)[0]}.7.1`, notes };
    const translated = this.#translate(said, word === 'reject_rbl_client' ? '%{client_address}' : '%{name}');
    return { reply: translated.reply, notes: [...notes, ...translated.notes] };
  }

  #translate(template: string, what: string): RblReply {
    const missing = new Set<string>();
    const text = expand(template, (name) => {
      if (name === 'rbl_code') return String(this.#code);
      if (name === 'rbl_what') return what;
      if (Object.hasOwn(PLACEHOLDERS, name)) return PLACEHOLDERS[name]!;
      missing.add(name);
      return '';
    }).trim();
    const notes = [...missing].map(
      (name) => `$${name} has no placeholder in Postern: it is left out of the reply`,
    );
    const [, code, rest = ''] = /^([45]\d\d) +(.*)$/s.exec(text) ?? [];
    if (code === undefined)
      return {
        reply: null,
        notes: [
          'the reply in rbl_reply_maps or default_rbl_reply does not begin with 4xx or 5xx: the usual one is taken',
        ],
      };
    const [, status = `${code[0]}.7.1`, words = ''] = /^([245]\.\d{1,3}\.\d{1,3}) +(.*)$/s.exec(rest) ?? [
      '',
      undefined,
      rest,
    ];
    return { reply: `${code} ${status.replace(/^\d/, code[0]!)} ${words || 'Service unavailable'}`, notes };
  }
}

/** `${name?text}`: taken as if the name had a value, as the placeholder has no such condition. */
function expand(template: string, value: (name: string) => string, depth = 0): string {
  return template
    .slice(0, 2000)
    .replace(
      /\$\$|\$(\w+)|\$\((\w+)\)|\$\{(\w+)(?:\?\{?((?:[^{}]|\$\{\w+\})*)\}?)?(?::[^{}]*)?\}/g,
      (whole, plain?: string, round?: string, braced?: string, then?: string) => {
        if (whole === '$$') return '$';
        if (then !== undefined && depth < 5) return expand(then, value, depth + 1);
        return value(plain ?? round ?? braced ?? '');
      },
    );
}
