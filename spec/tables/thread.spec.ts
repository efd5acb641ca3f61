/** Patterns that can't be run in linear time. */

import { readdirSync } from 'node:fs';
import { expect } from 'chai';
import { MatchThread } from '../../lib/tables/match-thread.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { said, tableOf, type Opened } from './tables.ts';

const LONG = `${'a'.repeat(60)}!`;

describe('A pattern with a lookahead', () => {
  const folder = temporaryFolder();
  let opened: Opened;

  afterEach(() => opened.table.close());

  it('is answered by the thread, between patterns that are not', async () => {
    opened = await tableOf(
      folder(),
      'pcre',
      '/^x/ first\n/^(?!owner-)(.*)-out@(.*)$/ ${1} at $2\n/./ last\n',
    );
    expect(said(await opened.table.lookup('xy'))).to.equal('first');
    expect(said(await opened.table.lookup('list-out@example.org'))).to.equal('list at example.org');
    expect(said(await opened.table.lookup('owner-list-out@example.org'))).to.equal('last');
    expect(opened.table.lookup('xy')).not.to.be.instanceOf(Promise);
  });

  it('may be the condition of others', async () => {
    opened = await tableOf(folder(), 'pcre', 'if /^(?!bob)/\n/a/ not bob\nendif\n!/^(?=bob)/ no\n/a/ bob\n');
    expect(said(await opened.table.lookup('carla'))).to.equal('not bob');
    expect(said(await opened.table.lookup('boba'))).to.equal('bob');
    expect(said(await opened.table.lookup('erik'))).to.equal('no');
  });

  it('that takes for ever is a temperror after 100 ms, and the next one is answered by a new thread', async () => {
    opened = await tableOf(folder(), 'pcre', '/^(?=a)(a+)+$/ REJECT\n/./ OK\n');
    const stuck = opened.table.lookup(LONG);
    const after = opened.table.lookup('aaa');
    expect(said(await stuck)).to.equal('temperror: the pattern took longer than 100 ms');
    expect(said(await after)).to.equal('REJECT');
    expect(said(await opened.table.lookup('b'))).to.equal('OK');
  });

  it('ends its thread at close, once the lookup under way is answered', async () => {
    const threads = (): number => readdirSync('/proc/self/task').length;
    opened = await tableOf(folder(), 'pcre', '/^(?=a)/ OK\n');
    await opened.table.lookup('a');
    const running = threads();
    const last = opened.table.lookup('a');
    opened.table.close();
    expect(said(await last)).to.equal('OK');
    while (threads() >= running) await new Promise((resolve) => setImmediate(resolve));
  });

  it('is answered after close', async () => {
    opened = await tableOf(folder(), 'pcre', '/^(?=a)/ OK\n');
    opened.table.close();
    expect(said(await opened.table.lookup('a'))).to.equal('OK');
  });

  it('does not backtrack where it has none', async () => {
    opened = await tableOf(folder(), 'pcre', '/^(a+)+$/ REJECT\n/^(.*)*(.*)*(.*)*x$/ REJECT\n/!/ OK\n');
    expect(said(await opened.table.lookup('a'.repeat(5000) + '!'))).to.equal('OK');
  });
});

describe('The thread for patterns', () => {
  it('takes no more than fifty that wait', async () => {
    const thread = new MatchThread();
    const answers = await Promise.all(Array.from({ length: 60 }, () => thread.match('^a', 'a')));
    thread.close();
    // On a busy machine some of the fifty are not answered in time; those behind them are not taken at all.
    expect(answers[0]).to.include({ ok: true });
    expect(answers.slice(50).filter(({ ok }) => ok)).to.deep.equal([]);
  });

  it('says what is no pattern', async () => {
    const thread = new MatchThread();
    expect(await thread.match('(', 'a')).to.include({ ok: false });
    expect(await thread.match('a', 'a')).to.deep.equal({ ok: true, groups: ['a'] });
    thread.close();
  });
});
