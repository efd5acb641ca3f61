/** Owns Mailbox: an envelope address as the SMTP client gave it, split at its last `@`. */

/** The null reverse-path `<>` is not a Mailbox: it is `null` wherever a sender may be null. */
export interface Mailbox {
  /** Everything before the last `@`, quotes included, case kept. */
  readonly local: string;
  /** Lower case, without a trailing dot; `null` for a bare name such as `postmaster`. */
  readonly domain: string | null;
  /** The domain as the client spelled it; absent where that is the same. */
  readonly spelling?: string;
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
  const domain = mailbox.spelling ?? mailbox.domain;
  const local = unquotedLocal(mailbox);
  return domain === null ? local : `${local}@${domain}`;
}

/** `bob@example.org`, or `` for the null sender. */
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
