/** Owns the section `headers:`: which header fields are added, and whether forged ones are removed. */

import { field, type Entries, type Section } from '../yaml/section.ts';
import { flag } from '../yaml/value.ts';

export interface HeaderFields {
  readonly authenticationResults: boolean;
  readonly receivedSpf: boolean;
  readonly dnsbl: boolean;
  readonly greylist: boolean;
  readonly removeForged: boolean;
}

export const headers = {
  later: [],
  belongs: () => null,
  fields: {
    authentication_results: field(flag, true),
    received_spf: field(flag, true),
    dnsbl: field(flag, true),
    greylist: field(flag, true),
    remove_forged: field(flag, true),
  },
} satisfies Section;

export function headerFields(entries: Entries<typeof headers.fields>): HeaderFields {
  const { authentication_results, received_spf, dnsbl, greylist, remove_forged } = entries;
  return {
    authenticationResults: authentication_results.value,
    receivedSpf: received_spf.value,
    dnsbl: dnsbl.value,
    greylist: greylist.value,
    removeForged: remove_forged.value,
  };
}

/** What is allowed, and makes strangers believed. */
export function judgeHeaders(entries: Entries<typeof headers.fields>): void {
  const { authentication_results, received_spf, dnsbl, remove_forged } = entries;
  if (!remove_forged.value && [authentication_results, received_spf, dnsbl].some(({ value }) => value))
    remove_forged.place.warning(
      'who reads our headers cannot tell them from those that a sender forges',
      'write true, unless another filter before this one removes them',
    );
}
