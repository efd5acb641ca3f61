/** Owns GreylistConf: milter-greylist's greylist.conf as it is written (conf_lex.l, conf_yacc.y), nothing judged yet. */

export interface Token {
  /** `op`: `>=`; `regex`: without its slashes; `string`: without its quotes. */
  readonly kind: 'word' | 'string' | 'regex' | 'open' | 'close' | 'op';
  readonly text: string;
  readonly line: number;
}

export interface Clause {
  readonly negated: boolean;
  /** `addr`, `rcpt`, `list` …, in lower case; another is none that this import knows. */
  readonly name: string;
  readonly values: readonly Token[];
  readonly line: number;
}

export interface Acl {
  readonly line: number;
  /** `dacl`: asked when the message is there. */
  readonly stage: 'rcpt' | 'data';
  readonly action: 'greylist' | 'whitelist' | 'blacklist';
  /** For whatever no other entry matches. */
  readonly isDefault: boolean;
  readonly clauses: readonly Clause[];
  /** `delay`, `autowhite`, `msg` …; of those without a value an empty text. */
  readonly options: ReadonlyMap<string, string>;
  /** As it is written, in one line. */
  readonly written: string;
  /** A word of it that is unknown; null: there is none. */
  readonly unknown: string | null;
}

export interface List {
  readonly line: number;
  /** The clause that its items are of. */
  readonly of: string;
  readonly items: readonly Token[];
}

export interface GreylistConf {
  /** `greylist`, `timeout` …: the last one counts. */
  readonly settings: ReadonlyMap<string, { readonly line: number; readonly values: readonly Token[] }>;
  readonly acls: readonly Acl[];
  readonly lists: ReadonlyMap<string, List>;
  /** Of `dnsrbl` and `sm_macro`, by name: what stands behind it. */
  readonly named: ReadonlyMap<string, { readonly line: number; readonly values: readonly Token[] }>;
}

/** With the number of tokens that follow; an operator does not count. */
const CLAUSES: Readonly<Record<string, number>> = {
  ...{ addr: 1, domain: 1, from: 1, rawfrom: 1, rcpt: 1, helo: 1, auth: 1, tls: 1, time: 1, list: 1 },
  ...{ dnsrbl: 1, sm_macro: 1, spf: 0, dkim: 0, rcptcount: 1, msgsize: 1, spamd: 0, geoip: 1, p0f: 1 },
  ...{ header: 1, body: 1, urlcheck: 1, ldapcheck: 1, ratelimit: 1, nsupdate: 1, mx: 1 },
};

const OPTIONS: Readonly<Record<string, number>> = {
  ...{ delay: 1, autowhite: 1, code: 1, ecode: 1, msg: 1, report: 1, addheader: 1, addfooter: 1, subjtag: 1 },
  ...{ tarpit: 1, tarpitmode: 1, tarpit_scope: 1, maxpeek: 1, flushaddr: 0, nolog: 0, log: 0 },
};

export const CLAUSE_NAMES: readonly string[] = Object.keys(CLAUSES);
export const OPTION_NAMES: readonly string[] = Object.keys(OPTIONS);

/** Words that may follow a clause without one that must. */
const STATUS = /^(?:pass|fail|softfail|neutral|unknown|error|none|self)$/i;

/** Never throws. */
export function readGreylistConf(text: string): GreylistConf {
  const settings = new Map<string, { line: number; values: Token[] }>();
  const lists = new Map<string, List>();
  const named = new Map<string, { line: number; values: Token[] }>();
  const acls: Acl[] = [];
  const oldStyle: Acl[] = [];
  for (const tokens of statementsOf(text)) {
    const [first, ...rest] = tokens;
    const word = nameOf(first!);
    const { line } = first!;
    const name = rest[0]?.kind === 'string' ? rest[0].text : null;
    if (/^[rd]?acl$/.test(word)) acls.push(aclOf(word === 'dacl' ? 'data' : 'rcpt', tokens));
    else if (word === 'list' && name !== null)
      lists.set(name, {
        line,
        of: rest[1] === undefined ? '' : nameOf(rest[1]),
        items: rest.slice(2).filter(({ kind }) => kind !== 'open' && kind !== 'close'),
      });
    else if ((word === 'dnsrbl' || word === 'sm_macro') && name !== null)
      named.set(`${word} ${name}`, { line, values: rest.slice(1) });
    else if (/^(?:addr|domain|from|rcpt)$/.test(word))
      // As it was before there were access lists: an entry that lets in, before all others.
      oldStyle.push({
        ...aclOf('rcpt', [first!, { ...first!, text: 'whitelist' }, ...tokens]),
        written: tokens.map(writtenToken).join(' '),
      });
    else settings.set(word, { line, values: rest });
  }
  return { settings, acls: [...oldStyle, ...acls], lists, named };
}

