import { expect } from 'chai';
import { decodeCommand } from '../../lib/milter/command.ts';
import type { Command } from '../../lib/milter/command.ts';
import { encodeCommand, macrosFor } from '../../lib/milter/command-frames.ts';
import { ProtocolError } from '../../lib/milter/protocol-error.ts';
import { frame } from './wire.ts';

const NONE = Buffer.alloc(0);

const COMMANDS: readonly (readonly [title: string, code: string, payload: string, command: Command])[] = [
  [
    'an offer',
    'O',
    '\0\0\0\x06\0\0\x01\xff\x80\x1f\xff\xff',
    { kind: 'negotiate', version: 6, actions: 0x1ff, protocol: 0x801fffff },
  ],
  [
    'macros',
    'D',
    'Cj\0mx.example.org\0{daemon_name}\0smtpd\0',
    { kind: 'macros', code: 'C', table: 'j\0mx.example.org\0{daemon_name}\0smtpd\0' },
  ],
  ['macros that are none', 'D', 'H', { kind: 'macros', code: 'H', table: '' }],
  [
    'a macro with an empty value',
    'D',
    'M{auth_type}\0\0',
    { kind: 'macros', code: 'M', table: '{auth_type}\0\0' },
  ],
  [
    'an IPv4 client',
    'C',
    'mx.example.org\x004\x9c\x40192.0.2.1\0',
    { kind: 'connect', host: 'mx.example.org', family: 'ipv4', address: '192.0.2.1', port: 40000 },
  ],
  [
    "Sendmail's IPv6 client",
    'C',
    '[IPv6:2001:db8::1]\x006\x00\x19IPv6:2001:db8:0:0:0:0:0:1\0',
    {
      kind: 'connect',
      host: '[IPv6:2001:db8::1]',
      family: 'ipv6',
      address: 'IPv6:2001:db8:0:0:0:0:0:1',
      port: 25,
    },
  ],
  [
    'a local client',
    'C',
    'localhost\0L\0\0/run/x\0',
    { kind: 'connect', host: 'localhost', family: 'unix', address: '/run/x', port: 0 },
  ],
  [
    'a client of no known family',
    'C',
    'unknown\0U',
    { kind: 'connect', host: 'unknown', family: 'unknown', address: null, port: null },
  ],
  ['HELO', 'H', 'mx.example.org\0', { kind: 'helo', name: 'mx.example.org' }],
  ['HELO with any octets', 'H', '\xff\xfe \x01\0', { kind: 'helo', name: '\xff\xfe \x01' }],
  ['an empty HELO', 'H', '\0', { kind: 'helo', name: '' }],
  [
    'MAIL',
    'M',
    '<a@example.org>\0SIZE=1000\0BODY=8BITMIME\0',
    { kind: 'mail', sender: '<a@example.org>', args: ['SIZE=1000', 'BODY=8BITMIME'] },
  ],
  ['the null sender', 'M', '<>\0', { kind: 'mail', sender: '<>', args: [] }],
  [
    'RCPT',
    'R',
    '<b@example.org>\0NOTIFY=NEVER\0',
    { kind: 'rcpt', recipient: '<b@example.org>', args: ['NOTIFY=NEVER'] },
  ],
  ['DATA', 'T', '', { kind: 'data' }],
  ['a folded header', 'L', 'Subject\0a\r\n\tb\0', { kind: 'header', name: 'Subject', value: 'a\r\n\tb' }],
  ['an empty header', 'L', 'X-A\0\0', { kind: 'header', name: 'X-A', value: '' }],
  ['the end of the headers', 'N', '', { kind: 'endOfHeaders' }],
  ['a piece of the body', 'B', 'a\0b\r\n', { kind: 'body', chunk: Buffer.from('a\0b\r\n') }],
  ['the end of the message', 'E', '', { kind: 'endOfMessage', chunk: NONE }],
  ['the end of the message with a last piece', 'E', 'z', { kind: 'endOfMessage', chunk: Buffer.from('z') }],
  ['ABORT', 'A', '', { kind: 'abort' }],
  ['QUIT', 'Q', '', { kind: 'quit' }],
  ['QUIT_NC', 'K', '', { kind: 'quitNewConnection' }],
  ['an SMTP line that the MTA does not know', 'U', 'XYZZY 1\0', { kind: 'unknown', line: 'XYZZY 1' }],
];

