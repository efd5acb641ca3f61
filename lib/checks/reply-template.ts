/** Owns ReplyTemplate: a reply whose text waits for the facts of a finding. */

import { reject, tempfail } from '../mail/reply.ts';
import type { Reply } from '../mail/reply.ts';

/** The codes that main.cf can change. */
export type CodeParameter =
  | 'access_map_reject_code'
  | 'defer_code'
  | 'invalid_hostname_reject_code'
  | 'maps_rbl_reject_code'
  | 'multi_recipient_bounce_reject_code'
  | 'non_fqdn_reject_code'
  | 'reject_code'
  | 'unknown_address_reject_code'
  | 'unknown_client_reject_code'
  | 'unknown_hostname_reject_code';

export interface ReplyTemplate {
  readonly code: number;
  /** Of the class of `code`: Postfix makes the first digits agree, whatever main.cf says. */
  readonly status: Reply['status'];
  /** `%{helo}` stands for a fact of the finding; `%{name}` and `%{class}`: see LIST_CLASSES. */
  readonly text: string;
  /** Null: fixed in Postfix. */
  readonly parameter: CodeParameter | null;
}

/**
 * The reply with the facts in it; a fact that is missing leaves its place empty. `code`: what main.cf has for
 * `parameter`, if it is not the default; the status follows its class.
 */
export function fillReply(
  template: ReplyTemplate,
  facts: Readonly<Record<string, string>>,
  code: number = template.code,
): Reply<4> | Reply<5> {
  const text = template.text.replace(/%\{(\w+)\}/g, (_, fact: string) => facts[fact] ?? '');
  const [subject, detail] = template.status.split('.').slice(1).map(Number);
  return code < 500
    ? tempfail(code, `4.${subject!}.${detail!}`, text)
    : reject(code, `5.${subject!}.${detail!}`, text);
}
