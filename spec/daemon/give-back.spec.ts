/** That what the start has left is collected where Node lets us, and that nothing is amiss where it does not. */

import { expect } from 'chai';
import { spawnSync } from 'node:child_process';

describe('What only the start has needed', () => {
  const script = `
    import { giveBackMemory } from '${new URL('../../lib/daemon/give-back.ts', import.meta.url).href}';
    let rows = Array.from({ length: 200_000 }, (_, i) => ({ i }));
    const before = process.memoryUsage().heapTotal;
    rows = null;
    giveBackMemory();
    console.log(process.memoryUsage().heapTotal < before - 4_000_000);`;

  for (const [flags, given] of [
    [['--expose-gc'], 'true'],
    [[], 'false'],
  ] as const)
    it(`${given === 'true' ? 'is' : 'is not'} given back by Node with ${flags.join(' ') || 'no flag'}`, () => {
      const { stdout, stderr } = spawnSync(
        process.execPath,
        [...flags, '--input-type=module', '--eval', script],
        { encoding: 'utf8' },
      );
      expect(stdout + stderr).to.equal(`${given}\n`);
    });
});
