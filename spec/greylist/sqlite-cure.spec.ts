/** What to type for a greylist file that can't be used, where no other spec comes by. */

import { expect } from 'chai';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cure } from '../../lib/greylist/sqlite-cure.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

describe('The cure of a greylist file', () => {
  const folder = temporaryFolder();

  it('below what is no directory is another path', () => {
    const below = join(folder(), 'postern.yaml');
    writeFileSync(below, '');
    expect(cure(join(below, 'p.db'), 'io')).to.equal(`${below} is no directory: set store: to another path`);
  });

  it('that no rights forbid to be written is to look at the disk', () => {
    writeFileSync(join(folder(), 'p.db'), '');
    expect(cure(join(folder(), 'p.db'), 'read-only')).to.match(
      new RegExp(`^no rights forbid it: .* as dmesg tells; .*: touch ${folder()}/x$`),
    );
  });
});