/** `dumpfile:` is written, too. */
function nameOf({ text }: Token): string {
  return text.toLowerCase().replace(/:$/, '');
}

function aclOf(stage: Acl['stage'], tokens: readonly Token[]): Acl {
  const clauses: Clause[] = [];
  const options = new Map<string, string>();
  let unknown: string | null = null;
  let isDefault = false;
  let negated = false;
  let at = tokens[1]?.kind === 'string' ? 2 : 1;
  const action = tokens[at] === undefined ? '' : nameOf(tokens[at]!);
  for (at++; at < tokens.length;) {
    const token = tokens[at++]!;
    const name = nameOf(token);
    const take = (count: number): Token[] => {
      const more = tokens[at]?.kind === 'op' ? count + 1 : count;
      const taken = tokens.slice(at, at + more);
      at += more;
      return taken;
    };
    if (token.kind === 'word' && /^(?:no|not|!)$/.test(name)) negated = !negated;
    else if (name === 'default') isDefault = true;
    else if (
      token.kind === 'word' &&
      Object.hasOwn(OPTIONS, name) &&
      (name !== 'tarpit' || clauses.length > 0)
    )
      options.set(name, take(OPTIONS[name]!)[0]?.text ?? '');
    else if (token.kind === 'word' && (Object.hasOwn(CLAUSES, name) || name.startsWith('$'))) {
      const values = take(CLAUSES[name] ?? 1);
      // `spf`, `spf pass`, `spamd > 10`, `addr 192.0.2.0 /24`.
      const next = tokens[at];
      if (values.length === 0 && next !== undefined && STATUS.test(next.text)) values.push(...take(1));
      if (values.at(-1)?.kind === 'op' && next !== undefined) values.push(...take(1));
      if (name === 'addr' && /^\/\d+$/.test(next?.text ?? '')) values.push(...take(1));
      clauses.push({ negated, name, values, line: token.line });
      negated = false;
    } else unknown ??= token.text;
  }
  return {
    line: tokens[0]!.line,
    stage,
    action: action === 'whitelist' || action === 'blacklist' ? action : 'greylist',
    isDefault,
    clauses,
    options,
    written: tokens.map(writtenToken).join(' '),
    unknown: /^(?:greylist|whitelist|blacklist)$/.test(action) ? unknown : action,
  };
}

function writtenToken({ kind, text }: Token): string {
  if (kind === 'string') return `"${text}"`;
  return kind === 'regex' ? `/${text}/` : text;
}

/** A line each, or several where a backslash goes before the end; what stands behind that is ignored. */
function* statementsOf(text: string): Generator<Token[]> {
  let tokens: Token[] = [];
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    const goesOn = readLine(line, i + 1, tokens);
    if (goesOn) continue;
    if (tokens.length > 0) yield tokens;
    tokens = [];
  }
  if (tokens.length > 0) yield tokens;
}

/** A lone `/24` is no pattern, and `<` begins an address unless it compares. */
const TOKEN =
  /\s+|(#.*)|(\\.*)|"((?:[^"\\]|\\.)*)"|(\/\d{1,3}(?=[\s}]|$)|!(?!=))|\/((?:[^/\\]|\\.)+)\/(?!\w)|([{}])|(==|!=|>=|<=|<(?![^\s@]*@)|>)|([^\s{}"#\\]+)|(.)/gy;

/** Whether the statement goes on. */
function readLine(text: string, line: number, tokens: Token[]): boolean {
  for (const [, comment, backslash, string, lone, regex, brace, op, word, odd] of text.matchAll(TOKEN)) {
    if (comment !== undefined) return false;
    if (backslash !== undefined) return true;
    if (string !== undefined) tokens.push({ kind: 'string', text: string.replaceAll('\\"', '"'), line });
    else if (regex !== undefined) tokens.push({ kind: 'regex', text: regex, line });
    else if (brace !== undefined) tokens.push({ kind: brace === '{' ? 'open' : 'close', text: brace, line });
    else if (op !== undefined) tokens.push({ kind: 'op', text: op, line });
    else {
      const plain = lone ?? word ?? odd;
      if (plain !== undefined) tokens.push({ kind: 'word', text: plain, line });
    }
  }
  return false;
}
