/** That what is needed no more is given back where Node lets us, that nothing is amiss where it does not, and that mail is not kept waiting. */

import { expect } from 'chai';
import { spawnSync } from 'node:child_process';

/** What a script prints that has garbage of ten megabytes and `inUse()`, the bytes of the heap. */
function printed(flags: readonly string[], script: string): string {
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [
      ...[...flags, '--input-type=module', '--eval'],
      `import { setTimeout as pause } from 'node:timers/promises';
       import { BurstMemory, giveBackMemory } from '${new URL('../lib/give-back.ts', import.meta.url).href}';
       const inUse = () => process.memoryUsage().heapTotal;
       const makeGarbage = () => Array.from({ length: 200_000 }, (_, i) => ({ i })).length;
       ${script}`,
    ],
    { encoding: 'utf8' },
  );
  return stdout + stderr;
}

describe('What only the start has needed', () => {
  for (const [flags, given] of [
    [['--expose-gc'], 'true'],
    [[], 'false'],
  ] as const)
    it(`${given === 'true' ? 'is' : 'is not'} given back by Node with ${flags.join(' ') || 'no flag'}`, () => {
      const script = `
        makeGarbage();
        const before = inUse();
        giveBackMemory();
        console.log(inUse() < before - 4_000_000);`;
      expect(printed(flags, script)).to.equal(`${given}\n`);
    });
});

describe('What a burst has needed', function () {
  this.timeout(30_000);
  const start = 'giveBackMemory(); const memory = new BurstMemory(1000); memory.used();';

  it('is given back when it is over, and of the next one not within ten minutes', () => {
    const script = `${start}
      makeGarbage();
      const before = inUse();
      await pause(3500);
      const after = inUse();
      memory.used();
      makeGarbage();
      const again = inUse();
      await pause(3500);
      console.log(after < before - 4_000_000, inUse() < again - 4_000_000);`;
    expect(printed(['--expose-gc'], script)).to.equal('true false\n');
  });

  it('stays while the thread is at work, until that ends', () => {
    const script = `${start}
      makeGarbage();
      const before = inUse();
      for (const until = performance.now() + 2500; performance.now() < until; await pause(20))
        for (const busy = performance.now() + 5; performance.now() < busy; );
      const meanwhile = inUse();
      await pause(3500);
      console.log(meanwhile < before - 4_000_000, inUse() < before - 4_000_000);`;
    expect(printed(['--expose-gc'], script)).to.equal('false true\n');
  });

  it('is not looked at while nothing is used, and keeps nobody from ending', () => {
    const script = `
      const memory = new BurstMemory(1000);
      makeGarbage();
      const before = inUse();
      await pause(1500);
      const unused = inUse();
      memory.used();
      console.log(unused < before - 4_000_000);`;
    // It prints before the look that it has asked for.
    expect(
      printed(
        ['--expose-gc'],
        `${script} process.once('exit', () => console.log(inUse() > before - 4_000_000));`,
      ),
    ).to.equal('false\ntrue\n');
  });
});
