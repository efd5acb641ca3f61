/**
 * The least filter that Node can be: the floor that anything written in Node stands on. No decoding, no decision, no
 * memory; plain JavaScript, so that Node's compiler of TypeScript is not in it. PATH, `continue` or `defer` for what to
 * say to RCPT, and the protocol flags in hexadecimal (0: every step is sent and answered; c7080: only RCPT, DATA and
 * the end of message are).
 */

import { createServer } from 'node:net';

const [path, rcpt = 'continue', flags = '0'] = process.argv.slice(2);
const protocol = Number.parseInt(flags, 16);

function frame(code, payload = '') {
  const bytes = Buffer.from(`\0\0\0\0${code}${payload}`, 'latin1');
  bytes.writeUInt32BE(bytes.length - 4);
  return bytes;
}

const CONTINUE = frame('c');
const RCPT =
  rcpt === 'defer' ? frame('y', '451 4.7.1 Greylisted, please try again in 60 seconds\0') : CONTINUE;
const TERMS = frame('O', '\0\0\0\u0006\0\0\0\0\0\0\0\0');
TERMS.writeUInt32BE(protocol, 13);

/** SMFIP_NR_*: for which command each flag waives the answer. */
const SILENT = { L: 0x80, C: 0x1000, H: 0x2000, M: 0x4000, T: 0x10000, U: 0x20000, N: 0x40000, B: 0x80000 };

/** By the command's code. */
const ANSWER = new Map();
for (const [code, silent] of Object.entries(SILENT))
  if ((protocol & silent) === 0) ANSWER.set(code.charCodeAt(0), CONTINUE);
ANSWER.set('O'.charCodeAt(0), TERMS);
ANSWER.set('R'.charCodeAt(0), RCPT);
ANSWER.set('E'.charCodeAt(0), frame('a'));
const QUIT = 'Q'.charCodeAt(0);

function serve(socket) {
  let rest = null;
  socket.on('data', (chunk) => {
    const bytes = rest === null ? chunk : Buffer.concat([rest, chunk]);
    let at = 0;
    while (at + 5 <= bytes.length) {
      const end = at + 4 + bytes.readUInt32BE(at);
      if (end > bytes.length) break;
      const code = bytes[at + 4];
      const answer = ANSWER.get(code);
      if (answer !== undefined) socket.write(answer);
      else if (code === QUIT) socket.end();
      at = end;
    }
    rest = at === bytes.length ? null : bytes.subarray(at);
  });
  socket.on('error', () => socket.destroy());
}

createServer({ noDelay: true }, serve).listen({ path, backlog: 512 });
