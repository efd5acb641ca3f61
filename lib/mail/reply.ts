/** Owns Reply: an SMTP code, its enhanced status code and its text, which can't disagree about their class. */

/** 4: try again later; 5: never (RFC 5321 §4.2.1). */
export type ReplyClass = 4 | 5;

/** An SMTP refusal. `text` is a single line of printable ASCII without code or status. */
export interface Reply<C extends ReplyClass = ReplyClass> {
  /** 400–499 for class 4, 500–599 for class 5. */
  readonly code: number;
  /** RFC 3463, e.g. `4.7.1`. */
  readonly status: `${C}.${number}.${number}`;
  readonly text: string;
}

/** A reply of class 4; throws RangeError if the code is of another class: that is a bug in the caller. */
export function tempfail(code: number, status: Reply<4>['status'], text: string): Reply<4> {
  return checked(4, { code, status, text });
}

/** A reply of class 5; throws RangeError if the code is of another class. */
export function reject(code: number, status: Reply<5>['status'], text: string): Reply<5> {
  return checked(5, { code, status, text });
}

function checked<C extends ReplyClass>(wanted: C, reply: Reply<C>): Reply<C> {
  if (Math.trunc(reply.code / 100) !== wanted)
    throw new RangeError(`${reply.code} is not a ${wanted}xx code`);
  return { ...reply, text: printable(reply.text) };
}

/** What may stand in a reply: printable ASCII; a tab becomes a blank, anything else `?`. `a\r\nb` → `a??b`. */
export function printable(text: string): string {
  return text.replaceAll('\t', ' ').replace(/[^\x20-\x7e]/g, '?');
}

/** `451 4.7.1 Greylisted`, as a log or `explain` shows it. */
export function formatReply(reply: Reply): string {
  return `${reply.code} ${reply.status} ${reply.text}`;
}
