/** A table whose file changes while it is in use. */

import { chmodSync, mkdirSync, renameSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { expect } from 'chai';
import { openTable, type Reread } from '../../lib/tables/open-table.ts';
import type { ParsedResult } from '../../lib/tables/table.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { anyResult, nameOf, said, tableOf, toldOf, type Opened } from './tables.ts';

/** The table, and what it tells after each reading. */
async function watched(
  folder: string,
  type: string,
  text: string,
): Promise<Opened & { next: () => Promise<Reread> }> {
  const told: Reread[] = [];
  const opened = await tableOf(folder, type, text, { pollMs: 5, onReread: (reread) => told.push(reread) });
  const next = async (): Promise<Reread> => {
    while (told.length === 0) await setTimeout(1);
    return told.shift()!;
  };
  return { ...opened, next };
}

/** Each turn of the event loop until then. */
async function* turnsUntil(end: Promise<unknown>): AsyncGenerator<void, void> {
  const state = { done: false };
  void end.then(() => (state.done = true));
  for (; !state.done; await setImmediate()) yield;
}

describe('A table whose file changes', () => {
  const folder = temporaryFolder();
  let opened: Opened & { next: () => Promise<Reread> };

  afterEach(() => opened.table.close());

  it('is read again when it is written in place', async () => {
    opened = await watched(folder(), 'hash', 'a OK\n');
    writeFileSync(opened.file, 'a REJECT\nb OK\n');
    expect(await opened.next()).to.deep.equal({ problems: [], kept: false, entries: 2 });
    expect(said(await opened.table.lookup('a'))).to.equal('REJECT');
  });

  it('is read again when another file takes its place', async () => {
    opened = await watched(folder(), 'cidr', '192.0.2.1 OK\n');
    writeFileSync(`${opened.file}.new`, '192.0.2.2 OK\n');
    renameSync(`${opened.file}.new`, opened.file);
    await opened.next();
    expect(said(await opened.table.lookup('192.0.2.1'))).to.equal(null);
    expect(said(await opened.table.lookup('192.0.2.2'))).to.equal('OK');
  });

  it('stays what it was when the new one has an error, and says where', async () => {
    opened = await watched(folder(), 'cidr', '192.0.2.1 OK\n');
    writeFileSync(opened.file, '192.0.2.2 OK\n192.0.2.3/24 REJECT\n');
    const { problems, kept } = await opened.next();
    expect(kept).to.equal(true);
    expect(problems.map(({ line, severity }) => [line, severity])).to.deep.equal([[2, 'error']]);
    expect(said(await opened.table.lookup('192.0.2.1'))).to.equal('OK');
    expect(said(await opened.table.lookup('192.0.2.2'))).to.equal(null);
    writeFileSync(opened.file, '192.0.2.2 OK\n');
    expect((await opened.next()).kept).to.equal(false);
    expect(said(await opened.table.lookup('192.0.2.2'))).to.equal('OK');
  });

  it('stays what it was when the file goes away, and is read when it is back', async () => {
    opened = await watched(folder(), 'hash', 'a OK\n');
    rmSync(opened.file);
    const gone = await opened.next();
    expect(toldOf(gone.problems)).to.deep.equal(['1 error: no such file; write it, or correct its name']);
    expect(gone.kept).to.equal(true);
    expect(said(await opened.table.lookup('a'))).to.equal('OK');
    writeFileSync(opened.file, 'a REJECT\n');
    expect((await opened.next()).kept).to.equal(false);
    expect(said(await opened.table.lookup('a'))).to.equal('REJECT');
  });

  it('stays what it was while a folder is in its place, and says so once', async () => {
    opened = await watched(folder(), 'hash', 'a OK\n');
    rmSync(opened.file);
    mkdirSync(opened.file);
    expect((await opened.next()).problems[0]!.what).to.equal('this is not a file');
    await setTimeout(50);
    rmdirSync(opened.file);
    writeFileSync(opened.file, 'a REJECT\n');
    expect((await opened.next()).problems).to.deep.equal([]);
    expect(said(await opened.table.lookup('a'))).to.equal('REJECT');
  });

  it('tells of a bug in what reads its results, and goes on', async () => {
    const parseResult = (text: string): ParsedResult<string> => {
      if (text === 'BUG') throw new TypeError('oops');
      return anyResult(text);
    };
    opened = { ...(await tableOf(folder(), 'hash', 'a OK\n', { parseResult })), next: () => expect.fail() };
    writeFileSync(opened.file, 'a BUG\n');
    const [problem] = await opened.table.reload();
    expect(problem!.what).to.equal('reading it failed, which is a bug: TypeError: oops');
    expect(said(await opened.table.lookup('a'))).to.equal('OK');
  });

  it('that was broken from the start does without the broken lines, until it is better', async () => {
    opened = await watched(folder(), 'hash', 'a OK\nb\n');
    expect(said(await opened.table.lookup('a'))).to.equal('OK');
    writeFileSync(opened.file, 'c OK\nb\n');
    expect((await opened.next()).kept).to.equal(false);
    expect(said(await opened.table.lookup('c'))).to.equal('OK');
  });

  it('with a warning is taken', async () => {
    opened = await watched(folder(), 'hash', 'a OK\n');
    writeFileSync(opened.file, 'a REJECT\na OK\n');
    const { kept, problems } = await opened.next();
    expect([kept, problems.length]).to.deep.equal([false, 1]);
    expect(said(await opened.table.lookup('a'))).to.equal('REJECT');
  });

  it('is the old one or the new one, never a half', async () => {
    const size = 30_000;
    const text = (result: string): string =>
      Array.from({ length: size }, (_, i) => `k${i} ${result}\n`).join('');
    opened = await watched(folder(), 'hash', text('old'));
    writeFileSync(`${opened.file}.new`, text('new'));
    renameSync(`${opened.file}.new`, opened.file);
    const reloading = opened.table.reload();
    const seen = new Set<string>();
    for await (const _ of turnsUntil(reloading)) {
      seen.add(`${said(await opened.table.lookup('k0'))} ${said(await opened.table.lookup(`k${size - 1}`))}`);
    }
    seen.add(`${said(await opened.table.lookup('k0'))} ${said(await opened.table.lookup(`k${size - 1}`))}`);
    expect([...seen]).to.deep.equal(['old old', 'new new']);
  });

  it('is read once more when asked, whether it has changed or not', async () => {
    opened = await watched(folder(), 'hash', 'a OK\n');
    expect(await opened.table.reload()).to.deep.equal([]);
    expect(await opened.next()).to.deep.equal({ problems: [], kept: false, entries: 1 });
  });

  it('lets others have their turn while a large one is read', async () => {
    const text = Array.from({ length: 50_000 }, (_, i) => `host${i}.example.net REJECT\n`).join('');
    opened = await watched(folder(), 'hash', text);
    let turns = 0;
    for await (const _ of turnsUntil(opened.table.reload())) turns++;
    expect(turns).to.be.greaterThan(10);
    expect(opened.table.entries).to.equal(50_000);
  });

  it('is not looked at any more after close, and goes on to answer', async () => {
    opened = await watched(folder(), 'hash', 'a OK\n');
    opened.table.close();
    expect(said(await opened.table.lookup('A'))).to.equal('OK');
  });
});

describe('A table in a file that may not be read', () => {
  const folder = temporaryFolder();

  /** Root may read everything: its specs do as nobody does, for so long. */
  async function asNobody<T>(does: () => Promise<T>): Promise<T> {
    if (process.getuid!() !== 0) return does();
    chmodSync(folder(), 0o755);
    process.seteuid!(65_534);
    try {
      return await does();
    } finally {
      process.seteuid!(0);
    }
  }

  it('has a problem with the cure', async () => {
    const file = join(folder(), 'secret');
    writeFileSync(file, 'a OK\n');
    chmodSync(file, 0);
    const { table, problems } = await asNobody(() =>
      openTable(nameOf(`hash:${file}`), { parseResult: anyResult }),
    );
    table.close();
    expect(toldOf(problems)).to.deep.equal([
      "1 error: it can't be read (EACCES); let the user that runs postern read it",
    ]);
  });
});
