import { expect } from 'chai';
import { decodeCommand } from '../../lib/milter/command.ts';
import { agree, converse, START } from '../../lib/milter/conversation.ts';
import type { Conversation, Step } from '../../lib/milter/conversation.ts';
import { findMacro } from '../../lib/milter/macros.ts';
import { ProtocolError } from '../../lib/milter/protocol-error.ts';

/** The shortest payload that is good for each command. */
const PAYLOAD: Readonly<Record<string, string>> = {
  C: 'h\0U',
  H: 'h\0',
  M: '<>\0',
  R: '<b>\0',
  L: 'a\0b\0',
  U: 'x\0',
};

/** After the negotiation, with these protocol flags. */
function agreed(protocol = 0): Conversation {
  return agree(START, { version: 6, actions: 0, protocol });
}

/** `CHMRTE`, or with macros before a command: `C M{i=Q1}M`. */
function talk(script: string, protocol = 0): { readonly steps: readonly Step[]; readonly end: Conversation } {
  let conversation = agreed(protocol);
  const steps: Step[] = [];
  for (const [, code, macros, plain] of script.matchAll(/(\w)\{([^}]*)\}|(\w)/g)) {
    const frame = plain === undefined ? `D${code}${table(macros!)}` : plain + (PAYLOAD[plain] ?? '');
    const { next, step } = converse(conversation, decodeCommand(Buffer.from(frame, 'latin1')));
    conversation = next;
    steps.push(step);
  }
  return { steps, end: conversation };
}

/** `i=Q1,(auth)=bob` → `i NUL Q1 NUL {auth} NUL bob NUL`. */
function table(macros: string): string {
  return macros
    .split(',')
    .map((pair) => `${pair.replace('=', '\0').replace('(', '{').replace(')', '}')}\0`)
    .join('');
}

describe('A conversation goes on with', () => {
  const allowed: readonly (readonly [title: string, script: string, protocol?: number])[] = [
    ['a whole message', 'CHMRRTLLNBBE'],
    ['QUIT at any point', 'Q'],
    ['several messages', 'CHMRTLNBEMRTLNBE'],
    ['no HELO', 'CMRTE'],
    ['HELO again after STARTTLS', 'CHHMRTE'],
    ['ABORT outside a message, as Postfix sends it', 'CAHAMAAMRTEAA'],
    ['ABORT before CONNECT', 'A'],
    ['ABORT at every stage of a message', 'CMAMRAMRTAMRTLAMRTLNAMRTLNBA'],
    ['MAIL after a MAIL that was refused, as Sendmail sends it', 'CHMMRTE'],
    ['HELO in the middle of a message, before its ABORT, as Postfix sends it', 'CHMRHAMRTE'],
    ['no DATA, as before version 4', 'CHMRLNBE'],
    ['DATA once more, after one that was refused', 'CHMRTTLNBE'],
    ['RCPT after a DATA that was refused', 'CHMRTRRTLNBE'],
    ['DATA outside a message, as Postfix sends it after a refused BDAT LAST', 'CHTMRTAT'],
    ['no headers and no body', 'CHMRTE'],
    ['a body without headers', 'CHMRTNBE'],
    ['a message that lost all its recipients', 'CHME'],
    ['UNKNOWN at any point', 'UCUHUMURUTULUNUBUEU'],
    ['a new session on the same connection', 'CHMRTEKCHMRTEK'],
    ['a new session in the middle of a message', 'CHMRKCHMRTE'],
    ['no CONNECT where it was waived', 'HMRTE', 0x1],
    ['no MAIL where it was waived', 'CHRTERTE', 0x4],
    ['nothing but ends of messages where all else was waived', 'EEE', 0x1f | 0x60],
    ['macros of commands that never come', 'CX{a=b}HMRTE'],
  ];
  for (const [title, script, protocol] of allowed)
    it(title, () => expect(talk(script, protocol).steps.length).to.be.greaterThan(0));
});

