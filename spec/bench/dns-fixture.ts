/** A name server as fast as it can be, of the one zone that dns-client.ts asks for: where there is no rbldnsd. */

import { createSocket } from 'node:dgram';
import { a, questionOf, rcode, response, soa } from '../support/dns/bytes.ts';

const socket = createSocket('udp4');
socket.on('message', (query, { port, address }) => {
  const question = questionOf(query);
  // The second label is the third octet of the address.
  const second = question.toString(
    'latin1',
    2 + question[0]!,
    2 + question[0]! + question[1 + question[0]!]!,
  );
  const listed = Number(second) < 128;
  const answer = listed
    ? response(query, { answers: [a(127, 0, 0, 2)] })
    : response(query, { flags: rcode(3), authorities: [soa(300, 300)] });
  socket.send(answer, port, address);
});
socket.bind(Number(process.argv[2]), '127.0.0.1');
