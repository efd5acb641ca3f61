/**
 * The name server of the part `spf`, as a program: `spf-names.ts ADDRESS PORT`. It has the load's clients and sender domains
 * (identity.ts): each domain includes a record made for the HELO, which passes that one client, and so does the HELO's own.
 * Prints `ready PORT`.
 */

import { createSocket } from 'node:dgram';
import { a, askedIn, rcode, response, soa, txt } from '../support/dns/bytes.ts';
import { identity } from './identity.ts';

const NXDOMAIN = 3;
const NEGATIVE_TTL = 300;

const DOMAIN = /^d\d+\.example TXT$/;
const INCLUDED = /^_spf\.h\d+\.d\d+\.example TXT$/;
const HOST = /^h(\d+)\.d\d+\.example (A|TXT)$/;

function answersTo(asked: string): Buffer[] | null {
  if (DOMAIN.test(asked)) return [txt('v=spf1 include:_spf.%{h} -all')];
  if (INCLUDED.test(asked))
    return [txt('v=spf1 ip4:192.0.2.0/24 ip4:198.51.100.0/24 ip6:2001:db8::/32 a:%{h} ~all')];
  const [, n, type] = HOST.exec(asked) ?? [];
  if (type === undefined) return null;
  return [type === 'A' ? a(...identity(Number(n)).address.split('.').map(Number)) : txt('v=spf1 a -all')];
}

const socket = createSocket('udp4');
socket.on('message', (query, { port, address }) => {
  const answers = answersTo(
    askedIn(query)
      .toLowerCase()
      .replace(/ \w+$/, (type) => type.toUpperCase()),
  );
  const answer =
    answers === null
      ? response(query, { flags: rcode(NXDOMAIN), authorities: [soa(NEGATIVE_TTL, NEGATIVE_TTL)] })
      : response(query, { answers });
  socket.send(answer, port, address);
});
const [host, wanted] = process.argv.slice(2);
socket.bind(Number(wanted), host, () => {
  process.stdout.write(`ready ${socket.address().port}\n`);
});
process.stdin.resume().on('end', () => process.exit());