describe('A conversation ends at', () => {
  const wrong: readonly (readonly [title: string, script: string, message: string])[] = [
    ['a second CONNECT', 'CC', 'second connect'],
    ['a CONNECT in a message', 'CMC', 'second connect'],
    ['HELO before CONNECT', 'H', 'helo before connect'],
    ['MAIL before CONNECT', 'M', 'mail before connect'],
    ['DATA before CONNECT', 'T', 'data before connect'],
    ['DATA after QUIT_NC without CONNECT', 'CHKT', 'data before connect'],
    ['MAIL after QUIT_NC without CONNECT', 'CHKM', 'mail before connect'],
    ['RCPT outside a message', 'CHR', 'rcpt outside a message'],
    ['RCPT after the end of its message', 'CHMRTER', 'rcpt outside a message'],
    ['RCPT after ABORT', 'CHMAR', 'rcpt outside a message'],
    ['a header outside a message', 'CHL', 'header outside a message'],
    ['a body outside a message', 'CHB', 'body outside a message'],
    ['an end of message outside a message', 'CHE', 'endOfMessage outside a message'],
    ['a second end of message', 'CHMRTEE', 'endOfMessage outside a message'],
    ['RCPT after the headers', 'CHMRTLR', 'rcpt out of order'],
    ['DATA after the headers', 'CHMRLT', 'data out of order'],
    ['a header after their end', 'CHMRTNL', 'header out of order'],
    ['a second end of headers', 'CHMRTNN', 'endOfHeaders out of order'],
    ['a header after the body', 'CHMRTBL', 'header out of order'],
    ['the end of the headers after the body', 'CHMRTBN', 'endOfHeaders out of order'],
  ];
  for (const [title, script, message] of wrong)
    it(title, () => {
      expect(() => talk(script.slice(0, -1))).not.to.throw();
      expect(() => talk(script)).to.throw(ProtocolError, message);
    });

  it('a second negotiation', () => {
    const offer = decodeCommand(Buffer.from('O\0\0\0\x06\0\0\0\0\0\0\0\0', 'latin1'));
    expect(() => converse(agreed(), offer)).to.throw(ProtocolError, 'second negotiation');
  });

  it('anything but QUIT before the negotiation', () => {
    for (const code of 'DCHMRTLNBEAKU')
      expect(() =>
        converse(START, decodeCommand(Buffer.from(code + (PAYLOAD[code] ?? (code === 'D' ? 'C' : ''))))),
      ).to.throw(ProtocolError, 'before the negotiation');
  });
});

describe('DATA outside a message', () => {
  it('is refused, and begins none', () => {
    const { steps, end } = talk('CHMRTAT');
    expect(steps.at(-1)).to.deep.equal({ kind: 'refused', replyDue: true });
    expect(end.message).to.equal(null);
    expect(talk('CHT', 0x10000).steps.at(-1)).to.deep.equal({ kind: 'refused', replyDue: false });
  });

  it('is one like any other where MAIL was waived', () => {
    expect(talk('CHTE', 0x4).steps.map(({ kind }) => kind)).to.deep.equal(Array(4).fill('event'));
  });
});

describe('A reply is due', () => {
  const codes = 'CHMRTLNB';
  const flags = [0x1000, 0x2000, 0x4000, 0x8000, 0x10000, 0x80, 0x40000, 0x80000];

  function due(script: string, protocol: number): boolean[] {
    return talk(script, protocol).steps.map((step) => step.kind === 'event' && step.replyDue);
  }

  it('to every event if nothing was waived, and never to macros, ABORT, QUIT_NC and QUIT', () => {
    expect(due('CHMRTLNBEU', 0)).to.deep.equal(Array.from({ length: 10 }, () => true));
    expect(due('C{a=b}CAKQ', 0)).to.deep.equal([false, true, false, false, false]);
  });

  for (const [i, flag] of flags.entries())
    it(`not to ${codes[i]} once 0x${flag.toString(16)} was agreed on`, () => {
      const expected = codes.split('').map((_, at) => at !== i);
      expect(due(codes, flag)).to.deep.equal(expected);
    });

  it('not to UNKNOWN once that was agreed on, and always to the end of the message', () => {
    expect(due('CUME', 0x20000)).to.deep.equal([true, false, true, true]);
    expect(due('CME', 0x1ff080)[2]).to.equal(true);
  });
});

