/** What the doctor says of rights, of the clock and of the database. */

import {
  chmodSync,
  chownSync,
  closeSync,
  mkdirSync,
  openSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect } from 'chai';
import { clock } from '../../lib/doctor/clock.ts';
import { database } from '../../lib/doctor/database.ts';
import { permissions } from '../../lib/doctor/permissions.ts';
import { openSqliteStore } from '../../lib/greylist/sqlite-store.ts';
import { attempt, TIMINGS } from '../greylist/attempts.ts';
import { findings, patientIn, program, running } from '../support/patient.ts';
import { smallDisk } from '../support/small-disk.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { without } from '../support/without.ts';

const NOON = Date.parse('2026-11-21T12:00:00Z');
/** Nobody's. */
const ANOTHER = 12_345;

describe('The doctor looks at rights', function () {
  this.timeout(10_000);
  const mount = smallDisk(() => folder());
  const folder = temporaryFolder();
  const file = (): string => join(folder(), 'postern.yaml');

  before(function () {
    if (process.getuid?.() !== 0) without(this, 'what another user may do', 'root');
  });
  beforeEach(() => {
    chmodSync(folder(), 0o755);
    writeFileSync(join(folder(), 'p.db'), '');
  });

  const store = (): string => `store: sqlite:${folder()}/p.db\n`;
  /** The service runs as somebody who owns the state. */
  function found(config = store()): Promise<string[]> {
    const patient = patientIn(folder(), { config, service: running(file(), { uid: ANOTHER, gid: ANOTHER }) });
    return findings(permissions, patient);
  }
  function giveAll(): void {
    for (const path of [folder(), join(folder(), 'p.db')]) chownSync(path, ANOTHER, ANOTHER);
    chmodSync(join(folder(), 'p.db'), 0o640);
  }

  it('finds nothing wrong where the service owns its state', async () => {
    giveAll();
    expect(await found()).to.deep.equal([
      `ok what user ${ANOTHER} needs it may read and write, and no more than that is open`,
    ]);
  });

  it('finds a state and a database that the service may not write, as after a start by root', async () => {
    chmodSync(join(folder(), 'p.db'), 0o640);
    expect(await found()).to.deep.equal([
      `problem user ${ANOTHER}, who runs the service, may not write ${folder()} (mode 0755, of root): it can't start with that; type: chown ${ANOTHER} ${folder()}`,
      `problem user ${ANOTHER}, who runs the service, may not write ${folder()}/p.db (mode 0640, of root): it can't start with that; type: chown ${ANOTHER} ${folder()}/p.db*`,
    ]);
    giveAll();
    writeFileSync(join(folder(), 'p.db-wal'), '');
    expect((await found())[0]).to.contain('p.db-wal');
  });

  for (const suffix of ['', '-wal', '-shm', '-lock'])
    it(`finds p.db${suffix} of root in the directory of another, whose the service that does not run is`, async () => {
      giveAll();
      writeFileSync(join(folder(), `p.db${suffix}`), '');
      chownSync(join(folder(), `p.db${suffix}`), 0, 0);
      chmodSync(join(folder(), `p.db${suffix}`), 0o640);
      expect(await findings(permissions, patientIn(folder(), { config: store() }))).to.deep.equal([
        `problem user ${ANOTHER}, who runs the service, may not write ${folder()}/p.db${suffix} (mode 0640, of root): it can't start with that; type: chown ${ANOTHER} ${folder()}/p.db*`,
      ]);
    });

  it('finds a database of the service itself that it may only read, and that another owner would not help', async () => {
    giveAll();
    chmodSync(join(folder(), 'p.db'), 0o440);
    expect(await found()).to.deep.equal([
      `problem user ${ANOTHER}, who runs the service, may not write ${folder()}/p.db (mode 0440, of user id ${ANOTHER}): it can't start with that; type: chmod u+rw ${folder()}/p.db*`,
    ]);
  });

  it('finds a file system that is read-only, whatever the modes say', async function () {
    const disk = mount();
    if (disk === null) return this.skip();
    chownSync(disk, ANOTHER, ANOTHER);
    spawnSync('mount', ['-o', 'remount,ro', disk]);
    giveAll();
    expect(await found(`store: sqlite:${disk}/p.db\n`)).to.deep.equal([
      `problem the file system of ${disk} is read-only: nothing can be written there; type: dmesg --level=err,warn | tail && mount -o remount,rw "$(findmnt -no TARGET -T ${disk})"`,
    ]);
  });

  it('finds a directory of root with the database of another, whose the service is', async () => {
    giveAll();
    chownSync(folder(), 0, 0);
    expect(await findings(permissions, patientIn(folder(), { config: store() }))).to.deep.equal([
      `problem user ${ANOTHER}, who runs the service, may not write ${folder()} (mode 0755, of root): it can't start with that; type: chown ${ANOTHER} ${folder()}`,
    ]);
  });

  it('finds a database that everybody may read', async () => {
    giveAll();
    chmodSync(join(folder(), 'p.db'), 0o644);
    expect(await found()).to.deep.equal([
      `warning everybody on this machine may read who writes to whom in ${folder()}/p.db (mode 0644); type: chmod 0640 ${folder()}/p.db*`,
    ]);
  });

  it('finds a config that the service may not read', async () => {
    giveAll();
    const patient = patientIn(folder(), {
      config: store(),
      service: running(file(), { uid: ANOTHER, gid: ANOTHER }),
    });
    chmodSync(file(), 0o600);
    expect((await findings(permissions, patient))[0]).to.match(
      /^problem user 12345.* may not read .*postern\.yaml: a reload would fail/,
    );
  });

  it('finds tables that the service may not read, of the policy and of local_domains, each once', async () => {
    giveAll();
    const tables = ['clients', 'domains', 'open'].map((name) => join(folder(), name));
    for (const path of tables) writeFileSync(path, '');
    const [clients, domains, open] = tables;
    for (const path of [clients!, domains!]) chmodSync(path, 0o600);
    const config = `${store()}policy:
  - check_client_access cidr:${clients}
  - check_sender_access hash:${open}
  - check_helo_access texthash:${open}
local_domains: hash:${domains}
greylist: { skip_clients: "hash:${clients}" }`;
    const told = (path: string): string =>
      `problem user ${ANOTHER}, who runs the service, may not read the table ${path}: a start or a reload would fail; type: chgrp ${ANOTHER} ${path} && chmod g+r ${path}`;
    expect(await found(config)).to.deep.equal([told(clients!), told(domains!)]);
    for (const path of [clients!, domains!]) {
      chownSync(path, 0, ANOTHER);
      chmodSync(path, 0o640);
    }
    expect((await found(config))[0]).to.match(/^ok /);
  });

  it('finds a folder of tables that the service may not enter, once for all that is in it', async () => {
    giveAll();
    const closed = join(folder(), 'tables');
    mkdirSync(closed, { mode: 0o700 });
    for (const name of ['a', 'b']) writeFileSync(join(closed, name), '');
    const config = `${store()}policy: [check_client_access cidr:${closed}/a, check_helo_access hash:${closed}/b]`;
    expect(await found(config)).to.deep.equal([
      `problem user ${ANOTHER}, who runs the service, may not enter ${closed}, where the table ${closed}/a is: a start or a reload would fail; type: chgrp ${ANOTHER} ${closed} && chmod g+x ${closed}`,
    ]);
  });

  it('finds keys that everybody may read, or not the service', async () => {
    giveAll();
    const key = join(folder(), 'dqs.key');
    writeFileSync(key, 'secret');
    const config = `${store()}policy:\n  - reject_rbl_client \${dqs}.zen.dq.spamhaus.net=127.0.0.2\nlists: { key_files: { dqs: ${key} } }`;
    chmodSync(key, 0o644);
    expect((await found(config))[0]).to.match(
      /^warning everybody on this machine may read the key in .*dqs\.key \(mode 0644\); type: chgrp 12345 .* && chmod 0640/,
    );
    chmodSync(key, 0o600);
    expect((await found(config))[0]).to.match(
      /^problem user 12345, who runs the service, may not read the key/,
    );
    chownSync(key, 0, ANOTHER);
    chmodSync(key, 0o640);
    expect((await found(config))[0]).to.match(/^ok /);
    const inConfig = `${store()}policy:\n  - reject_rbl_client abcdefgh1jklmnopqrstuvwxyz.zen.dq.spamhaus.net=127.0.0.2\n`;
    expect((await found(inConfig))[0]).to.match(
      /^warning everybody on this machine may read the key in .*postern\.yaml/,
    );
  });

  it('finds a socket that Postfix may not connect to, or not reach', async () => {
    giveAll();
    mkdirSync(join(folder(), 'postfix'));
    writeFileSync(join(folder(), 'postfix/main.cf'), 'mail_owner = nobody\n');
    writeFileSync(join(folder(), 'postfix/master.cf'), '');
    program(folder(), 'postconf', 'exit 1');
    mkdirSync(join(folder(), 'run'), { mode: 0o755 });
    const socket = join(folder(), 'run/s');
    writeFileSync(socket, '');
    const config = `${store()}listen: unix:${socket}`;
    chmodSync(socket, 0o660);
    expect(await found(config)).to.deep.equal([
      `problem Postfix (user nobody) may not connect to ${socket} (mode 0660); type: in ${file()} write: socket_owner: postern:nobody and socket_mode: "0660" && postern reload`,
    ]);
    chmodSync(socket, 0o666);
    expect((await found(config))[0]).to.match(/^ok /);
    chmodSync(join(folder(), 'run'), 0o700);
    expect((await found(config))[0]).to.contain(
      `problem Postfix (user nobody) may not enter ${folder()}/run`,
    );
  });

  it('says so where no service has run yet', async () => {
    const patient = patientIn(folder(), { config: 'store: memory', stateDirectory: join(folder(), 'none') });
    expect((await findings(permissions, patient))[0]).to.match(/^note no service has run here yet/);
  });
});

