/** Where the commands look for the database, and what somebody without rights reads. */

import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { configFile, stateDirectory, stateToRead } from '../../lib/cli/places.ts';
import { MAIN } from '../support/program.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { without } from '../support/without.ts';

/** Rights don't bind root. */
const NOBODY = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

describe('The config file', () => {
  const folder = temporaryFolder();

  it('is the installed one where there is one, also one whose link leads nowhere; else the one beside the code', () => {
    const installed = join(folder(), 'postern.yaml');
    expect(configFile(undefined, {}, installed))
      .to.match(/\/etc\/postern\.yaml$/)
      .and.not.equal(installed);
    symlinkSync('nowhere', installed);
    expect(configFile(undefined, {}, installed)).to.equal(installed);
  });

  it('is the installed one too where we may not look: no other policy is put in force unseen', () => {
    expect(asNobody('configFile(undefined, {}, process.argv[1])', 'postern.yaml')).to.match(
      /\/closed\/postern\.yaml\n$/,
    );
  });

  /** What that is to somebody who may not enter the directory of `file`, whose path it has as its argument. */
  function asNobody(expression: string, file: string): string {
    const closed = join(folder(), 'closed');
    mkdirSync(closed, { mode: 0o700 });
    if (!('uid' in NOBODY)) chmodSync(closed, 0);
    chmodSync(folder(), 0o755);
    const places = new URL('../../lib/cli/places.ts', import.meta.url).href;
    const script = `import { configFile } from '${places}'; console.log(${expression});`;
    const child = spawnSync(process.execPath, ['--input-type=module', '--eval', script, join(closed, file)], {
      encoding: 'utf8',
      ...NOBODY,
    });
    if (!('uid' in NOBODY)) chmodSync(closed, 0o700);
    return child.stdout + child.stderr;
  }
});

describe('The state directory to read', function () {
  this.timeout(20_000);
  const folder = temporaryFolder();
  const writesElsewhere = stateDirectory({}) !== '/var/lib/postern';

  it('is what systemd names', () => {
    expect(stateToRead({ STATE_DIRECTORY: '/srv/a:/srv/b' })).to.equal('/srv/a');
  });

  it('is the installed one where that has a database, else where we would write', function () {
    if (!writesElsewhere)
      without(this, 'the database of the installed service', 'a user who may not write it');
    expect(stateToRead({}, folder())).to.equal(stateDirectory({}));
    writeFileSync(join(folder(), 'postern.db'), '');
    expect(stateToRead({}, folder())).to.equal(folder());
  });

  it('is the installed one too where we may not look', function () {
    if (!writesElsewhere)
      without(this, 'the database of the installed service', 'a user who may not write it');
    const closed = join(folder(), 'closed');
    mkdirSync(closed, { mode: 0o700 });
    if (!('uid' in NOBODY)) chmodSync(closed, 0);
    chmodSync(folder(), 0o755);
    const places = new URL('../../lib/cli/places.ts', import.meta.url).href;
    const script = `
      import { stateToRead } from '${places}';
      console.log(stateToRead({}, process.argv[1]));`;
    const child = spawnSync(process.execPath, ['--input-type=module', '--eval', script, closed], {
      encoding: 'utf8',
      ...NOBODY,
    });
    if (!('uid' in NOBODY)) chmodSync(closed, 0o700);
    expect(child.stdout + child.stderr).to.equal(`${closed}\n`);
  });

  it('says of a database that is closed to us who can read it', () => {
    const database = join(folder(), 'closed/postern.db');
    mkdirSync(join(folder(), 'closed'));
    writeFileSync(database, '');
    const config = join(folder(), 'postern.yaml');
    writeFileSync(config, `store: sqlite:${database}\n`);
    chmodSync(folder(), 0o755);
    chmodSync(join(folder(), 'closed'), 'uid' in NOBODY ? 0o700 : 0);
    const child = spawnSync(process.execPath, [MAIN, 'greylist', 'stats', '--config', config], {
      encoding: 'utf8',
      ...NOBODY,
    });
    chmodSync(join(folder(), 'closed'), 0o700);
    expect(child.status).to.equal(1);
    expect(child.stderr).to.equal(
      `postern: can't read ${database}: no permission; run this as root, or as the user of the service (its owner)\n`,
    );
  });
});