const MALFORMED: readonly (readonly [title: string, code: string, payload: string, message: RegExp])[] = [
  ['a command that does not exist', 'Z', '', /unknown command 0x5a/],
  ['a command of an unprintable code', '\0', '', /unknown command 0x00/],
  ['an offer cut short', 'O', '\0\0\0\x06\0\0', /truncated negotiate/],
  ['an empty offer', 'O', '', /truncated negotiate/],
  ['an offer too long', 'O', '\0\0\0\x06\0\0\0\0\0\0\0\0\0', /negotiate with bytes too many/],
  ['macros of no command', 'D', '', /truncated macros/],
  ['macros cut short', 'D', 'Cj\0mx', /truncated macros/],
  ['a macro without a value', 'D', 'Cj\0', /macro without a value/],
  ['CONNECT without anything', 'C', '', /truncated connect/],
  ['CONNECT without a family', 'C', 'host\0', /truncated connect/],
  ['CONNECT without a host', 'C', '4', /truncated connect/],
  ['CONNECT without a port', 'C', 'host\x004\0', /truncated connect/],
  ['CONNECT without an address', 'C', 'host\x004\0\x19', /truncated connect/],
  ['CONNECT with an address cut short', 'C', 'host\x004\0\x19192.0.2.1', /truncated connect/],
  [
    'CONNECT with more than an address',
    'C',
    'host\x004\0\x19192.0.2.1\0x\0',
    /connect with strings too many/,
  ],
  ['CONNECT of a family that does not exist', 'C', 'host\x009\0\x19x\0', /unknown family/],
  ['CONNECT of no family with an address', 'C', 'host\0U\0\x19x\0', /connect with bytes too many/],
  ['HELO without a name', 'H', '', /truncated helo/],
  ['HELO without its NUL', 'H', 'mx', /truncated helo/],
  ['HELO with two names', 'H', 'a\0b\0', /helo with strings too many/],
  ['MAIL without a sender', 'M', '', /truncated mail/],
  ['MAIL with an argument cut short', 'M', '<>\0SIZE', /truncated mail/],
  ['RCPT without a recipient', 'R', '', /truncated rcpt/],
  ['a header without a value', 'L', 'Subject\0', /truncated header/],
  ['a header cut short', 'L', 'Subject\0a', /truncated header/],
  ['a header of three strings', 'L', 'Subject\0a\0b\0', /header with strings too many/],
  ['DATA with data', 'T', 'x', /data with bytes too many/],
  ['end of headers with data', 'N', 'x', /endOfHeaders with bytes too many/],
  ['ABORT with data', 'A', 'x', /abort with bytes too many/],
  ['QUIT with data', 'Q', 'x', /quit with bytes too many/],
  ['UNKNOWN without a line', 'U', '', /truncated unknown/],
];

describe('A command', () => {
  for (const [title, code, payload, command] of COMMANDS) {
    it(`is read: ${title}`, () => {
      expect(decodeCommand(Buffer.from(code + payload, 'latin1'))).to.deep.equal(command);
    });
    it(`is written: ${title}`, () => {
      expect(encodeCommand(command).toString('latin1')).to.equal(frame(code, payload).toString('latin1'));
    });
  }

  for (const [title, code, payload, message] of MALFORMED)
    it(`is refused: ${title}`, () => {
      expect(() => decodeCommand(Buffer.from(code + payload, 'latin1'))).to.throw(ProtocolError, message);
    });

  it('names macros for its code', () => {
    expect(macrosFor('M', { i: 'Q1', '{auth_authen}': 'bob' })).to.deep.equal({
      kind: 'macros',
      code: 'M',
      table: 'i\0Q1\0{auth_authen}\0bob\0',
    });
  });

  it("can't be written with a NUL inside a string", () => {
    expect(() => encodeCommand({ kind: 'helo', name: 'a\0b' })).to.throw(RangeError);
    expect(() => macrosFor('M', { i: 'a\0b' })).to.throw(RangeError);
  });
});
