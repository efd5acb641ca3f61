/** What tables answer, beyond what `against-postmap.spec.ts` compares. */

import { expect } from 'chai';
import { openTable } from '../../lib/tables/open-table.ts';
import type { ParsedResult } from '../../lib/tables/table.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { anyResult, nameOf, said, tableOf, type Opened } from './tables.ts';

describe('A lookup', () => {
  const folder = temporaryFolder();
  let opened: Opened;

  afterEach(() => opened.table.close());

  it('says what matched, and in which line', async () => {
    opened = await tableOf(folder(), 'hash', '\nBob@Example.org\n  OK\n');
    expect(await opened.table.lookup('bob@example.ORG')).to.deep.equal({
      kind: 'found',
      value: 'OK',
      key: 'Bob@Example.org',
      line: 2,
    });
  });

  it('says which network matched', async () => {
    opened = await tableOf(folder(), 'cidr', '192.0.2.1 OK\n!10.0.0.0/8 REJECT\n');
    expect(await opened.table.lookup('198.51.100.1')).to.deep.equal({
      kind: 'found',
      value: 'REJECT',
      key: '!10.0.0.0/8',
      line: 2,
    });
  });

  it('says which pattern matched', async () => {
    opened = await tableOf(folder(), 'pcre', '# x\nif /b/\n!/^a/i  OK\nendif\n');
    expect(await opened.table.lookup('b')).to.deep.equal({
      kind: 'found',
      value: 'OK',
      key: '!/^a/i',
      line: 3,
    });
  });

  it('of nothing finds nothing', async () => {
    opened = await tableOf(folder(), 'pcre', '/^/ OK\n');
    expect(said(await opened.table.lookup(''))).to.equal(null);
  });

  it('in an empty file finds nothing', async () => {
    opened = await tableOf(folder(), 'hash', '');
    expect(opened.problems).to.deep.equal([]);
    expect(said(await opened.table.lookup('a'))).to.equal(null);
  });

  it('is a temperror where what was substituted makes no result', async () => {
    const parseResult = (text: string): ParsedResult<string> =>
      text.includes('!')
        ? { ok: false, what: `"${text}" is not an action`, instead: null }
        : { ok: true, value: text };
    opened = await tableOf(folder(), 'pcre', '/^(.)x/ OK $1\n', { parseResult });
    expect(said(await opened.table.lookup('ax'))).to.equal('OK a');
    expect(said(await opened.table.lookup('!x'))).to.equal(
      'temperror: line 1: with what was substituted, "OK !" is not an action',
    );
  });

  it('substitutes without end, and remembers no more than it may', async () => {
    opened = await tableOf(folder(), 'regexp', '/^(.*)@/ OK $1\n');
    for (let i = 0; i < 3000; i++)
      expect(said(await opened.table.lookup(`user${i}@x`))).to.equal(`OK user${i}`);
  });

  it('finds the first of networks that overlap, in whatever order they are', async () => {
    opened = await tableOf(
      folder(),
      'cidr',
      '10.0.0.0/8 wide\n10.1.0.0/16 narrow\n10.1.0.0/16 again\n192.0.2.1 host\n192.0.2.0/24 net\n',
    );
    expect(said(await opened.table.lookup('10.1.2.3'))).to.equal('wide');
    expect(said(await opened.table.lookup('192.0.2.1'))).to.equal('host');
    expect(said(await opened.table.lookup('192.0.2.2'))).to.equal('net');
  });

  it('matches nobody in the block of a wrong if, where Postfix would match everybody', async () => {
    opened = await tableOf(folder(), 'cidr', 'if 10.0.0.1/8\n0.0.0.0/0 REJECT\nendif\n192.0.2.1 OK\n');
    expect(said(await opened.table.lookup('10.0.0.1'))).to.equal(null);
    expect(said(await opened.table.lookup('192.0.2.1'))).to.equal('OK');
    const patterns = await tableOf(
      folder(),
      'pcre',
      'if /(/\n/./ REJECT\nendif\nif /a\n/./ REJECT\nendif\n/b/ OK\n',
    );
    patterns.table.close();
    expect(said(await patterns.table.lookup('b'))).to.equal('OK');
  });
});

describe('An inline table', () => {
  it('is read from its name', async () => {
    const { table, problems } = await openTable(
      nameOf('inline:{A@example.org=OK, {b = REJECT no, thanks}}'),
      { parseResult: anyResult },
    );
    table.close();
    expect(problems).to.deep.equal([]);
    expect(said(await table.lookup('a@example.org'))).to.equal('OK');
    expect(said(await table.lookup('b'))).to.equal('REJECT no, thanks');
    expect(await table.reload()).to.deep.equal([]);
  });
});
