/** Owns how what a handler gave back becomes an answer, and the answer a frame. */

import type { Answer, BodyAnswer, Ending } from './filter.ts';
import type { StageName } from './macros.ts';
import { replyText } from './reply-text.ts';
import type { Refusal } from './reply-text.ts';
import { encodeResponse, isVerdict, verdictFrame } from './response-frames.ts';

/** Throws TypeError for what is no answer at this stage: handlers may be written in JavaScript. */
export function readAnswer(given: unknown, stage: StageName): BodyAnswer {
  if (typeof given === 'string' && isVerdict(given) && (given !== 'skip' || stage === 'body')) return given;
  if (isRefusal(given)) return given;
  throw new TypeError(`no such answer at ${stage}: ${typeof given === 'string' ? given : typeof given}`);
}

/** The same for the end of a message, where a bare answer stands for one without changes. */
export function readEnding(given: unknown): Ending {
  if (!isEnding(given)) return { verdict: readEnd(given), changes: [] };
  return { verdict: readEnd(given.verdict), changes: given.changes };
}

function readEnd(given: unknown): Answer {
  const answer = readAnswer(given, 'endOfMessage');
  return answer === 'skip' ? 'continue' : answer;
}

/** Throws RangeError for a refusal that is none. */
export function answerFrame(answer: BodyAnswer): Buffer {
  if (typeof answer === 'string') return verdictFrame(answer);
  return encodeResponse({ kind: 'reply', text: replyText(answer) });
}

function isRefusal(given: unknown): given is Refusal {
  return (
    typeof given === 'object' && given !== null && 'code' in given && 'status' in given && 'text' in given
  );
}

function isEnding(given: unknown): given is Ending {
  return (
    typeof given === 'object' &&
    given !== null &&
    'verdict' in given &&
    'changes' in given &&
    Array.isArray(given.changes)
  );
}
