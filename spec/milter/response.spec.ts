import { expect } from 'chai';
import { ProtocolError } from '../../lib/milter/protocol-error.ts';
import { decodeResponse } from '../../lib/milter/response.ts';
import type { Response } from '../../lib/milter/response.ts';
import { encodeResponse } from '../../lib/milter/response-frames.ts';
import { frame } from './wire.ts';

const RESPONSES: readonly (readonly [title: string, code: string, payload: string, response: Response])[] = [
  [
    'the terms',
    'O',
    '\0\0\0\x06\0\0\0\x01\0\0\x71\x70',
    { kind: 'negotiate', version: 6, actions: 1, protocol: 0x7170, macros: [] },
  ],
  [
    'the terms with macro lists',
    'O',
    '\0\0\0\x06\0\0\x01\x01\0\0\0\0\0\0\0\0j {client_ptr}\0\0\0\0\x03\0',
    {
      kind: 'negotiate',
      version: 6,
      actions: 0x101,
      protocol: 0,
      macros: [
        { stage: 0, names: 'j {client_ptr}' },
        { stage: 3, names: '' },
      ],
    },
  ],
  ['continue', 'c', '', { kind: 'continue' }],
  ['accept', 'a', '', { kind: 'accept' }],
  ['reject', 'r', '', { kind: 'reject' }],
  ['tempfail', 't', '', { kind: 'tempfail' }],
  ['discard', 'd', '', { kind: 'discard' }],
  ['skip', 's', '', { kind: 'skip' }],
  ['shut down', '4', '', { kind: 'shutdown' }],
  ['connection failure', 'f', '', { kind: 'connection-failure' }],
  ['progress', 'p', '', { kind: 'progress' }],
  ['a reply', 'y', '451 4.7.1 Greylisted\0', { kind: 'reply', text: '451 4.7.1 Greylisted' }],
  [
    'a reply of two lines',
    'y',
    '550-5.7.1 No\r\n550 5.7.1 100%%\0',
    { kind: 'reply', text: '550-5.7.1 No\r\n550 5.7.1 100%%' },
  ],
  ['add a header', 'h', 'X-A\0b\n c\0', { kind: 'addHeader', name: 'X-A', value: 'b\n c' }],
  ['insert a header', 'i', '\0\0\0\0X-A\0b\0', { kind: 'insertHeader', index: 0, name: 'X-A', value: 'b' }],
  ['change a header', 'm', '\0\0\0\x02X-A\0b\0', { kind: 'changeHeader', index: 2, name: 'X-A', value: 'b' }],
  ['delete a header', 'm', '\0\0\0\x01X-A\0\0', { kind: 'changeHeader', index: 1, name: 'X-A', value: '' }],
  [
    'add a recipient',
    '+',
    '<b@example.org>\0',
    { kind: 'addRecipient', recipient: '<b@example.org>', args: null },
  ],
  [
    'add a recipient with arguments',
    '2',
    '<b@example.org>\0NOTIFY=NEVER\0',
    { kind: 'addRecipient', recipient: '<b@example.org>', args: 'NOTIFY=NEVER' },
  ],
  ['delete a recipient', '-', '<b@example.org>\0', { kind: 'deleteRecipient', recipient: '<b@example.org>' }],
  ['replace the body', 'b', 'new\r\n\0', { kind: 'replaceBody', chunk: Buffer.from('new\r\n\0') }],
  ['change the sender', 'e', '<>\0', { kind: 'changeSender', sender: '<>', args: null }],
  [
    'change the sender with arguments',
    'e',
    '<>\0SIZE=1\0',
    { kind: 'changeSender', sender: '<>', args: 'SIZE=1' },
  ],
  ['quarantine', 'q', 'why\0', { kind: 'quarantine', reason: 'why' }],
];

const MALFORMED: readonly (readonly [title: string, code: string, payload: string])[] = [
  ['a response that does not exist', 'Z', ''],
  ['continue with data', 'c', 'x'],
  ['a reply without its NUL', 'y', '451 x'],
  ['a reply of two strings', 'y', '451 x\0y\0'],
  ['terms cut short', 'O', '\0\0\0\x06'],
  ['a macro list cut short', 'O', '\0\0\0\x06\0\0\0\x01\0\0\x71\x70\0\0\0\0j'],
  ['a macro list without a list', 'O', '\0\0\0\x06\0\0\0\x01\0\0\x71\x70\0\0\0\0'],
  ['an inserted header without an index', 'i', '\0\0'],
  ['an inserted header without a value', 'i', '\0\0\0\0X-A\0'],
  ['a changed header of three strings', 'm', '\0\0\0\x01a\0b\0c\0'],
  ['no recipient', '+', ''],
  ['a recipient with two lots of arguments', '2', 'a\0b\0c\0'],
  ['no sender', 'e', ''],
];

describe('A response', () => {
  for (const [title, code, payload, response] of RESPONSES) {
    it(`is read: ${title}`, () => {
      expect(decodeResponse(Buffer.from(code + payload, 'latin1'))).to.deep.equal(response);
    });
    it(`is written: ${title}`, () => {
      expect(encodeResponse(response).toString('latin1')).to.equal(frame(code, payload).toString('latin1'));
    });
  }

  for (const [title, code, payload] of MALFORMED)
    it(`is refused: ${title}`, () => {
      expect(() => decodeResponse(Buffer.from(code + payload, 'latin1'))).to.throw(ProtocolError);
    });
});
