/** The name server of a private network, as a program: port 53, and the zone lines of the file that it is given. */

import { readFileSync } from 'node:fs';
import { DnsServer } from '../dns/dns-server.ts';

await DnsServer.start(readFileSync(process.argv[2]!, 'utf8').trim().split('\n'), 53);
console.log('ready');
