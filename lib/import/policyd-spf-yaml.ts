/** Owns the text that `import policyd-spf` prints. */

import { hasSettings, importPolicydSpf } from './policyd-spf.ts';
import { ownNetworksLine } from './own-networks-line.ts';
import { takenOver } from './section.ts';
import type { NamedText } from './sources.ts';
import { comment } from './yaml-text.ts';

/** Null: what stands in it are no settings of policyd-spf. Never throws. */
export function policydSpfYaml(source: NamedText): string | null {
  const written = source.text.split('\n').some((line) => /^\s*[^#\s]/.test(line));
  if (written && !hasSettings(source.text)) return null;
  const { entries, notes } = takenOver('spf', importPolicydSpf(source))!;
  const blocks = [
    comment(
      `Written by "postern import policyd-spf" from ${source.file}. A postern.yaml that asks SPF as policyd-spf did; or, into one that you have: the section spf, and check_spf where main.cf has check_policy_service of it.`,
    ),
    ownNetworksLine(),
    [
      ...notes.flatMap((note) => comment(note)),
      'spf:',
      ...entries.map(([key, value]) => `  ${key}: ${value}`),
    ],
    ['policy:', '  - permit_mynetworks', '  - permit_sasl_authenticated', '  - check_spf'],
  ];
  return `${blocks.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}
