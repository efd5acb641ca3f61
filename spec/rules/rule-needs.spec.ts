import { expect } from 'chai';
import { compilePolicy } from '../../lib/config/compile-policy.ts';
import { openTables } from '../../lib/config/open-tables.ts';
import { WORDS, type Argument, type Word } from '../../lib/rules/policy-words.ts';
import { readConfig } from '../../lib/config/read-config.ts';
import { WORD_NEEDS } from '../../lib/rules/rule-needs.ts';
import { stageOf } from '../../lib/policy/early.ts';
import { materials } from '../support/materials.ts';

/** What is asked for a word that a rule of the policy is made of, by the checks of the compiled rule. */
async function needsOf(word: Word): Promise<string> {
  const { item, text } = written(word);
  const loaded = readConfig(`policy: [${item}]`, 'x', { stateDirectory: '/nonexistent' });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  const { tables } = await openTables(loaded.config, { onReread: () => {}, pollMs: 0 });
  const policy = compilePolicy(loaded.config, materials(tables));
  const rule = policy.rcpt[0]!.at(-1)!;
  expect(rule.word).to.equal(text);
  return rule.when.kind === 'always' ? 'nothing' : stageOf(rule.when, policy.checks);
}

/** With what has to stand behind the word; `text` is what the rule is called. */
function written(word: Word): { item: string; text: string } {
  const behind: Readonly<Record<Argument, string | null>> = {
    none: '',
    options: '',
    rule: ' permit',
    table: ' inline:{a=OK}',
    zone: ' list.example=127.0.0.2',
    mapping: null,
  };
  const argument = behind[WORDS[word]];
  if (argument === null)
    return { item: `{ ${word}: { sites: ["list.example=127.0.0.2"], reject: 1 } }`, text: word };
  return { item: `"${word}${argument}"`, text: `${word}${argument}` };
}

describe('When a word can be decided', () => {
  const words = Object.keys(WORD_NEEDS) as Word[];
  // These ask at DATA, or stand before another word.
  const none = new Set<Word>(['warn_if_reject', 'soft_first', 'reject_multi_recipient_bounce']);
  for (const word of words.filter((each) => !none.has(each)))
    it(`follows from what its check needs: ${word} at ${WORD_NEEDS[word] ?? 'any time'}`, async () => {
      expect(await needsOf(word)).to.equal(WORD_NEEDS[word] ?? 'nothing');
    });
});