describe('The doctor looks at the clock', () => {
  const folder = temporaryFolder();

  function says(timedatectl: string, chronyc = 'exit 1'): void {
    program(folder(), 'timedatectl', timedatectl);
    program(folder(), 'chronyc', chronyc);
  }

  for (const [what, words, told] of [
    ['timedatectl says that the network sets it', ['echo yes'], /^ok .*timedatectl/],
    [
      'timedatectl says that nothing sets it',
      ['echo no'],
      /^warning nothing sets the clock.*; type: timedatectl set-ntp true/,
    ],
    ['chronyd is at it', ['exit 1', 'echo "Leap status     : Normal"'], /^ok .*chronyc/],
    [
      'chronyd is lost',
      ['exit 1', 'echo "Leap status     : Not synchronised"'],
      /^warning chronyd runs.*; type: chronyc sources/,
    ],
    ['nobody knows', ['exit 1'], /^note whether the clock is right can't be told here/],
  ] as const)
    it(what, async () => {
      says(words[0], words[1]);
      expect((await findings(clock, patientIn(folder()))).at(-1)).to.match(told);
    });

  it('finds files that were written in the future', async () => {
    says('echo yes');
    writeFileSync(join(folder(), 'p.db'), '');
    const patient = patientIn(folder(), { config: `store: sqlite:${folder()}/p.db`, nowMs: NOON });
    utimesSync(join(folder(), 'postern.yaml'), 0, NOON / 1000);
    utimesSync(join(folder(), 'p.db'), 0, NOON / 1000 + 5400);
    const told = await findings(clock, patient);
    expect(told).to.have.length(2);
    expect(told[0]).to.match(
      /^problem .*\/p\.db was written 1\.5 hours from now: the clock is wrong, or was then; type:/,
    );
  });
});

describe('The doctor looks at the database', function () {
  this.timeout(20_000);
  const folder = temporaryFolder();
  const path = (): string => join(folder(), 'p.db');

  async function found(nowMs = Date.now(), service = running('')): Promise<string[]> {
    const config = `store: sqlite:${path()}`;
    const told = await findings(database, patientIn(folder(), { config, nowMs, service }));
    // As much as the disk of the test has.
    return told.filter((line) => !/ are free on the disk of /.test(line));
  }

  async function stored(triplets: number, ms = Date.now()): Promise<() => Promise<void>> {
    const store = await openSqliteStore(path(), { onEvent: () => {}, now: Date.now });
    await Promise.all(Array.from({ length: triplets }, (_, i) => store.judge(attempt(i), ms, TIMINGS)));
    return () => store.close();
  }

  it('finds nothing wrong with one that is in use, nor with one at rest', async () => {
    const close = await stored(2000);
    expect((await found())[0]).to.match(/^ok .*\/p\.db: 2000 triplets, [\d.]+ [kM]B, whole$/);
    await close();
    const told = await found();
    expect(told).to.have.length(1);
    expect(told[0]).to.match(/^ok .*2000 triplets/);
  });

  it('counts one triplet as one', async () => {
    await (
      await stored(1)
    )();
    expect((await found())[0]).to.contain(': 1 triplet, ');
  });

  it('finds what is damaged in the middle of it', async () => {
    await (
      await stored(5000)
    )();
    const descriptor = openSync(path(), 'r+');
    // A page of rows, well behind those that are read at the start.
    writeSync(descriptor, Buffer.alloc(3 * 4096, 0xee), 0, 3 * 4096, 40 * 4096);
    closeSync(descriptor);
    expect((await found())[0]).to.match(/^problem .*is damaged: .*; type: systemctl restart postern/);
  });

  it('finds one that can not be opened at all', async () => {
    writeFileSync(path(), '\0not a database'.repeat(500));
    expect((await found())[0]).to.match(
      /^problem can't read .*p\.db: file is not a database; type: systemctl restart postern/,
    );
    writeFileSync(path(), 'not a database'.repeat(500));
    expect((await found())[0]).to.match(
      /: file is not a database; type: in the config set store: to another/,
    );
  });

  it('finds that it is gone, or not there yet', async () => {
    expect((await found(Date.now(), running('', { store: `sqlite:${path()}` })))[0]).to.match(
      /^problem .*p\.db is gone while the service runs/,
    );
    expect((await found(Date.now(), running('', { store: 'sqlite:/other.db' })))[0]).to.match(
      /^note there is no .*p\.db yet: it is made when the service starts, which uses sqlite:\/other\.db till then/,
    );
    expect((await found(Date.now(), { kind: 'absent', why: '' }))[0]).to.match(
      /^note there is no .*p\.db yet/,
    );
  });

  it('finds that the running service can not use it, though it is whole', async () => {
    await (
      await stored(1)
    )();
    const storeTrouble = {
      ...{ why: 'database or disk is full', since: '2026-11-21T10:00:00.000Z' },
      meanwhile: 'mail is not greylisted',
    };
    const service = (config: string) => running(config, { storeTrouble });
    const told = await found(Date.now(), service(join(folder(), 'postern.yaml')));
    expect(told[0]).to.equal(
      'problem mail is not greylisted: the greylist store of the running service fails since 2026-11-21T10:00:00.000Z: database or disk is full; it is tried again with each unknown mail',
    );
    expect(told[1]).to.match(/^ok .*1 triplet, .*whole$/);
    expect(await found(Date.now(), service('/etc/postern/other.yaml'))).to.have.length(1);
  });

  it('finds triplets from the future', async () => {
    await (
      await stored(3, NOON + 3_600_000)
    )();
    expect((await found(NOON))[1]).to.match(
      /^problem the newest triplet in it is from 2026-11-21T13:00:00\.000Z/,
    );
    expect(await found(NOON + 3_600_000)).to.have.length(1);
  });

  it('finds damaged ones that were set aside', async () => {
    await (
      await stored(1)
    )();
    for (const name of [
      'p.db.corrupt-20261121T100000Z',
      'p.db.corrupt-20261121T110000Z',
      'p.db.corrupt-20261121T110000Z-wal',
    ])
      writeFileSync(join(folder(), name), '');
    expect((await found())[1]).to.match(
      /^warning 2 damaged databases were set aside: .*\/p\.db\.corrupt-20261121T110000Z; .*; type: dmesg.* && postern greylist stats --store .*T110000Z /,
    );
  });

  it('finds a log that has grown', async () => {
    const close = await stored(10);
    // As large as that, without its bytes.
    truncateSync(`${path()}-wal`, 300 << 20);
    const told = await found();
    expect(told.at(-1)).to.match(/^warning .*p\.db-wal has grown to 314\.6 MB/);
    rmSync(`${path()}-wal`);
    await close().catch(() => {});
  });

  it('says what a store in memory means', async () => {
    const told = await findings(database, patientIn(folder(), { config: 'store: memory' }));
    expect(told).to.have.length(1);
    expect(told[0]).to.match(/^note store: memory forgets everything/);
  });
});
