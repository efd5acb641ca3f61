/** Whatever stands in other programs' files, or comes over the control socket, is read to an end. */

import fc from 'fast-check';
import { expect } from 'chai';
import { readListReports } from '../../lib/control/list-report.ts';
import { readReloaded } from '../../lib/control/reloaded.ts';
import { readStatus } from '../../lib/control/service-status.ts';
import { parseListenAddress } from '../../lib/config/address.ts';
import { readMilterList } from '../../lib/doctor/milter-list.ts';
import { whose } from '../../lib/doctor/postfix-address.ts';
import { serverAddress } from '../../lib/doctor/public-resolvers.ts';
import { nameServers } from '../../lib/doctor/resolv-conf.ts';
import { listReport } from '../support/list-reports.ts';

const OURS = ['inet:8891@127.0.0.1', 'unix:/run/postern/s'].flatMap((written) => {
  const address = parseListenAddress(written);
  return address.kind === 'wrong' ? [] : [address];
});

describe('The doctor and the control socket', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      '{',
      '}',
      ' ',
      ',',
      '=',
      ':',
      '@',
      '/',
      '[',
      ']',
      'inet',
      'unix',
      '127.0.0.1',
      '8891',
      '../',
    ),
    fc.string({ maxLength: 8 }),
  );
  const text = fc.array(piece, { maxLength: 40 }).map((parts) => parts.join(''));

  it('read any list of milters: each has an address or a fault', () => {
    fc.assert(
      fc.property(text, fc.boolean(), (value, chrooted) => {
        for (const { address, fault } of readMilterList(value)) {
          expect(address !== '' || fault !== null).to.equal(true);
          whose(address, OURS, { queueDirectory: '/var/spool/postfix', chrooted });
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('read any resolv.conf: at most three servers, at least one', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(text, fc.constant('\nnameserver '))), (parts) => {
        const servers = nameServers(parts.join(''));
        expect(servers.length).to.be.within(1, 3);
        for (const server of servers) serverAddress(server);
      }),
      { numRuns: 1000 },
    );
  });

  it('take no JSON for an answer that is none', () => {
    const report = listReport('a.example');
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(...Object.keys(report)), (value, key) => {
        readStatus(value);
        readReloaded(value);
        readListReports(value);
        const read = readListReports([{ ...report, [key]: value }]);
        // JSON has no -0.
        if (read !== null && !Object.is(value, -0))
          expect(readListReports(JSON.parse(JSON.stringify(read)))).to.deep.equal(read);
      }),
      { numRuns: 2000 },
    );
  });
});
