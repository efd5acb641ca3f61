/** What an administrator reads in `postern lists`. */

import { expect } from 'chai';
import { listTable } from '../../lib/cli/list-table.ts';
import { readListReports, type ListReport } from '../../lib/control/list-report.ts';
import { listReport } from '../support/list-reports.ts';

/** The words below the line of a list, as one line. */
function below(report: ListReport): string {
  return listTable([report])
    .slice(2)
    .map((line) => line.trim())
    .join(' ');
}

describe('The table of postern lists', () => {
  it('has a line for a list that is alive, its figures under each other', () => {
    const lines = listTable([
      listReport('zen.spamhaus.org'),
      listReport('psbl.surriel.com', { queries: 12_345, hits: 7, hitRate: 0.000567, medianMs: 3.14 }),
      listReport('bl.example.org', { queries: 0, hits: 0, hitRate: null, medianMs: null, p95Ms: null }),
    ]);
    expect(lines.map((line) => line.replace(/2026-11-2\d \d\d:\d\d/, 'SINCE'))).to.deep.equal([
      'list              state  since             queries  hits   rate  median    p95',
      'zen.spamhaus.org  alive  SINCE      200   150  75.0%   12 ms  41 ms',
      'psbl.surriel.com  alive  SINCE    12345     7   0.1%  3.1 ms  41 ms',
      'bl.example.org    alive  SINCE        0     0      -       -      -',
    ]);
    for (const line of lines) expect(line.length).to.be.at.most(100);
  });

  it('tells apart what one zone is asked about, as the service does in its answer', () => {
    const told = JSON.stringify([
      listReport('bl.example.org'),
      listReport('bl.example.org', { kind: 'IPv6 addresses' }),
      listReport('bl.example.org', { kind: 'names' }),
    ]);
    const lines = listTable(readListReports(JSON.parse(told))!);
    expect(lines.slice(1).map((line) => line.split('  ')[0])).to.deep.equal([
      'bl.example.org',
      'bl.example.org (IPv6)',
      'bl.example.org (names)',
    ]);
    expect(readListReports(JSON.parse(told.replace('"names"', '"toString"')))).to.equal(null);
  });

  for (const [state, list, advice] of [
    ['blind', 'zen.spamhaus.org', /do: it refuses the resolver that asks it: run one of your own/],
    ['lists-the-world', 'bl.example.org', /do: nothing: it decides nothing until it heals/],
    ['dead', 'bl.example.org', /do: see whether it still exists/],
    ['dead', 'dnsbl.sorbs.net', /do: it ended in 2024-06: take it out of policy:/],
    ['untested', 'bl.example.org', /do: it is asked once more at once; look again in a minute/],
    ['no-key', 'zen.dq.spamhaus.net', /do: write its key where/],
  ] as const)
    it(`says why ${list} is ${state}, and what to do`, () => {
      const words = below(listReport(list, { state, why: '127.0.0.2 is not listed' }));
      expect(words)
        .to.match(/^why: 127\.0\.0\.2 is not listed/)
        .and.match(advice);
    });

  it('says nothing below a list that is alive and shares nothing', () => {
    expect(below(listReport('zen.spamhaus.org'))).to.equal('');
  });

  it('does not say of a list that was asked that nothing was asked of it', () => {
    const report = listReport('bl.example.org', { state: 'untested' });
    expect(below(report)).to.equal('do: nothing was asked of it yet; look again in a minute');
    expect(below({ ...report, why: 'asked for 127.0.0.1: SERVFAIL' })).not.to.contain('nothing was asked');
  });

  it('says of a list without a test entry that nobody knows whether it answers, until it has listed somebody', () => {
    const report = listReport('wl.mailspike.net', { testEntry: null, hits: 0, hitRate: 0 });
    expect(below(report)).to.equal('note: no test entry is known: whether it answers at all is not known');
    expect(below({ ...report, hits: 1 })).to.equal('');
    expect(below({ ...report, testEntry: '127.0.0.2' })).to.equal('');
  });

  it('names the lists that agree most, and how many queries failed', () => {
    const overlap = [
      { list: 'a.example', of: 50, both: 10 },
      { list: 'b.example', of: 40, both: 40 },
      { list: 'never.example', of: 0, both: 0 },
      { list: 'c.example', of: 50, both: 1 },
      { list: 'd.example', of: 50, both: 20 },
    ];
    expect(below(listReport('zen.spamhaus.org', { overlap, failed: 3 }))).to.equal(
      'failed: 3 of its queries had no answer hits that others list too: b.example 100% of 40, d.example 40% of 50, a.example 20% of 50',
    );
  });

  it('breaks long reasons, and lets nothing from the network speak to the terminal', () => {
    const why = `${'no answer '.repeat(30)}\u001b[31m\nred`;
    const lines = listTable([listReport('bl.example.org', { state: 'dead', why })]);
    for (const line of lines) expect(line.length).to.be.at.most(100);
    expect(lines.join('')).not.to.match(/[\u001b\n]/);
  });

  it('is not shifted by one list with a long name', () => {
    const [head, long, short] = listTable([listReport('x'.repeat(60)), listReport('bl.example.org')]);
    expect(head!.indexOf('state')).to.equal(short!.indexOf('alive'));
    expect(long).to.contain(`${'x'.repeat(60)}  alive`);
  });
});

describe('The report of a list', () => {
  it('is read from JSON as it was written', () => {
    const reports = [listReport('a.example', { overlap: [{ list: 'b.example', of: 2, both: 1 }] })];
    expect(readListReports(JSON.parse(JSON.stringify(reports)))).to.deep.equal(reports);
  });

  for (const [what, differs] of [
    ['a state that is none', { state: 'asleep' }],
    ['no time', { since: 'yesterday' }],
    ['no figure', { queries: '7' }],
    ['no overlap', { overlap: [{ list: 1 }] }],
  ] as const)
    it(`is not read where there is ${what}`, () => {
      expect(readListReports([{ ...listReport('a.example'), ...differs }])).to.equal(null);
    });
});
