/** Owns the `*_reject_code` parameters of main.cf: a word whose code was changed keeps that code in a reply of its own. */

import { POSTFIX_REPLIES, type ReplyWord } from '../checks/postfix-replies.ts';
import type { Parameters } from './parameters.ts';

/** What the finding's facts are called in a reply of postern.yaml. */
const FACTS: Readonly<Record<string, string>> = { address: 'client_address', domain: 'name' };

/** Null: Postfix's usual reply. */
export function ownReply(word: string, parameters: Parameters): string | null {
  if (!isReplyWord(word)) return null;
  for (const { code, status, text, parameter } of Object.values(POSTFIX_REPLIES[word].replies)) {
    const own = parameter === null ? null : rejectCode(parameters.text(parameter));
    if (own === null || own === code) continue;
    const named = text.replace(/%\{(\w+)\}/g, (_, fact: string) => `%{${FACTS[fact] ?? fact}}`);
    return `${own} ${status.replace(/^\d/, String(own)[0]!)} ${named}`;
  }
  return null;
}

/** 4xx or 5xx; null for what is none. */
export function rejectCode(text: string): number | null {
  return /^[45]\d\d$/.test(text) ? Number(text) : null;
}

function isReplyWord(word: string): word is ReplyWord {
  return Object.hasOwn(POSTFIX_REPLIES, word);
}
