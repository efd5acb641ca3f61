/**
 * Owns SystemLog: the /dev/log of a private network. syslog(3) expects a datagram socket there, but takes a stream
 * socket too (glibc's misc/syslog.c tries again on EPROTOTYPE), which Node can listen on.
 */

import { once } from 'node:events';
import { chmodSync } from 'node:fs';
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';

/**
 * What is written when a filter is thought to break the protocol, or is lost: Postfix's `warning: milter …`, Sendmail's
 * `Milter (postern): to error state` and `milter_read(postern): …`; and what means that the server itself is broken.
 */
const COMPLAINT =
  /warning: .*milter|Milter \(\w+\): (?!init success)|milter_\w+\(|bogus response|(fatal|panic): /;

export class SystemLog {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #lines: string[] = [];
  /** How many lines `complaints` has shown. */
  #judged = 0;

  private constructor(server: Server) {
    this.#server = server;
    server.on('connection', (socket) => this.#read(socket));
  }

  static async listen(path: string): Promise<SystemLog> {
    const server = createServer();
    const log = new SystemLog(server);
    server.listen(path);
    await once(server, 'listening');
    chmodSync(path, 0o666);
    return log;
  }

  /** Over a stream, syslog(3) ends each message with a NUL. */
  #read(socket: Socket): void {
    let rest = '';
    this.#sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('data', (chunk: Buffer) => {
      const messages = (rest + chunk.toString('latin1')).split('\0');
      rest = messages.pop() ?? '';
      this.#lines.push(...messages.map((message) => message.replace(/^<\d+>/, '').trimEnd()));
    });
  }

  /** Every line so far, e.g. `Nov 21 10:00:00 postfix/smtpd[7]: connect from …`. */
  get lines(): readonly string[] {
    return this.#lines;
  }

  /** The complaints about the filter since the last call. */
  complaints(): string[] {
    const unread = this.#lines.slice(this.#judged);
    this.#judged = this.#lines.length;
    return unread.filter((line) => COMPLAINT.test(line));
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }
}
