import { mkdtempSync } from 'node:fs';
import { GeneratorProcess } from './generator-process.ts';
import { startPeers, makeKnown } from './peers.ts';
import { checkout } from './postern.ts';
import { measureSpeed } from './speed.ts';
import { compiled } from './c-programs.ts';
import { textTable } from './text-table.ts';
const folder = mkdtempSync('/tmp/pb-');
const gen = new GeneratorProcess();
const accept = compiled('accept', ['-lmilter', '-lpthread'], folder, console.log);
const peers = await startPeers(checkout(), accept, folder, console.log);
const play = (target: any, load: any) => gen.play({ target, load });
try {
await makeKnown(peers.list[0]!, play);
const rows = await measureSpeed({ peers: peers.list, concurrencies: [1, 16, 128], rounds: 1, seconds: 1, play });
console.log(textTable(['w', 'c', 'peer', '/s', 'p50', 'p99', 'cpu'], rows.map(r => [r.workload, r.concurrency, r.peer, r.median.sessionsPerSecond | 0, r.median.p50 | 0, r.median.p99 | 0, r.median.cpuUs | 0])));
} finally { await peers.stop(); gen.stop(); }
