/** Owns where a key belongs that stands in the wrong section, and what it is called where it stands, if that is meant. */

import type { Fields, Section } from '../yaml/section.ts';
import { sections, whole } from './schema.ts';

/** A section of the file, which knows the other ones. */
export function inFile<F extends Fields>(name: keyof typeof sections, section: Section<F>): Section<F> {
  return { ...section, belongs: (key) => section.belongs(key) ?? elsewhere(name, key) };
}

function elsewhere(here: keyof typeof sections, key: string): string | null {
  if (Object.hasOwn(whole.fields, key)) return 'write it without indentation';
  const meant = MEANT[here];
  if (meant !== undefined && Object.hasOwn(meant, key)) return meant[key]!;
  const other = Object.entries<Section>(sections).find(([, { fields }]) => Object.hasOwn(fields, key));
  return other === undefined ? null : `indent it below "${other[0]}:"`;
}

const OF_SPF = 'or, if it is about SPF, indent it below "spf:"';
const OF_DELAY = 'or, if it is about the delay, indent it below "greylist:"';

/** Greylisting and SPF both spare somebody, each by its own words. */
const MEANT: { readonly [section in keyof typeof sections]?: Readonly<Record<string, string>> } = {
  greylist: {
    skip_domains: `write skip_senders: [example.com], ${OF_SPF}`,
    skip_networks: `write skip_clients: [192.0.2.0/24], ${OF_SPF}`,
    skip_ptr: `write skip_clients: [example.com], ${OF_SPF}`,
    skip_helo: `write a rule, { when: { helo: mx.example.com }, then: skip_greylist }, ${OF_SPF}`,
  },
  spf: {
    skip_clients: `write skip_networks: [192.0.2.0/24], ${OF_DELAY}`,
    skip_senders: `write skip_domains: [example.com], ${OF_DELAY}`,
    skip_recipients: 'indent it below "greylist:", if it is about the delay; SPF is asked for all recipients',
  },
};
