/** What is told of DNS lists that have no key, no test entry, or are nobody's that the data knows. */

import { expect } from 'chai';
import { listsOf } from '../../lib/config/list-checks.ts';
import type { ListFiles } from '../../lib/config/list-files.ts';
import { readConfig } from '../../lib/config/read-config.ts';
import { listAdvice } from '../../lib/control/list-advice.ts';
import { reportOf, type ListReport } from '../../lib/control/list-report.ts';
import { Lookups } from '../../lib/daemon/lookups.ts';
import { judgeListed } from '../../lib/lists/list-tests.ts';
import type { AnnouncedList } from '../../lib/lists/announced-list.ts';
import type { ListChange } from '../../lib/lists/list-health.ts';
import { ListsInUse } from '../../lib/lists/lists-in-use.ts';
import { ProbedHealth } from '../../lib/lists/probed-health.ts';
import { zoneResolver } from '../../lib/dns/zone-resolver.ts';
import { HandClock } from '../support/hand-clock.ts';

const CLOSED: ListFiles = {
  read: () => ({ ok: false, why: 'not readable', code: 'EACCES' }),
  variable: () => undefined,
};

function announcedBy(policy: string, more = ''): readonly AnnouncedList[] {
  const read = readConfig(`policy:\n${policy}\n${more}`, 'postern.yaml', {
    stateDirectory: '/nonexistent',
    files: CLOSED,
  });
  if (!read.ok) throw new Error(read.problems.map(({ what }) => what).join('; '));
  return listsOf(read.config);
}

function reports(lists: readonly AnnouncedList[]): readonly ListReport[] {
  const resolver = zoneResolver([]);
  const health = new ProbedHealth({ resolver, clock: new HandClock(), onChange: () => {} });
  const inUse = new ListsInUse(health, () => 0);
  const letGo = inUse.hold(lists);
  const told = inUse.health.snapshot().map((figures) => reportOf(figures, inUse.announced));
  letGo();
  return told;
}

const KEYED = '  - "permit_dnswl_client ${dqs}.zen.dq.spamhaus.net=127.0.0.2"';
const KEYS = 'lists: { key_files: { dqs: /etc/postern/dqs.key } }';

describe('The report of a list', () => {
  it('has its test entry, or that none is known', () => {
    const policy =
      '  - reject_rbl_client bl.mailspike.net=127.0.0.2, reject_rhsbl_sender dbl.spamhaus.org=127.0.1.2';
    expect(reports(announcedBy(policy)).map(({ list, testEntry }) => [list, testEntry])).to.deep.equal([
      ['bl.mailspike.net', null],
      ['dbl.spamhaus.org', 'dbltest.com'],
    ]);
  });

  it('says of a key that the service may not read how to let it', () => {
    const [report] = reports(announcedBy(KEYED, KEYS));
    expect(report).to.include({ state: 'no-key', why: '/etc/postern/dqs.key can not be read' });
    expect(listAdvice(report!)).to.equal(
      'chgrp postern /etc/postern/dqs.key && chmod 0640 /etc/postern/dqs.key (with the group of the user that runs postern), then: postern reload',
    );
  });

  it('asks of a list that nobody knows whether it is ours, and of others for a resolver', () => {
    const nothing = { status: 'nxdomain', ttl: 60 } as const;
    const advice = (policy: string): string => {
      const evidence = judgeListed(announcedBy(policy)[0]!, nothing);
      return 'instead' in evidence ? evidence.instead : '';
    };
    expect(advice('  - reject_rbl_client bl.example.org')).to.match(
      /^add 127\.0\.0\.2 to it if the list is yours; .*misspelled/,
    );
    expect(advice('  - reject_rhsbl_sender rhs.example.org')).to.match(
      /^add test to it if the list is yours/,
    );
    expect(advice('  - reject_rbl_client zen.spamhaus.org=127.0.0.2')).to.match(
      /^let Postern ask a resolver of your own/,
    );
  });
});

describe('A list that is out', () => {
  it('is told of with its cure, and with whether a rule lets in whom it lists', () => {
    const told: (ListChange & { readonly spares: boolean })[] = [];
    const held = (policy: string): void => {
      const lookups = new Lookups((change) => told.push(change));
      lookups.lists.hold(announcedBy(policy, KEYS))();
      lookups.close();
    };
    held(KEYED);
    held(KEYED.replace('permit_dnswl', 'skip_greylist_dnswl'));
    held('  - dnsbl_score: { sites: ["${dqs}.zen.dq.spamhaus.net=127.0.0.2*-2"], reject: 2 }');
    held('  - dnsbl_score: { sites: ["${dqs}.zen.dq.spamhaus.net=127.0.0.2*2"], reject: 2 }');
    expect(told.map(({ spares }) => spares)).to.deep.equal([true, false, true, false]);
    expect(told[0]).to.include({ to: 'no-key' });
    expect(told[0]!.instead).to.match(/^chgrp postern /);
  });
});
