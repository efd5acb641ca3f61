/** Owns ports for servers that cannot choose one themselves: free on 127.0.0.1 for UDP and TCP a moment ago. */

import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';

/** Whoever uses it has to be ready to try another: somebody else may be faster. */
export async function freePort(): Promise<number> {
  for (;;) {
    const tcp = createServer().listen(0, '127.0.0.1');
    await once(tcp, 'listening');
    const { port } = tcp.address() as AddressInfo;
    const udp = createSocket('udp4');
    const bound = await new Promise<boolean>((resolve) => {
      udp.once('error', () => resolve(false));
      udp.bind(port, '127.0.0.1', () => resolve(true));
    });
    await Promise.all([ended(udp), ended(tcp)]);
    if (bound) return port;
  }
}

function ended(socket: { close(done: () => void): unknown }): Promise<void> {
  return new Promise((resolve) => socket.close(() => resolve()));
}
