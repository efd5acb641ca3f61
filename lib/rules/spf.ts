/** Owns the section `spf:`: what each result of SPF comes to. */

import { asciiDomain } from '../mail/domain.ts';
import { shown } from '../yaml/problem.ts';
import { field, type Entries, type Section } from '../yaml/section.ts';
import { choice, list, type JsonSchema, type Reader } from '../yaml/value.ts';

export const SPF_ANSWERS = ['reject', 'defer', 'continue'] as const;
export type SpfAnswer = (typeof SPF_ANSWERS)[number];

export const SPF_CASES = ['helo_fail', 'mail_from_fail', 'permerror', 'temperror'] as const;
export type SpfCase = (typeof SPF_CASES)[number];

export interface SpfSettings {
  readonly answers: Readonly<Record<SpfCase, SpfAnswer>>;
  /** Domains, in ASCII and lower case, of which anything but a pass is refused. */
  readonly rejectNotPassDomains: readonly string[];
}

export function isSpfAnswer(text: string): text is SpfAnswer {
  return SPF_ANSWERS.some((each) => each === text);
}

const answer = choice(SPF_ANSWERS);
const domain: JsonSchema = { type: 'string' };

const domains: Reader<readonly string[]> = list(domain, 'example.com', (text, place) => {
  const ascii = asciiDomain(text);
  if (ascii !== null && ascii.includes('.')) return [ascii];
  const bare = asciiDomain(text.replace(/^[@.]/, ''));
  return place.error(
    `"${shown(text)}" is not a domain`,
    bare?.includes('.') === true ? `write ${bare}` : 'write one such as example.com',
  );
});

export const spf = {
  later: [],
  belongs: () => null,
  fields: {
    helo_fail: field(answer, 'reject'),
    mail_from_fail: field(answer, 'reject'),
    permerror: field(answer, 'continue'),
    temperror: field(answer, 'continue'),
    reject_not_pass_domains: field(domains, []),
  },
} satisfies Section;

export function spfSettings(entries: Entries<typeof spf.fields>): SpfSettings {
  const { helo_fail, mail_from_fail, permerror, temperror, reject_not_pass_domains } = entries;
  return {
    answers: {
      helo_fail: helo_fail.value,
      mail_from_fail: mail_from_fail.value,
      permerror: permerror.value,
      temperror: temperror.value,
    },
    rejectNotPassDomains: reject_not_pass_domains.value,
  };
}

/** What is allowed and costs mail. */
export function judgeSpf({ temperror }: Entries<typeof spf.fields>): void {
  if (temperror.value === 'reject')
    temperror.place.warning('one lost answer of the DNS would turn mail away for good', 'write defer');
}
