/** Owns what the real MTAs of the specs have in common. */

import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import type { MailFolder } from './mail-folder.ts';
import { SERVER } from './private-network.ts';
import type { PrivateNetwork } from './private-network.ts';
import { SmtpDialogue } from './smtp.ts';
import { eventually } from './eventually.ts';

/** A further port of every server, where it asks Postern over TCP and not over its unix socket. */
export const OVER_TCP = 8;

export interface MailServer {
  /** All mail for example.org. */
  readonly mail: MailFolder;
  /** A session that has heard the banner. `from` is the client's address; `port` is 25 unless given. */
  connect(from: string, port?: number): Promise<SmtpDialogue>;
  stop(): Promise<void>;
}

export async function connectTo(network: PrivateNetwork, from: string, port = 25): Promise<SmtpDialogue> {
  const to = from.includes(':') ? SERVER.ipv6 : SERVER.ipv4;
  return SmtpDialogue.begin(network.dial({ from, to, port }));
}

/** Waits until a server greets on port 25; throws what it said if it ends instead. */
export async function greets(network: PrivateNetwork, server: ChildProcessWithoutNullStreams): Promise<void> {
  let said = '';
  server.stdout.on('data', (chunk: Buffer) => void (said += chunk.toString()));
  server.stderr.on('data', (chunk: Buffer) => void (said += chunk.toString()));
  await eventually('the banner of a mail server', async () => {
    if (server.exitCode !== null) {
      throw new Error(
        `the mail server ended with ${server.exitCode}: ${said}\n${network.log.lines.join('\n')}`,
      );
    }
    const socket = network.dial({ from: SERVER.ipv4, to: SERVER.ipv4, port: 25 });
    const answers = await new Promise<boolean>((resolve) => {
      socket.once('data', () => resolve(true));
      socket.once('close', () => resolve(false));
      socket.once('error', () => resolve(false));
    });
    socket.destroy();
    return answers;
  });
}
