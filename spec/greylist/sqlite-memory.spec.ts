/** That the store's thread keeps no more memory than it needs. */

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect } from 'chai';
import { temporaryFolder } from '../support/temporary-folder.ts';

const WRITER = join(import.meta.dirname, 'burst-writer.ts');

describe('The thread of the SQLite store', () => {
  const folder = temporaryFolder();

  it('gives back what a burst of mail has needed, once it is over', function () {
    this.timeout(30_000);
    const flags = ['--expose-gc', '--trace-gc', '--max-semi-space-size=4'];
    const { stdout } = spawnSync(process.execPath, [...flags, WRITER, join(folder(), 'p.db')], {
      encoding: 'utf8',
    });
    const [burst, quiet] = stdout.split('quiet\n');
    // V8's words for a collection that somebody has asked for.
    expect(burst).not.to.contain('testing');
    expect(quiet).to.match(/Mark-Compact \(reduce\) .*testing/);
  });
});
