/** Owns a visit: one SMTP session as an MTA shows it to a filter, for specs that drive the running service. */

import { isIPv6, type Socket } from 'node:net';
import { MtaSession } from '../../lib/milter/index.ts';
import type { Modification, Offer } from '../../lib/milter/index.ts';

export interface Triplet {
  readonly client: string;
  readonly sender: string;
  readonly recipient: string;
}

export interface Visitor extends Omit<Triplet, 'recipient'> {
  /** Absent: mx.example.net. */
  readonly helo?: string;
}

/** Opens the session up to and with MAIL. */
export async function open(
  socket: Socket,
  { client, sender, helo = 'mx.example.net' }: Visitor,
  offer?: Offer,
): Promise<MtaSession> {
  const mta = new MtaSession(socket);
  await mta.negotiate(offer);
  const family = isIPv6(client) ? 'ipv6' : 'ipv4';
  await mta.send(
    { kind: 'connect', host: `[${client}]`, family, port: 4711, address: client },
    { j: 'mx.example.org' },
  );
  await mta.send({ kind: 'helo', name: helo });
  await mta.send({ kind: 'mail', sender, args: [] });
  return mta;
}

/** `451 …`, or null if the recipient is let in. */
export async function rcpt(mta: MtaSession, recipient: string): Promise<string | null> {
  const answer = await mta.send({ kind: 'rcpt', recipient, args: [] });
  if (answer === null || answer.kind === 'continue') return null;
  return answer.kind === 'reply' ? answer.text : answer.kind;
}

/** A short message from DATA to its end, which is let in; what is changed in it. */
export async function message(mta: MtaSession): Promise<readonly Modification[]> {
  await mta.send({ kind: 'data' });
  await mta.send({ kind: 'header', name: 'Subject', value: ' Hello' });
  await mta.send({ kind: 'endOfHeaders' });
  await mta.send({ kind: 'body', chunk: Buffer.from('Hello.\r\n') });
  const { answer, changes } = await mta.end({ i: '4XyzQ012' });
  if (answer.kind !== 'continue') throw new Error(`the message is not let in: ${JSON.stringify(answer)}`);
  return changes;
}

/** What a triplet hears in a session of its own. */
export async function visit(socket: Socket, triplet: Triplet): Promise<string | null> {
  const mta = await open(socket, triplet);
  const heard = await rcpt(mta, triplet.recipient);
  mta.quit();
  return heard;
}
