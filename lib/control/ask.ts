/** Owns the asking of the running service, from another process. */

import { connect } from 'node:net';
import { errorCode } from '../server/fault.ts';
import { isFields, isText, parsed } from './field.ts';
import { LONGEST_REPLY, LONGEST_REQUEST, QUESTIONS, type AnswerTo, type Question } from './questions.ts';

/**
 * `absent`: no service runs there. `closed`: we may not ask. `failed`: it did not answer as it should. `why` is a
 * clause for people.
 */
export type Asked<T> =
  | { readonly kind: 'answered'; readonly answer: T }
  | { readonly kind: 'absent' | 'closed' | 'failed'; readonly why: string };

/** What `absent` may mean; the last is a fault that the service itself tells of, in its log alone. */
export const IF_ABSENT =
  'mail is not guarded, or the service has its state in another directory, or it runs without a control socket (its log then says "no control socket")';

/** Always fulfils, `timeoutMs` after the call at the latest. `path`: the control socket; `about`: what the question is about. */
export async function ask<Q extends Question>(
  path: string,
  question: Q,
  timeoutMs: number,
  about: Readonly<Record<string, unknown>> = {},
): Promise<Asked<AnswerTo<Q>>> {
  const request = JSON.stringify({ ...about, ask: question });
  if (Buffer.byteLength(request) > LONGEST_REQUEST)
    return failed('that is more than it can be asked at once');
  const line = await exchange(path, request, timeoutMs);
  if (typeof line !== 'string') return line;
  const reply = parsed(line);
  if (!isFields(reply)) return failed('what it sent is no answer');
  const { ok, why, answer } = reply;
  if (ok !== true) return failed(isText(why) ? `it says: ${why}` : 'what it sent is no answer');
  const read: AnswerTo<Question> | null = QUESTIONS[question](answer);
  if (read === null) return failed('it answers as another version of Postern would; restart it');
  // oxlint-disable-next-line no-unsafe-type-assertion -- `QUESTIONS[question]` gave it, which TypeScript does not follow
  return { kind: 'answered', answer: read as AnswerTo<Q> };
}

interface Failed {
  readonly kind: 'absent' | 'closed' | 'failed';
  readonly why: string;
}

function failed(why: string): Failed {
  return { kind: 'failed', why };
}

/** The line that comes back. */
function exchange(path: string, line: string, timeoutMs: number): Promise<string | Failed> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const chunks: Buffer[] = [];
    let bytes = 0;
    const end = (outcome: string | Failed): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(outcome);
    };
    const timer = setTimeout(() => end(failed(`it did not answer within ${timeoutMs} ms`)), timeoutMs);
    socket.on('connect', () => socket.write(`${line}\n`));
    socket.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > LONGEST_REPLY) end(failed('its answer is too long'));
      else chunks.push(chunk);
    });
    socket.on('end', () => {
      const text = Buffer.concat(chunks).toString();
      end(text.endsWith('\n') ? text : failed('it closed the connection without an answer'));
    });
    socket.on('error', (error) => end(unreachable(path, error)));
  });
}

function unreachable(path: string, error: Error): Failed {
  switch (errorCode(error)) {
    case 'ENOENT':
    case 'ENOTDIR':
    case 'ECONNREFUSED':
    case 'ENOTSOCK':
      return { kind: 'absent', why: `no service of Postern answers at ${path}` };
    case 'EACCES':
    case 'EPERM':
      return {
        kind: 'closed',
        why: `no permission to ask the service at ${path}: run this as root, or as the user of the service`,
      };
    default:
      return failed(`the service at ${path} can't be asked (${errorCode(error) || error.message})`);
  }
}
