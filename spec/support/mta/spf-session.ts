/** Owns SpfSession: what a client says that SPF goes by, played to a filter as Postfix would, and what the filter then says of it. */

import { once } from 'node:events';
import { connect } from 'node:net';
import { MtaSession, type Response } from '../../../lib/milter/index.ts';

export interface SpfSession {
  /** The client's address. */
  readonly client: string;
  readonly helo: string;
  /** Without brackets; empty: the null sender. */
  readonly sender: string;
}

export interface SpfHeard {
  /** To MAIL or RCPT: `550 5.7.23 …`, `tempfail`; null: let in. */
  readonly reply: string | null;
  /** Header fields that the message gets, unfolded, from above: `Received-SPF: pass …`. */
  readonly fields: readonly string[];
}

export const RECEIVER = 'mx.example.org';
export const RECIPIENT = 'bob@example.org';

/** One session with one message, to the filter that listens at `path`; the name of the client is what it says in its HELO. */
export async function hears(path: string, { client, helo, sender }: SpfSession): Promise<SpfHeard> {
  const socket = connect(path);
  await once(socket, 'connect');
  const mta = new MtaSession(socket);
  await mta.negotiate();
  const family = client.includes(':') ? 'ipv6' : 'ipv4';
  const host = wire(helo);
  await mta.send({ kind: 'connect', host, family, port: 4711, address: client }, { j: RECEIVER });
  await mta.send({ kind: 'helo', name: host });
  const reply =
    replyIn(await mta.send({ kind: 'mail', sender: `<${wire(sender)}>`, args: [] })) ??
    replyIn(await mta.send({ kind: 'rcpt', recipient: `<${RECIPIENT}>`, args: [] }));
  if (reply !== null) {
    mta.quit();
    return { reply, fields: [] };
  }
  await mta.send({ kind: 'data' });
  await mta.send({ kind: 'header', name: 'Subject', value: 'hello' });
  await mta.send({ kind: 'endOfHeaders' });
  const { answer, changes } = await mta.end();
  mta.quit();
  const fields = changes.flatMap((change) =>
    change.kind === 'insertHeader' && change.index === 0
      ? [`${change.name}: ${change.value.replace(/\r?\n\s+/g, ' ')}`]
      : [],
  );
  // Each goes above the ones before.
  return { reply: replyIn(answer), fields: fields.toReversed() };
}

/** The milter protocol takes bytes. */
function wire(text: string): string {
  return Buffer.from(text).toString('latin1');
}

function replyIn(response: Response | null): string | null {
  if (response === null || response.kind === 'continue' || response.kind === 'accept') return null;
  return response.kind === 'reply' ? response.text.replaceAll('%%', '%') : response.kind;
}

export type SpfSaid = Readonly<Partial<Record<'mailfrom' | 'helo', string>>>;

/** Whose result is which, in lower case, by what a message has got: Received-SPF, or else Authentication-Results. */
export function saidIn(fields: readonly string[]): SpfSaid {
  const said: Partial<Record<'mailfrom' | 'helo', string>> = {};
  for (const field of fields) {
    const [, name, result, rest] =
      /^(Received-SPF|Authentication-Results): (?:[^;()]*; spf=)?(\w+)(.*)$/s.exec(field) ?? [];
    if (rest === undefined) continue;
    // In comments there are words of strangers.
    const bare = rest.replace(/\((?:[^()\\]|\\.|\([^()]*\))*\)/gs, '');
    const identity = (name === 'Received-SPF' ? / identity=(\w+)/ : / smtp\.(\w+)=/).exec(bare)?.[1];
    if (identity === 'mailfrom' || identity === 'helo') said[identity] ??= result!.toLowerCase();
  }
  return said;
}
