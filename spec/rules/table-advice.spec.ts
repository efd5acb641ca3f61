/** Policy words in the results of a table are told of once for the table. */

import { expect } from 'chai';
import { openTables } from '../../lib/config/open-tables.ts';
import { formatProblem } from '../../lib/yaml/problem.ts';
import { readConfig } from '../../lib/config/read-config.ts';
import { parseTableName } from '../../lib/tables/table-name.ts';

async function said(text: string): Promise<readonly string[]> {
  const parsed = parseTableName(text);
  if (!parsed.ok) throw new Error(parsed.what);
  const tables = await openTables(
    { tables: [parsed.name], localDomains: { names: [], tables: [] } },
    { onReread: () => {}, pollMs: 0 },
  );
  tables.close();
  return tables.problems.map((problem) => formatProblem(problem).slice(text.length));
}

describe('The results of a table', () => {
  it('that ask a dead list, or what is not active yet, are told of once', async () => {
    expect(
      await said(
        'inline:{ {a.example=reject_rbl_client dnsbl.sorbs.net}, {b.example=check_spf, reject_rbl_client dnsbl.sorbs.net}, {c.example=check_spf} }',
      ),
    ).to.deep.equal([
      ':1:1: warning: in its results: the list dnsbl.sorbs.net is dead since 2024-06; remove it',
      ':1:1: warning: in its results: check_spf is not active yet: it lets everything through in this version; keep what it replaces in main.cf',
    ]);
  });

  it('that ask a list for another purpose, or with a slip in its zone, are told of', async () => {
    expect(
      await said(
        'inline:{ {a.example=reject_rbl_client list.dnswl.org}, {b.example=reject_rbl_client zen.spamhous.org}, {c.example=reject_rbl_client zen.dq.spamhaus.net=127.0.0.2} }',
      ),
    ).to.deep.equal([
      ':1:1: warning: in its results: list.dnswl.org lists good senders; write permit_dnswl_client list.dnswl.org=127.0.[0..9;11..255].[2..3]',
      ':1:1: warning: in its results: zen.spamhous.org is not a list that we know; did you mean zen.spamhaus.org?',
      ':1:1: warning: in its results: zen.dq.spamhaus.net answers nobody without a key before it; write ${spamhaus}. before the zone, and lists: { key_files: { spamhaus: /etc/postern/spamhaus.key } } with the key in that file (it comes from Spamhaus Data Query Service, https://www.spamhaus.com/data-access/free-data-query-service/)',
    ]);
  });

  it('that hold a message, or permit by a name that nobody has verified, are told of', async () => {
    expect(await said('inline:{ a.example=HOLD, b.example=OK }')).to.deep.equal([
      ':1:1: warning: in its results: HOLD holds the whole message, for its other recipients too; make sure that you look at the queue: postqueue -p',
    ]);
    const table = 'inline:{ a.example=OK }';
    const loaded = readConfig(`policy: ["check_reverse_client_hostname_access ${table}"]`, 'x', {
      stateDirectory: '/',
    });
    if (!loaded.ok) throw new Error('not read');
    const { problems } = await openTables(loaded.config, { onReread: () => {}, pollMs: 0 });
    expect(problems.map(({ what }) => what)).to.deep.equal([
      'policy: inline:{ a.example=OK }: in its results: check_reverse_client_hostname_access permits nobody, for anybody can give his address any name: such a client is told 451 4.3.5, as by Postfix',
    ]);
  });

  it('without such words are not told of', async () => {
    expect(await said('inline:{ a.example=OK, {b.example=greylist delay=5m} }')).to.deep.equal([]);
  });
});
