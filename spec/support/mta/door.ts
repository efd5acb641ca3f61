/**
 * Owns the door into a private network: a program that runs inside it and makes every connection to its unix socket
 * into a TCP connection there. The first line says which: `{"from":"192.0.2.10","to":"203.0.113.25","port":25}`.
 * When its standard input ends, because the specs are done or were killed, it ends all that is left in the network.
 */

import { readdirSync, readlinkSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { Socket } from 'node:net';

export interface Route {
  /** The client's own address; it must be one of the network's. */
  readonly from: string;
  readonly to: string;
  readonly port: number;
}

function route(inner: Socket): void {
  let asked = '';
  inner.on('error', () => inner.destroy());
  inner.on('data', function read(chunk: Buffer) {
    asked += chunk.toString('latin1');
    if (!asked.endsWith('\n')) return;
    inner.off('data', read);
    const { from, to, port }: Route = JSON.parse(asked);
    const outer = connect({ host: to, port, localAddress: from, noDelay: true });
    outer.on('error', () => inner.destroy());
    inner.on('close', () => outer.destroy());
    outer.on('close', () => inner.destroySoon());
    inner.pipe(outer).pipe(inner);
  });
}

/** A parent death signal would not do: it is lost when a server changes its user, as Postfix's master does. */
function endNeighbours(): void {
  const ours = readlinkSync('/proc/self/ns/net');
  const others = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  for (const pid of others) {
    try {
      if (readlinkSync(`/proc/${pid}/ns/net`) === ours) process.kill(Number(pid), 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  }
}

const [socketPath] = process.argv.slice(2);
if (import.meta.main) {
  createServer(route).listen(socketPath, () => process.stdout.write('open\n'));
  process.stdin.resume().on('end', () => {
    endNeighbours();
    process.exit();
  });
}
