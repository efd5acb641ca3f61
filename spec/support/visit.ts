/** Owns a visit: one SMTP session as an MTA shows it to a filter, for specs that drive the running service. */

import type { Socket } from 'node:net';
import { MtaSession } from '../../lib/milter/index.ts';
import type { Offer } from '../../lib/milter/index.ts';

export interface Triplet {
  readonly client: string;
  readonly sender: string;
  readonly recipient: string;
}

/** Opens the session up to and with MAIL. */
export async function open(
  socket: Socket,
  { client, sender }: Omit<Triplet, 'recipient'>,
  offer?: Offer,
): Promise<MtaSession> {
  const mta = new MtaSession(socket);
  await mta.negotiate(offer);
  await mta.send(
    { kind: 'connect', host: `[${client}]`, family: 'ipv4', port: 4711, address: client },
    { j: 'mx.example.org' },
  );
  await mta.send({ kind: 'helo', name: 'mx.example.net' });
  await mta.send({ kind: 'mail', sender, args: [] });
  return mta;
}

/** `451 …`, or null if the recipient is let in. */
export async function rcpt(mta: MtaSession, recipient: string): Promise<string | null> {
  const answer = await mta.send({ kind: 'rcpt', recipient, args: [] });
  if (answer === null || answer.kind === 'continue') return null;
  return answer.kind === 'reply' ? answer.text : answer.kind;
}

/** What a triplet hears in a session of its own. */
export async function visit(socket: Socket, triplet: Triplet): Promise<string | null> {
  const mta = await open(socket, triplet);
  const heard = await rcpt(mta, triplet.recipient);
  mta.quit();
  return heard;
}