describe('A message is dropped', () => {
  function drops(script: string): boolean {
    const step = talk(script).steps.at(-1)!;
    return 'aborts' in step && step.aborts;
  }

  it('by ABORT, QUIT, QUIT_NC, a new MAIL and a new HELO', () => {
    for (const code of 'AQKMH')
      for (const before of ['CM', 'CMR', 'CMRTLNB'])
        expect(drops(before + code), before + code).to.equal(true);
  });

  it('by nothing if there is none', () => {
    for (const code of 'AQKMH')
      for (const before of ['C', 'CMA', 'CMRTE']) expect(drops(before + code), before + code).to.equal(false);
  });
});

describe('A macro', () => {
  function value(script: string, name: string): string | null {
    return findMacro(talk(script, 0).end.macros, name);
  }

  const cases: readonly (readonly [title: string, script: string, name: string, value: string | null])[] = [
    ['is known at its command', 'C{j=mx}C', 'j', 'mx'],
    ['has its braces or not', 'C{j=mx}C', '{j}', 'mx'],
    ['has its braces or not, as sent', 'C{(daemon)=smtpd}C', 'daemon', 'smtpd'],
    ['is unknown if it was not given', 'C{j=mx}C', 'i', null],
    ['of CONNECT lasts for the connection', 'C{j=mx}CHMRTEMRTE', 'j', 'mx'],
    ['of HELO lasts for the connection', 'CH{tls=1}HMRTEM', 'tls', '1'],
    ['of a second HELO replaces the first', 'CH{a=1,b=1}HH{a=2}H', 'a', '2'],
    ['of a second HELO replaces the first one wholly', 'CH{a=1,b=1}HH{a=2}H', 'b', null],
    ['of MAIL lasts to the end of the message', 'CM{i=Q1}MRTLNBE', 'i', 'Q1'],
    ['of MAIL is gone with the next message', 'CM{i=Q1}MRTEM', 'i', null],
    ['of MAIL is gone with ABORT', 'CM{i=Q1}MRA', 'i', null],
    ['of MAIL is gone with a new MAIL', 'CM{i=Q1}MM', 'i', null],
    ['of MAIL is gone with a new HELO', 'CHM{i=Q1}MH', 'i', null],
    ['of a message is gone with the next line outside it', 'CM{i=Q1}MRTEU', 'i', null],
    ['of a new MAIL is not taken for the old one', 'CM{i=Q1}MRTEM{i=Q2}M', 'i', 'Q2'],
    ['of RCPT is for that recipient', 'CMR{rcpt=b}R', 'rcpt', 'b'],
    ['of RCPT is not for the next one', 'CMR{rcpt=b}RR', 'rcpt', null],
    ['of RCPT is not for DATA', 'CMR{rcpt=b}RT', 'rcpt', null],
    ['of RCPT is not for DATA with macros of its own', 'CMR{rcpt=b}RT{i=Q1}T', 'rcpt', null],
    ['of a later stage hides that of an earlier one', 'C{i=A}CM{i=B}MR{i=C}RE{i=D}E', 'i', 'D'],
    ['of DATA lasts to the end of the message', 'CMRT{i=Q1}TLNE', 'i', 'Q1'],
    ['of UNKNOWN is for that line', 'CU{x=1}UM', 'x', null],
    ['of UNKNOWN takes nothing away', 'CM{i=Q1}MU{x=1}UR', 'i', 'Q1'],
    ['does not outlive QUIT_NC', 'C{j=mx}CKC', 'j', null],
    ['is text', 'C{j=\xc3\xa9}C', 'j', 'é'],
    ['may be empty', 'C{j=}C', 'j', ''],
  ];
  for (const [title, script, name, wanted] of cases)
    it(title, () => expect(value(script, name)).to.equal(wanted));
});
