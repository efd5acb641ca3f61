/** Owns the control socket of the running service: who may ask, what is taken for a question, and that mail never waits for it. */

import { statSync } from 'node:fs';
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { join } from 'node:path';
import type { Sink } from '../observe/event.ts';
import { errorCode, StartError } from '../server/fault.ts';
import { placeSocket } from '../server/unix-socket.ts';
import { Conversation, DEADLINES, type Deadlines } from './conversation.ts';
import type { Answers } from './questions.ts';

export interface ControlSocket {
  /** False: its file is gone or is another's. */
  isThere(): boolean;
  /** Takes the file away and cuts whoever is asking. */
  close(): void;
}

export interface ControlOptions {
  readonly path: string;
  readonly answers: Answers;
  readonly sink: Sink;
  readonly deadlines?: Deadlines;
}

export function controlPath(stateDirectory: string): string {
  return join(stateDirectory, 'control.sock');
}

/** Only whoever runs Postern, and root, may ask. */
const ACCESS = { mode: 0o600, owner: null };

/** A person, a script, and one that hangs. */
const MOST_CONVERSATIONS = 4;

/** As of listeners: `sun_path` has room for 107 bytes, one of which is the `~` of a socket in the making. */
const LONGEST_PATH = 106;

/** Null: it can't be had; that is told as an event, for mail does not depend on it. Never throws. */
export async function openControl(options: ControlOptions): Promise<ControlSocket | null> {
  const { path, sink } = options;
  const conversations = new Set<Conversation>();
  try {
    const bytes = Buffer.byteLength(path);
    if (bytes > LONGEST_PATH)
      throw new StartError(`its path has ${bytes} bytes, and a socket's may have ${LONGEST_PATH}`);
    const placed = await placeSocket(path, ACCESS, (making) => bind(making, options, conversations));
    return {
      isThere: () => placed.isThere(),
      close() {
        placed.remove();
        placed.server.close();
        for (const conversation of conversations) conversation.cut();
      },
    };
  } catch (error) {
    sink({ kind: 'control-fault', path, why: reason(error, path) });
    return null;
  }
}

function bind(
  path: string,
  { answers, sink, path: called, deadlines = DEADLINES }: ControlOptions,
  conversations: Set<Conversation>,
): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer({ allowHalfOpen: true }, (socket: Socket) => {
      if (conversations.size >= MOST_CONVERSATIONS) {
        socket.destroy();
        return;
      }
      const conversation = new Conversation(socket, answers, sink, deadlines);
      conversations.add(conversation);
      socket.once('close', () => conversations.delete(conversation));
    });
    server.once('error', reject);
    server.listen(path, () => {
      server.off('error', reject);
      server.on('error', (error) => sink({ kind: 'control-fault', path: called, why: error.message }));
      resolve(server);
    });
  });
}

function reason(error: unknown, path: string): string {
  if (error instanceof StartError)
    return isSocket(path) ? `${error.message}; two services need a STATE_DIRECTORY each` : error.message;
  const code = errorCode(error);
  // libuv says EACCES too where bind(2) says ENOENT.
  if (code === 'EACCES' || code === 'EPERM' || code === 'ENOENT')
    return `its directory is not there, or not writable for uid ${process.getuid?.()}; set STATE_DIRECTORY to one that is`;
  return code === '' ? String(error) : code;
}

/** What has kept us from the place is a service, then, or looks like one. */
function isSocket(path: string): boolean {
  try {
    return statSync(path).isSocket();
  } catch {
    return false;
  }
}
