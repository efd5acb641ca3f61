/** Owns what of a postern.yaml this version can do: for sessions of setups that hold words of versions to come. */

import { isMap, isScalar, isSeq, parseDocument, type Node } from 'yaml';
import { laterKeys } from '../../lib/config/later-keys.ts';
import { WORDS } from '../../lib/config/policy-words.ts';
import { readConfig } from '../../lib/config/read-config.ts';

export interface ActivePart {
  readonly yaml: string;
  /** Nothing was left out. */
  readonly whole: boolean;
}

/** The text itself, as soon as Postern takes all of it. */
export function activePart(yaml: string): ActivePart {
  const loaded = readConfig(yaml, 'postern.yaml', { stateDirectory: '/nonexistent' });
  if (loaded.ok) return { yaml, whole: true };
  const document = parseDocument(yaml);
  for (const key of [...laterKeys, 'recipient_delimiter']) document.delete(key);
  const policy = document.get('policy');
  const lists = isMap(policy) ? policy.items.map(({ value }) => value) : [policy];
  for (const list of lists)
    if (isSeq(list))
      list.items = list.items.flatMap((item) => {
        const text = ruleOf(item as Node);
        const word = text?.replace('warn_if_reject ', '').split(' ')[0] ?? '';
        return Object.hasOwn(WORDS, word) ? [document.createNode(text)] : [];
      });
  return { yaml: String(document), whole: false };
}

function ruleOf(item: Node): string | null {
  const rule = isMap(item) ? item.get('rule') : isScalar(item) ? item.value : null;
  return typeof rule === 'string' ? rule : null;
}
