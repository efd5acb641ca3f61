/** Owns ReplyPattern: what an admin wants a client to be told, `521 5.7.1 Dial-up %{client_address}`. */

import type { Session } from '../mail/session.ts';
import { reject, tempfail } from '../mail/reply.ts';
import { formatClient } from '../mail/session.ts';
import { writtenMailbox } from '../mail/mailbox.ts';
import type { AnyReply } from './effect-of-reply.ts';
import { shown } from '../yaml/problem.ts';
import { nearest } from '../yaml/spelling.ts';
import { textual, type Reader } from '../yaml/value.ts';

export interface ReplyPattern {
  /** Null: the rule's own. */
  readonly code: number | null;
  readonly status: readonly [subject: number, detail: number] | null;
  /** With placeholders; null: the rule's own. */
  readonly text: string | null;
}

type Wrong = readonly [what: string, instead: string];

/** What may stand in `%{…}`. Of a list: `zone`, `reason` (its TXT record); of SPF: `result`, `reason`. `class`, `name`: as in Postfix's replies. */
export const PLACEHOLDERS = [
  'client',
  'client_address',
  'client_name',
  'ptr',
  'helo',
  'sender',
  'sender_domain',
  'recipient',
  'recipient_domain',
  'zone',
  'reason',
  'result',
  'class',
  'name',
] as const;

/** RFC 5321 §4.5.3.1.5, less code, status and what placeholders add. */
const LONGEST = 400;

/** `521 5.7.1 Go away`, `521 Go away` or `Go away`. A string pair says what is wrong. Never throws. */
export function parseReplyPattern(text: string): ReplyPattern | Wrong {
  const [, digits, blanks, rest = ''] = /^\s*(\d{3})(?:(\s+)(.*)|\s*)$/s.exec(text) ?? [];
  const code = digits === undefined ? null : Number(digits);
  const number = /^\s*(\d+)(?:\s|$)/.exec(text)?.[1];
  if (code === null && number !== undefined)
    return [`${shown(number)} is no code that refuses`, 'write one from 400 to 599, or the text alone'];
  if (code !== null && (code < 400 || code > 599))
    return [`${code} is no code that refuses`, 'write one from 400 to 599, or the text alone'];
  const after = code === null ? text.trim() : blanks === undefined ? '' : rest.trim();
  const [, status, remainder] = /^([245]\.\d{1,3}\.\d{1,3})(?:\s+(.*))?$/s.exec(after) ?? [];
  if (status !== undefined && code !== null && !status.startsWith(String(code)[0]!))
    return [`${status} does not belong to ${code}`, `write ${code} ${String(code)[0]}${status.slice(1)}`];
  if (status?.startsWith('2') === true) return [`${status} does not refuse`, 'write 4.7.1 or 5.7.1'];
  const words = status === undefined ? after : (remainder ?? '');
  return (
    wrongText(words) ?? {
      code,
      status: status === undefined ? null : parts(status),
      text: words === '' ? null : words,
    }
  );
}

function parts(status: string): readonly [number, number] {
  const [, subject, detail] = status.split('.').map(Number);
  return [subject!, detail!];
}

function wrongText(text: string): Wrong | null {
  if (text.length > LONGEST) return [`the text is longer than ${LONGEST} characters`, 'write a shorter one'];
  const bad = /[^\x20-\x7e]/.exec(text)?.[0];
  if (bad !== undefined) return [`"${shown(bad)}" can't stand in an SMTP reply`, 'write printable ASCII'];
  for (const [whole, name = ''] of text.matchAll(/%\{([^}]*)\}?/g)) {
    if (whole.endsWith('}') && isPlaceholder(name)) continue;
    const near = nearest(name, PLACEHOLDERS);
    return [
      `"${shown(whole)}" stands for nothing`,
      near === null
        ? `there are ${PLACEHOLDERS.map((each) => `%{${each}}`).join(' ')}`
        : `did you mean %{${near}}?`,
    ];
  }
  return null;
}

function isPlaceholder(name: string): boolean {
  return PLACEHOLDERS.some((each) => each === name);
}

/** The reply of a rule with what the admin wants instead: a deferral keeps its class whatever code is written. */
export function withPattern(
  reply: AnyReply,
  pattern: ReplyPattern,
  facts: Readonly<Record<string, string>>,
  keepClass = false,
): AnyReply {
  const text = pattern.text === null ? reply.text : fillPlaceholders(pattern.text, facts);
  const usual = reply.status.split('.').map(Number);
  const [subject, detail] = pattern.status ?? [usual[1]!, usual[2]!];
  const own = pattern.code;
  const code = own === null || (keepClass && own >= 500 !== reply.code >= 500) ? reply.code : own;
  return code < 500
    ? tempfail(code, `4.${subject}.${detail}`, text)
    : reject(code, `5.${subject}.${detail}`, text);
}

/**
 * A value can't make a placeholder of its own, and none is longer than a name may be. A list that does not say why leaves
 * no `; ` at the end, as Postfix's `${rbl_reason?; $rbl_reason}`.
 */
export function fillPlaceholders(text: string, facts: Readonly<Record<string, string>>): string {
  const said = (facts['reason'] ?? '') === '' ? text.replace(/[\s;:,-]+%\{reason\}$/, '') : text;
  return said.replace(/%\{(\w+)\}/g, (_, name: string) =>
    (facts[name] ?? '').slice(0, name === 'reason' ? LONGEST_REASON : 255),
  );
}

/** RBL_TXT_LIMIT in smtpd_check.c. */
const LONGEST_REASON = 500;

/** What the placeholders stand for, as far as the session has come. */
export function placeholders(session: Session): Readonly<Record<string, string>> {
  const { client, helo, sender, recipient } = session;
  return {
    client: formatClient(client),
    client_address: client.address?.text ?? 'unknown',
    client_name: client.name ?? 'unknown',
    ptr: client.ptr ?? 'unknown',
    helo: helo ?? '',
    sender: writtenMailbox(sender ?? null),
    sender_domain: sender?.domain ?? '',
    recipient: writtenMailbox(recipient ?? null),
    recipient_domain: recipient?.domain ?? '',
  };
}

export const replyPattern: Reader<ReplyPattern> = textual(
  { type: 'string' },
  '"550 5.7.1 Go away"',
  (text, place) => {
    const parsed = parseReplyPattern(text);
    return 'code' in parsed ? parsed : place.error(...parsed);
  },
);
