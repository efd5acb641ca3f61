/** Owns the words that ask a DNS list: what each one is after. */

import type { KnownLists } from '../lists/known-lists.ts';
import { WORDS, type ListWord, type Word } from './policy-words.ts';

/** What a listing comes to, and what is looked up. */
export interface WordUse {
  readonly does: 'refuse' | 'permit';
  readonly asks: 'address' | 'name';
}

export const USES: Readonly<Record<ListWord, WordUse>> = {
  reject_rbl_client: { does: 'refuse', asks: 'address' },
  reject_rhsbl_client: { does: 'refuse', asks: 'name' },
  reject_rhsbl_reverse_client: { does: 'refuse', asks: 'name' },
  reject_rhsbl_helo: { does: 'refuse', asks: 'name' },
  reject_rhsbl_sender: { does: 'refuse', asks: 'name' },
  reject_rhsbl_recipient: { does: 'refuse', asks: 'name' },
  permit_dnswl_client: { does: 'permit', asks: 'address' },
  permit_rhswl_client: { does: 'permit', asks: 'name' },
  skip_greylist_dnswl_client: { does: 'permit', asks: 'address' },
};

/** For messages: the word with a list that fits it. */
export function exampleOf(word: ListWord, lists: KnownLists): string {
  const { does, asks } = USES[word];
  const fit = lists.all.find(
    ({ kind, refuse, permit }) =>
      (does === 'refuse' ? refuse : permit) !== null && (kind === 'names') === (asks === 'name'),
  );
  const pattern = does === 'refuse' ? fit?.refuse : fit?.permit;
  return fit === undefined ? `${word} list.example.org=127.0.0.2` : `${word} ${fit.zone}=${pattern}`;
}

export function isListWord(word: Word): word is ListWord {
  return WORDS[word] === 'zone';
}
