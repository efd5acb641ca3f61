/** Owns AccessResult: what the right-hand side of an access table means (access(5); check_table_result in smtpd_check.c). */

import { shown } from '../yaml/problem.ts';
import { readRestrictions, type Restriction } from './restrictions.ts';

/** `text` and `status` are the admin's; null: Postfix's default. */
export type AccessResult =
  | { readonly kind: 'permit' | 'dunno' | 'discard' }
  | { readonly kind: 'note'; readonly text: string }
  | { readonly kind: 'quarantine'; readonly text: string | null }
  | {
      readonly kind: 'refuse' | 'defer_if_permit' | 'defer_if_reject';
      /** Null: what is usual for the word. */
      readonly code: number | null;
      readonly class: 4 | 5;
      readonly status: string | null;
      readonly text: string | null;
    }
  | { readonly kind: 'rules'; readonly restrictions: readonly Restriction[] };

export type ReadAccessResult =
  | { readonly ok: true; readonly value: AccessResult }
  | { readonly ok: false; readonly what: string; readonly instead: string | null };

/** Actions of Postfix that change the message or its way: only Postfix can. */
const NOT_OURS = ['PREPEND', 'REDIRECT', 'BCC', 'FILTER', 'HANGUP', 'DELAY', 'STRIP', 'IGNORE', 'REPLACE'];

/** Never throws. */
export function readAccessResult(text: string): ReadAccessResult {
  const [, word = '', rest = ''] = /^(\S*)\s*(.*)$/s.exec(text.trim()) ?? [];
  const own = rest === '' ? null : rest;
  switch (word.toUpperCase()) {
    case '':
      return wrong('there is no result', 'write OK, DUNNO or REJECT');
    case 'OK':
    case 'RELAY':
      return good({ kind: 'permit' });
    case 'DUNNO':
      return good({ kind: 'dunno' });
    case 'REJECT':
      return good({ kind: 'refuse', code: null, class: 5, ...statusAndText(5, own) });
    case 'DEFER':
      return good({ kind: 'refuse', code: null, class: 4, ...statusAndText(4, own) });
    case 'DEFER_IF_PERMIT':
      return good({ kind: 'defer_if_permit', code: null, class: 4, ...statusAndText(4, own) });
    case 'DEFER_IF_REJECT':
      return good({ kind: 'defer_if_reject', code: null, class: 4, ...statusAndText(4, own) });
    case 'DISCARD':
      return good({ kind: 'discard' });
    case 'HOLD':
      return good({ kind: 'quarantine', text: own });
    case 'WARN':
    case 'INFO':
      return good({ kind: 'note', text: `${word.toUpperCase()} ${rest}`.trim() });
  }
  if (/^\d+$/.test(word)) return numeric(word, own, /\s$/.test(text));
  if (NOT_OURS.includes(word.toUpperCase()))
    return wrong(
      `${word.toUpperCase()} is for Postfix to carry out`,
      'keep this entry in a table of main.cf',
    );
  return words(text);
}

/**
 * All digits alone are a permit: some programs write a time there. A code before nothing (`550 $1`, where what the
 * pattern found is empty) is none.
 */
function numeric(digits: string, text: string | null, blankBehind: boolean): ReadAccessResult {
  const refuses = /^[45]\d\d$/.test(digits);
  if (text === null && !(refuses && blankBehind)) return good({ kind: 'permit' });
  if (!refuses)
    return wrong(
      `${shown(digits)} is no SMTP code that refuses`,
      'write a code from 400 to 599 before the text',
    );
  const replyClass = digits.startsWith('4') ? 4 : 5;
  return good({
    kind: 'refuse',
    code: Number(digits),
    class: replyClass,
    ...statusAndText(replyClass, text),
  });
}

function words(text: string): ReadAccessResult {
  const { restrictions, remarks } = readRestrictions(text);
  const error = remarks.find(({ severity }) => severity === 'error');
  if (error !== undefined) return wrong(error.what, error.instead);
  if (restrictions.some(({ table }) => table !== null))
    return wrong('a table can not name another table', 'write the second table as a rule of the policy');
  if (restrictions.some(({ soft }) => soft))
    return wrong('soft_first can not stand in a table', 'write it before the rule that names the table');
  return good({ kind: 'rules', restrictions });
}

/** An enhanced status code may stand before the text (RFC 3463); one of the other class would be refused by Postfix. */
function statusAndText(
  replyClass: 4 | 5,
  text: string | null,
): { status: string | null; text: string | null } {
  const [, status, rest] = /^([245]\.\d{1,3}\.\d{1,3})(?:\s+(.*))?$/s.exec(text ?? '') ?? [];
  if (status === undefined) return { status: null, text };
  return { status: `${replyClass}${status.slice(1)}`, text: rest === undefined || rest === '' ? null : rest };
}

function good(value: AccessResult): ReadAccessResult {
  return { ok: true, value };
}

function wrong(what: string, instead: string | null): ReadAccessResult {
  return { ok: false, what, instead };
}
