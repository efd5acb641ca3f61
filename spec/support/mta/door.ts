/**
 * Owns the door into a private network: a program that runs inside it and makes every connection to its unix socket
 * into a TCP connection there. The first line says which: `{"from":"192.0.2.10","to":"203.0.113.25","port":25}`.
 * It lives as long as its standard input, so that nothing outlasts the specs.
 */

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

const [socketPath] = process.argv.slice(2);
if (import.meta.main) {
  createServer(route).listen(socketPath, () => process.stdout.write('open\n'));
  process.stdin.on('end', () => process.exit()).resume();
}
