/** Owns Mailbox: an envelope address as the SMTP client gave it, split at its last `@`. */

/** The null reverse-path `<>` is not a Mailbox: it is `null` wherever a sender may be null. */
export interface Mailbox {
  /** Everything before the last `@`, quotes included, case kept. */
  readonly local: string;
  /** Lower case, without a trailing dot; `null` for a bare name such as `postmaster`. */
  readonly domain: string | null;
  /** The domain as the client spelled it; absent where that is the same. */
  readonly spelling?: string;
  /** What the client wrote, tidied up, where the MTA takes it for another address; absent: the same. */
  readonly said?: Mailbox;
}

/**
 * The address that mail goes to or comes from: `taken` is what Postfix makes of `path` (`{mail_addr}`, `{rcpt_addr}`),
 * after comments, quotes, groups, `%` and `!`; null: the MTA does not say. Else `x@ evil.example` would be another
 * sender to us than to the MTA, whose tables and queue know only `x@evil.example`.
 */
export function mailboxOf(path: string, taken: string | null): Mailbox | null {
  const raw = parseMailbox(path);
  if (taken === null) return raw;
  const meant = parseMailbox(taken);
  if (meant === null || raw === null) return null;
  if (meant.local === raw.local && meant.domain === raw.domain) return raw;
  const text = tidied(path);
  const said = parseMailbox(text);
  // What Postfix has taken to pieces is told of as what came out; what it has only completed, as it was said.
  const plain = /^[\x20-\x7e]*$/.test(path) && !/\[.*\(/.test(path) && /^<?[^ <>;,()"]*>?$/.test(text);
  const bare = /^<?[^@<>;,()[\]]*>?$/.test(path);
  const kept = said !== null && (plain || bare);
  return { local: meant.local, domain: meant.domain, ...(kept ? { said } : {}) };
}

/** Without comments, quotes, backslashes and blanks, as Postfix shows an address in its replies (tok822_parse.c). */
function tidied(path: string): string {
  let tidy = '';
  let quoted = false;
  let comments = 0;
  for (let i = 0; i < path.length; i++) {
    const char = path[i]!;
    if (char === '\\') {
      if (comments === 0) tidy += path[++i] ?? '';
      else i++;
    } else if (comments > 0) comments += char === '(' ? 1 : char === ')' ? -1 : 0;
    else if (char === '"') quoted = !quoted;
    else if (char === '(' && !quoted) comments = 1;
    else if (quoted || !/\s/.test(char)) tidy += char;
  }
  return tidy;
}

/**
 * `<Bob@Example.ORG>` → `{ local: 'Bob', domain: 'example.org' }`; `<>` and an empty string → null.
 * Never throws: an MTA passes what the client said, and that can be anything. A source route
 * (`<@a,@b:user@c>`, RFC 5321 §4.1.2) is dropped, as receivers must.
 */
export function parseMailbox(path: string): Mailbox | null {
  let text = path.trim();
  if (text.startsWith('<')) text = text.slice(1);
  if (text.endsWith('>')) text = text.slice(0, -1);
  text = text.replace(/^@[^:"]*:/, '');
  if (text === '') return null;
  const at = text.lastIndexOf('@');
  if (at < 0) return { local: text, domain: null };
  const spelling = text.slice(at + 1);
  const domain = spelling.toLowerCase().replace(/\.$/, '');
  const mailbox = { local: text.slice(0, at), domain: domain === '' ? null : domain };
  return spelling === domain ? mailbox : { ...mailbox, spelling };
}

/** `Bob@Example.ORG`, `bob b@example.org`: what a reply to the client calls him, as Postfix unquoted; `` for the null sender. */
export function writtenMailbox(mailbox: Mailbox | null): string {
  if (mailbox === null) return '';
  const said = mailbox.said ?? mailbox;
  const domain = said.spelling ?? said.domain;
  const local = unquotedLocal(said);
  return domain === null ? local : `${local}@${domain}`;
}

/** `bob@example.org`, or `` for the null sender: what the MTA takes him for. */
export function formatMailbox(mailbox: Mailbox | null): string {
  if (mailbox === null) return '';
  return mailbox.domain === null ? mailbox.local : `${mailbox.local}@${mailbox.domain}`;
}

/** `"post\\master"` → `postmaster`: quoted or not, it is the same mailbox (RFC 5321 §4.1.2). */
export function unquotedLocal({ local }: Mailbox): string {
  if (!local.startsWith('"')) return local;
  const [, quoted] = /^"(.*)"$/s.exec(local) ?? [];
  return quoted === undefined ? local : quoted.replace(/\\(.)/gs, '$1');
}
