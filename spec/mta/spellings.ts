/** Owns rows of addresses in spellings that Postfix takes for others: who is in a table must not get by it that way. */

import type { Row, Session } from './word-rows.ts';
import { ALICE, BOB, but, says } from './word-rows.ts';

const SENDERS = [
  '< x@evil.example >',
  '<x@ evil.example>',
  '<x@\tevil.example>',
  '<x@"evil.example">',
  '<x@evil."example">',
  '<x@evil\\.example>',
  '<x@evil.example(comment)>',
  '<evil.example!x>',
  '<"evil.example!x">',
  '<x%evil.example>',
  '<"x%evil.example">',
  '<"joe" @evil.example>',
  '<@relay.example.net:x@evil.example>',
  'x@evil.example',
  '<"x\t"@ evil.example>',
  '<[a(b]@ evil.example>',
  '<g[(]:x@ evil.example;>',
  '<[(] <x@ evil.example>>',
  '<<x@evil.example>>',
  '<g:x@evil.example;>',
  '<joe <x@evil.example>>',
  '<a[(] <x@evil.example> (:friend@good.example>',
  '<a[(]<x@evil.example>(@good.example>',
];
const NOBODY = ['<"">', '<,>', '<;>', '<g:;>', '<joe <>>', '<"",>', '<[(] <>>'];
const RECIPIENTS = [
  '< trap@example.org >',
  '<trap(x)@example.org>',
  '<(c)trap@example.org>',
  '<trap@(c)example.org>',
  '<trap@"example.org">',
  '<"trap"@"example.org">',
  '<"trap@example.org">',
  '<example.org!trap>',
  '<trap%example.org>',
  '<trap@example.org.>',
  '<<trap@example.org>>',
  '<trap@example.org;>',
  '<g[(]:trap@ example.org;>',
];

const CAME_TO = 'the reply names what such an address has come to; the decision is the same';

const from = (path: string): Session => says(`MAIL FROM:${path}`, BOB);
const to = (path: string): Session => says(ALICE, `RCPT TO:${path}`);

export const SENDER_SPELLINGS: readonly Row[] = [
  {
    lists: { sender: 'check_sender_access inline:{evil.example=REJECT, {<>=REJECT null}}' },
    does: 'refuses',
    holds: [
      ...SENDERS.map(from),
      ...NOBODY.map(from),
      but(
        from('<x\u000b@ evil.example>'),
        CAME_TO,
        '554 5.7.1 <x @evil.example>: Sender address rejected: Access denied',
        '554 5.7.1 <x?@evil.example>: Sender address rejected: Access denied',
      ),
    ],
    passes: [from('<x@good.example>'), from('<"x@evil.example"@good.example>')],
  },
];

export const RECIPIENT_SPELLINGS: readonly Row[] = [
  {
    lists: { recipient: 'check_recipient_access inline:{trap@example.org=REJECT}' },
    does: 'refuses',
    holds: [
      ...RECIPIENTS.map(to),
      ...['<@[(]:trap%example.org>', '<[(]<trap%example.org>>'].map((path) =>
        but(
          to(path),
          CAME_TO,
          '554 5.7.1 <trap%example.org>: Recipient address rejected: Access denied',
          '554 5.7.1 <trap@example.org>: Recipient address rejected: Access denied',
        ),
      ),
    ],
    passes: [to('<trap.@example.org>'), to('<nott\\rap@example.org>')],
  },
];

/** The same spellings of good addresses are no fault. */
export const FULL_SPELLINGS: Pick<Row, 'holds' | 'passes'> = {
  holds: [from('<x@ localhost>'), from('<evil.example!x>')],
  passes: [
    from('<x@ good.example>'),
    from('<x@"good.example">'),
    from('<x@good.example(comment)>'),
    from('<<x@good.example>>'),
    from('<g:x@good.example;>'),
  ],
};
