/**
 * The name server of a private network, as a program: port 53, and the zone lines of the file that it is given. Whoever
 * writes the name of another file to it has it serve that one instead. Prints `ready` each time.
 */

import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { DnsServer } from '../dns/dns-server.ts';

function linesOf(file: string): string[] {
  return readFileSync(file, 'utf8').trim().split('\n');
}

const server = await DnsServer.start(linesOf(process.argv[2]!), 53);
console.log('ready');
createInterface({ input: process.stdin }).on('line', (file) => {
  server.serve(linesOf(file));
  console.log('ready');
});
