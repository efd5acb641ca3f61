import { expect } from 'chai';
import { compile } from '../../lib/milter/compiled.ts';
import { createFilter } from '../../lib/milter/filter.ts';
import type { Connection, FilterOptions, Problem } from '../../lib/milter/filter.ts';
import { frames, options, RawMta, u32 } from './wire.ts';

interface Scene {
  readonly mta: RawMta;
  readonly connection: Connection;
  readonly log: string[];
  readonly problems: Problem[];
}

/** Serves one raw MTA; what happens to the session is noted in `log`, by what the option says. */
function scene(given: Partial<FilterOptions<string[]>>): Scene {
  const mta = new RawMta();
  const log: string[] = [];
  const problems: Problem[] = [];
  const filter = createFilter<string[]>({
    open: () => {
      log.push('open');
      return log;
    },
    abort: () => log.push('abort'),
    close: () => log.push('close'),
    problem: (_, problem) => problems.push(problem),
    ...given,
  });
  return { mta, connection: filter.serve(mta.filterEnd), log, problems };
}

const OFFER = ['O', options(6, 0x1ff, 0x1fffff)] as const;
const OLD_OFFER = ['O', options(2, 0x3f, 0x7f)] as const;
const CONNECT = ['C', 'mx.example.org\x004\x9c\x40192.0.2.1\0'] as const;
const HELO = ['H', 'mx.example.org\0'] as const;
const MAIL = ['M', '<a@example.org>\0SIZE=9\0'] as const;
const RCPT = ['R', '<b@example.org>\0'] as const;
const DATA = ['T'] as const;
const END = ['E'] as const;
const CONTINUE = ['c'] as const;

/** The protocol flags that decline everything but RCPT, DATA and the end. */
const RCPT_ONLY = 0x177;

describe('A filter without deadlines of its own', () => {
  it('has those that its options are documented with', () => {
    expect(compile({ open: () => null }).deadlines).to.deep.equal({
      answerMs: 8000,
      endOfMessageMs: 300_000,
      progressMs: 10_000,
      idleMs: 7_230_000,
      frameMs: 60_000,
      writeMs: 60_000,
    });
  });
});

describe('A filter negotiates from its handlers', () => {
  const nothing = (): void => undefined;
  const yes = (): 'continue' => 'continue';
  const cases: readonly (readonly [
    title: string,
    Partial<FilterOptions<string[]>>,
    actions: number,
    protocol: number,
  ])[] = [
    ['none: nothing but DATA and the end', {}, 0, 0x17f],
    ['one that answers RCPT', { answer: { rcpt: yes } }, 0, 0x177],
    [
      'some that only watch',
      { watch: { connect: nothing, helo: nothing, mail: nothing }, answer: { rcpt: yes } },
      0,
      0x7170,
    ],
    [
      'all that watch',
      {
        watch: {
          connect: nothing,
          helo: nothing,
          mail: nothing,
          rcpt: nothing,
          data: nothing,
          header: nothing,
          endOfHeaders: nothing,
          body: nothing,
          unknown: nothing,
        },
      },
      0,
      0xef080,
    ],
    ['a body handler, which may want to skip', { answer: { body: yes } }, 0, 0x16f | 0x400],
    ['changes', { changes: ['insertHeader', 'deleteRecipient', 'quarantine'] }, 0x29, 0x17f],
    ['recipients with arguments', { changes: ['addRecipient'] }, 0x84, 0x17f],
    ['what the options ask for', { refusedRecipients: true, leadingSpace: true }, 0, 0x10097f],
  ];
  for (const [title, given, actions, protocol] of cases)
    it(title, async () => {
      const { mta } = scene(given);
      mta.say(OFFER);
      await mta.hear(['O', options(6, actions, protocol)]);
    });

  it('macros', async () => {
    const { mta } = scene({ macros: { connect: ['j'], rcpt: ['i', 'rcpt_addr'] } });
    mta.say(OFFER);
    await mta.hear(['O', `${options(6, 0x100, 0x17f)}${u32(0)}j\0${u32(3)}i {rcpt_addr}\0`]);
  });

  for (const [frameSize, offered, agreed, longest] of [
    ['64K', 0x30000000, 0, 65_535],
    ['256K', 0x30000000, 0x10000000, 262_143],
    ['1M', 0x30000000, 0x20000000, 1_048_575],
    ['1M', 0x10000000, 0x10000000, 262_143],
  ] as const)
    it(`frames of ${frameSize} of 0x${offered.toString(16)}, and then takes them of ${longest} bytes`, async () => {
      const { mta } = scene({ frameSize, answer: { body: () => 'accept' } });
      mta.say(['O', options(6, 0, offered | 0x1fffff)]);
      await mta.hear(['O', options(6, 0, agreed | 0x56f)]);
      mta.say(['B', 'x'.repeat(longest)], END);
      await mta.hear(['a'], CONTINUE);
    });

  it('and refuses an event that is both watched and answered', () => {
    expect(() => scene({ watch: { rcpt: nothing }, answer: { rcpt: yes } })).to.throw(TypeError, 'rcpt');
  });
});

describe('A filter sees', () => {
  it('every event, in words', async () => {
    const seen: unknown[] = [];
    const note = (_: unknown, event?: unknown): 'continue' => {
      seen.push(event);
      return 'continue';
    };
    const { mta } = scene({
      answer: {
        connect: note,
        helo: note,
        mail: note,
        rcpt: note,
        data: note,
        header: note,
        endOfHeaders: note,
        body: note,
        unknown: note,
        endOfMessage: note,
      },
    });
    mta.say(OFFER, ['C', 'h\x006\0\x19IPv6:2001:db8::1\0'], ['H', 'Gr\xc3\xbc\xc3\x9fe\0'], MAIL, [
      'R',
      '<\xe9>\0A=B\0',
    ]);
    mta.say(DATA, ['L', 'Subject\0a\r\n b\0'], ['N'], ['B', 'x\r\n'], ['U', 'XYZZY\0'], END);
    await mta.hear(['O', options(6, 0, 0x400)], ...Array.from({ length: 10 }, () => CONTINUE));
    expect(seen).to.deep.equal([
      { host: 'h', family: 'ipv6', address: '2001:db8::1', port: 25 },
      { name: 'Grüße' },
      { sender: '<a@example.org>', args: ['SIZE=9'] },
      { recipient: '<é>', args: ['A=B'] },
      undefined,
      { name: 'Subject', value: 'a\n b' },
      undefined,
      { chunk: Buffer.from('x\r\n') },
      { line: 'XYZZY' },
      undefined,
    ]);
  });

  it('macros at their stage', async () => {
    const seen: (string | null)[] = [];
    const { mta } = scene({
      watch: { mail: (session) => void seen.push(session.macro('j'), session.macro('{i}')) },
      answer: { endOfMessage: (session) => (seen.push(session.macro('i')), 'continue') },
      abort: (session) => seen.push(session.macro('i')),
    });
    mta.say(OFFER, ['D', 'Cj\0mx\0'], ['D', 'M'], MAIL, ['D', 'Ei\0Q1\0'], END, ['D', 'Mi\0Q2\0'], MAIL, [
      'A',
    ]);
    await mta.hear(['O', options(6, 0, 0x417b & ~0x400)], CONTINUE);
    mta.say(['Q']);
    await mta.closed();
    expect(seen).to.deep.equal(['mx', null, 'Q1', 'mx', 'Q2', 'Q2']);
  });
});

describe('A filter answers', () => {
  const answers: readonly (readonly [title: string, answer: unknown, code: string, payload?: string])[] = [
    ['continue', 'continue', 'c'],
    ['accept', 'accept', 'a'],
    ['reject', 'reject', 'r'],
    ['tempfail', 'tempfail', 't'],
    ['discard', 'discard', 'd'],
    ['shutdown', 'shutdown', '4'],
    ['connection failure', 'connection-failure', 'f'],
    ['a refusal', { code: 451, status: '4.7.1', text: '100%' }, 'y', '451 4.7.1 100%%\0'],
    [
      'a refusal of lines',
      { code: 550, status: '5.7.1', text: ['a', 'b'] },
      'y',
      '550-5.7.1 a\r\n550 5.7.1 b\0',
    ],
  ];
  for (const [title, answer, code, payload] of answers)
    it(`${title}, at once or later`, async () => {
      for (const given of [answer, Promise.resolve(answer)]) {
        const { mta, problems } = scene({ answer: { rcpt: () => given as 'continue' } });
        mta.say(OFFER, RCPT);
        await mta.hear(['O', options(6, 0, RCPT_ONLY)], [code, payload ?? '']);
        expect(problems).to.deep.equal([]);
      }
    });

  for (const wrong of [
    undefined,
    null,
    'skip',
    'progress',
    'toString',
    42,
    {},
    { code: 250, status: '2.0.0', text: '' },
  ])
    it(`as \`late\` says where a handler gave ${JSON.stringify(wrong)}`, async () => {
      const { mta, problems } = scene({
        answer: { rcpt: () => wrong as 'continue' },
        late: () => 'tempfail',
      });
      mta.say(OFFER, RCPT);
      await mta.hear(['O', options(6, 0, RCPT_ONLY)], ['t']);
      expect(problems).to.have.length(1).and.to.have.nested.property('[0].kind', 'handler-error');
    });

  it('what it watches, where the MTA waits for an answer all the same', async () => {
    const { mta, log } = scene({ watch: { connect: ({ context }) => void context.push('connect') } });
    mta.say(OLD_OFFER, CONNECT, HELO, MAIL, RCPT, ['L', 'a\0b\0'], ['N'], ['B', 'x'], END);
    await mta.hear(['O', options(2, 0, 0x7e)], ...Array.from({ length: 8 }, () => CONTINUE));
    expect(log).to.deep.equal(['open', 'connect']);
  });

  it('nothing at all to what it watches, where that was agreed on', async () => {
    const { mta } = scene({
      watch: { connect: () => undefined, helo: () => undefined, mail: () => undefined },
    });
    mta.say(OFFER, CONNECT, HELO, MAIL, DATA, END);
    await mta.hear(['O', options(6, 0, 0x7178)], CONTINUE, CONTINUE);
  });

  it('tempfail to a DATA of no message, which nobody sees', async () => {
    const yes = (): 'continue' => 'continue';
    const { mta, log } = scene({ answer: { mail: yes, data: yes } });
    mta.say(OFFER, DATA);
    await mta.hear(['O', options(6, 0, 0x17b)], ['t']);
    expect(log).to.deep.equal([]);
  });

  const FIELDS = ['Received', 'X-Wanted', 'Subject', 'x-wanted ', 'X-Other', 'X-WANTED', 'X-Wanted2'];
  for (const [title, offer, terms, answers] of [
    ['with no answer due', OFFER, ['O', options(6, 0, 0x1df)], 2],
    ['with an answer to each', OLD_OFFER, ['O', options(2, 0, 0x5f)], 8],
  ] as const)
    it(`only the header fields that it names, each in its turn, ${title}`, async () => {
      const { mta, log, problems } = scene({
        watch: { header: ({ context }, { name, value }) => void context.push(`${name}:${value}`) },
        headerNames: ['X-Wanted'],
      });
      const data = offer === OFFER ? [DATA] : [];
      for (let message = 0; message < 2; message++)
        mta.say(
          ...(message === 0 ? [offer] : []),
          ...data,
          ...FIELDS.map((name, i) => ['L', `${name}\0${i}\0`] as const),
          END,
        );
      const heard = Array.from({ length: 2 * answers }, () => CONTINUE);
      await mta.hear([...terms], ...heard);
      const wanted = ['X-Wanted:1', 'x-wanted :3', 'X-WANTED:5'];
      expect(log).to.deep.equal(['open', ...wanted, ...wanted]);
      expect(problems).to.deep.equal([]);
    });

  for (const broken of ['Subject', 'Subject\0a', 'Subject\0a\0b\0', ''])
    it(`with the end of the connection a field that is none, wanted or not: ${JSON.stringify(broken)}`, async () => {
      const { mta, problems } = scene({ watch: { header: () => undefined }, headerNames: ['X-Wanted'] });
      mta.say(OFFER, DATA, ['L', 'Received\0x\0'], ['L', broken]);
      await mta.hear(['O', options(6, 0, 0x1df)], CONTINUE);
      expect(problems.map(({ kind }) => kind)).to.deep.equal(['protocol-error']);
    });

  it('in one write what came in one chunk', async () => {
    const { mta } = scene({ answer: { rcpt: () => 'continue' } });
    mta.say(OFFER, RCPT, RCPT, DATA, END);
    await mta.hear(['O', options(6, 0, RCPT_ONLY)], CONTINUE, CONTINUE, CONTINUE, CONTINUE);
    expect(mta.writes.length).to.equal(1);
  });

  it('strictly in order, though a later handler would be quicker', async () => {
    const order: string[] = [];
    const waits: (() => void)[] = [];
    const { mta, connection } = scene({
      answer: {
        rcpt: (_, { recipient }) => {
          order.push(recipient);
          if (recipient !== '<1>') return 'reject';
          return new Promise((resolve) => waits.push(() => resolve('accept')));
        },
      },
    });
    mta.say(OFFER, ['R', '<1>\0'], ['R', '<2>\0']);
    await mta.hear(['O', options(6, 0, RCPT_ONLY)]);
    mta.say(['R', '<3>\0']);
    mta.say(['R', '<4>\0']);
    while (!mta.filterEnd.isPaused()) await new Promise(setImmediate);
    expect(order).to.deep.equal(['<1>']);
    expect(connection.waiting).to.equal(true);
    waits[0]!();
    await mta.hear(['a'], ['r'], ['r'], ['r']);
    expect(order).to.deep.equal(['<1>', '<2>', '<3>', '<4>']);
    expect(connection.waiting).to.equal(false);
  });

  it('the same, wherever the stream is cut', async () => {
    const stream = frames(
      OFFER,
      ['D', 'Cj\0mx\0'],
      CONNECT,
      HELO,
      MAIL,
      RCPT,
      DATA,
      ['L', 'a\0b\0'],
      ['N'],
      ['B', 'x'],
      END,
      ['A'],
      MAIL,
      ['A'],
      ['Q'],
    );
    const answering = {
      connect: () => 'continue' as const,
      mail: async () => 'continue' as const,
      rcpt: () => 'tempfail' as const,
      header: async () => 'continue' as const,
      endOfMessage: () => 'discard' as const,
    };
    for (let cut = 0; cut <= stream.length; cut++) {
      const { mta, log } = scene({ answer: answering });
      mta.stream.write(stream.subarray(0, cut));
      mta.stream.write(stream.subarray(cut));
      const heard = await mta.closed();
      const wanted = frames(
        ['O', options(6, 0, 0x152)],
        ['c'],
        ['c'],
        ['c'],
        ['t'],
        ['c'],
        ['c'],
        ['c'],
        ['c'],
        ['d'],
        ['c'],
      );
      expect(heard, `cut at ${cut}`).to.equal(wanted.toString('latin1'));
      expect(log).to.deep.equal(['open', 'abort', 'close']);
    }
  });
});

describe('At the end of a message a filter', () => {
  it('makes its changes and gives its verdict in one write', async () => {
    const { mta, problems } = scene({
      changes: [
        'addHeader',
        'insertHeader',
        'changeHeader',
        'addRecipient',
        'deleteRecipient',
        'replaceBody',
        'changeSender',
        'quarantine',
      ],
      answer: {
        endOfMessage: () => ({
          verdict: 'accept',
          changes: [
            { kind: 'addHeader', name: 'X-A', value: 'a\r\n b' },
            { kind: 'insertHeader', index: 0, name: 'X-B', value: 'é' },
            { kind: 'changeHeader', index: 2, name: 'X-C', value: 'c' },
            { kind: 'changeHeader', index: 1, name: 'X-C', value: null },
            { kind: 'addRecipient', recipient: '<r>' },
            { kind: 'addRecipient', recipient: '<r>', args: 'NOTIFY=NEVER' },
            { kind: 'deleteRecipient', recipient: '<d>' },
            { kind: 'replaceBody', body: 'new\r\n' },
            { kind: 'changeSender', sender: '<>' },
            { kind: 'changeSender', sender: '<s>', args: 'SIZE=1' },
            { kind: 'quarantine', reason: 'why' },
          ],
        }),
      },
    });
    mta.say(OFFER, END);
    await mta.hear(
      ['O', options(6, 0xff, 0x17f)],
      ['h', 'X-A\0a\n b\0'],
      ['i', '\0\0\0\0X-B\0\xc3\xa9\0'],
      ['m', '\0\0\0\x02X-C\0c\0'],
      ['m', '\0\0\0\x01X-C\0\0'],
      ['+', '<r>\0'],
      ['2', '<r>\0NOTIFY=NEVER\0'],
      ['-', '<d>\0'],
      ['b', 'new\r\n'],
      ['e', '<>\0'],
      ['e', '<s>\0SIZE=1\0'],
      ['q', 'why\0'],
      ['a'],
    );
    expect(problems).to.deep.equal([]);
    expect(mta.writes.length).to.equal(1);
  });

  it('replaces a long body in pieces, and an empty one', async () => {
    for (const [body, pieces] of [
      [Buffer.alloc(65_536, 'x'), ['x'.repeat(65_535), 'x']],
      ['', ['']],
    ] as const) {
      const { mta } = scene({
        changes: ['replaceBody'],
        answer: { endOfMessage: () => ({ verdict: 'continue', changes: [{ kind: 'replaceBody', body }] }) },
      });
      mta.say(OFFER, END);
      await mta.hear(
        ['O', options(6, 0x2, 0x17f)],
        ...pieces.map((piece) => ['b', piece] as const),
        CONTINUE,
      );
    }
  });

  it('leaves out what the MTA did not offer, and tells', async () => {
    const { mta, problems } = scene({
      changes: ['insertHeader', 'quarantine', 'addRecipient'],
      answer: {
        endOfMessage: () => ({
          verdict: 'continue',
          changes: [
            { kind: 'quarantine', reason: 'why' },
            { kind: 'addRecipient', recipient: '<r>', args: 'X' },
            { kind: 'insertHeader', index: 0, name: 'X-A', value: 'a' },
          ],
        }),
      },
    });
    mta.say(['O', options(2, 0x7, 0x7f)], END);
    await mta.hear(['O', options(2, 0x5, 0x7f)], ['i', '\0\0\0\0X-A\0a\0'], CONTINUE);
    expect(problems).to.deep.equal([
      { kind: 'change-not-offered', change: 'quarantine' },
      { kind: 'change-not-offered', change: 'addRecipient' },
    ]);
  });

  it('leaves out what it did not declare, and what would break the message, and tells', async () => {
    const { mta, problems } = scene({
      changes: ['insertHeader', 'changeHeader', 'deleteRecipient'],
      answer: {
        endOfMessage: () => ({
          verdict: 'continue',
          changes: [
            { kind: 'quarantine', reason: 'why' },
            { kind: 'insertHeader', index: -1, name: 'X-A', value: 'a' },
            { kind: 'changeHeader', index: 0, name: 'X-A', value: 'a' },
            { kind: 'insertHeader', index: 0, name: 'X:A', value: 'a' },
            { kind: 'insertHeader', index: 0, name: 'X-A', value: 'a'.repeat(70_000) },
            { kind: 'deleteRecipient', recipient: '<a>\r\n<b>' },
            { kind: 'insertHeader', index: 0, name: 'X-A', value: 'a' },
          ],
        }),
      },
    });
    mta.say(OFFER, END);
    await mta.hear(['O', options(6, 0x19, 0x17f)], ['i', '\0\0\0\0X-A\0a\0'], CONTINUE);
    expect(problems.map(({ kind }) => kind)).to.deep.equal(Array.from({ length: 6 }, () => 'handler-error'));
  });

  it('makes no changes to what it refuses', async () => {
    const { mta } = scene({
      changes: ['quarantine'],
      answer: {
        endOfMessage: () => ({ verdict: 'reject', changes: [{ kind: 'quarantine', reason: 'why' }] }),
      },
    });
    mta.say(OFFER, END);
    await mta.hear(['O', options(6, 0x20, 0x17f)], ['r']);
  });

  it('keeps the MTA patient while it is still at it, but not for ever', async () => {
    const { mta, problems } = scene({
      progressMs: 20,
      endOfMessageWithinMs: 200,
      answer: { endOfMessage: () => new Promise(() => undefined) },
    });
    mta.say(OFFER, END);
    await mta.hear(['O', options(6, 0, 0x17f)], ['p'], ['p']);
    mta.say(['Q']);
    expect((await mta.closed()).replaceAll('\0\0\0\x01p', '')).to.equal('\0\0\0\x01c');
    expect(problems).to.deep.equal([{ kind: 'late', stage: 'endOfMessage' }]);
  });

  it('sees a last piece of the body before it', async () => {
    const seen: string[] = [];
    const body = async (_: unknown, { chunk }: { readonly chunk: Buffer }): Promise<'continue'> => {
      seen.push(chunk.toString());
      return 'continue';
    };
    const { mta } = scene({ answer: { body, endOfMessage: () => (seen.push('end'), 'accept') } });
    mta.say(OFFER, ['B', 'a'], ['E', 'b']);
    await mta.hear(['O', options(6, 0, 0x56f)], CONTINUE, ['a']);
    expect(seen).to.deep.equal(['a', 'b', 'end']);
  });

  it('is not asked if that last piece was refused', async () => {
    const { mta } = scene({ answer: { body: () => 'reject', endOfMessage: () => 'accept' } });
    mta.say(OFFER, ['E', 'b'], END);
    await mta.hear(['O', options(6, 0, 0x56f)], ['r'], ['a']);
  });
});

describe('A body that is skipped', () => {
  it('is skipped by the MTA if it can', async () => {
    const { mta } = scene({ answer: { body: () => 'skip' } });
    mta.say(OFFER, ['B', 'a'], END);
    await mta.hear(['O', options(6, 0, 0x56f)], ['s'], CONTINUE);
  });

  it('is skipped by the library if not, up to the end of that message', async () => {
    const seen: string[] = [];
    const { mta } = scene({ answer: { body: (_, { chunk }) => (seen.push(chunk.toString()), 'skip') } });
    mta.say(OLD_OFFER, ['B', 'a'], ['B', 'b'], ['E', 'c'], ['B', 'd'], END);
    await mta.hear(['O', options(2, 0, 0x6f)], CONTINUE, CONTINUE, CONTINUE, CONTINUE, CONTINUE);
    expect(seen).to.deep.equal(['a', 'd']);
  });
});

describe('A handler that fails', () => {
  for (const [title, rcpt] of [
    [
      'throws',
      () => {
        throw new Error('bug');
      },
    ],
    [
      'rejects',
      async () => {
        throw new Error('bug');
      },
    ],
  ] as const)
    it(`because it ${title} is told, and answered for`, async () => {
      const { mta, problems } = scene({
        answer: { rcpt },
        late: (_, stage) => ({ code: 451, status: '4.3.0', text: stage }),
      });
      mta.say(OFFER, RCPT, DATA);
      await mta.hear(['O', options(6, 0, RCPT_ONLY)], ['y', '451 4.3.0 rcpt\0'], CONTINUE);
      expect(problems).to.have.length(1);
      expect(problems[0])
        .to.deep.include({ kind: 'handler-error', stage: 'rcpt' })
        .and.to.have.nested.property('error.message', 'bug');
    });

  it('because it never answers is told, and answered for', async () => {
    const { mta, problems } = scene({
      answerWithinMs: 40,
      answer: { rcpt: () => new Promise(() => undefined) },
    });
    mta.say(OFFER, RCPT, DATA);
    await mta.hear(['O', options(6, 0, RCPT_ONLY)], CONTINUE, CONTINUE);
    expect(problems).to.deep.equal([{ kind: 'late', stage: 'rcpt' }]);
  });

  it('is answered for with continue if `late` fails too, at the end of a message as well', async () => {
    const { mta, problems } = scene({
      answer: {
        rcpt: () => 'nonsense' as 'continue',
        endOfMessage: () => ({ verdict: 'skip' as 'accept', changes: [] }),
      },
      late: () => {
        throw new Error('bug');
      },
    });
    mta.say(OFFER, RCPT, END);
    await mta.hear(['O', options(6, 0, RCPT_ONLY)], CONTINUE, CONTINUE);
    expect(problems.map((problem) => problem.kind === 'handler-error' && problem.stage)).to.deep.equal([
      'rcpt',
      'late',
      'endOfMessage',
      'late',
    ]);
  });

  it('has no say any more when its answer comes', async () => {
    const waits: ((answer: 'reject') => void)[] = [];
    const { mta } = scene({
      answerWithinMs: 40,
      answer: { rcpt: () => new Promise((resolve) => waits.push(resolve)) },
    });
    mta.say(OFFER, RCPT);
    await mta.hear(['O', options(6, 0, RCPT_ONLY)], CONTINUE);
    mta.say(RCPT);
    while (waits.length < 2) await new Promise(setImmediate);
    waits[0]!('reject');
    await mta.hear(CONTINUE);
    mta.say(['Q']);
    expect(await mta.closed()).to.equal('');
  });

  it('does no harm where it only watches, or is told of an end', async () => {
    const bug = (): never => {
      throw new Error('bug');
    };
    const { mta, problems } = scene({
      watch: { helo: bug, mail: async () => bug() },
      abort: bug,
      close: bug,
      answer: { data: () => 'accept' },
    });
    mta.say(OFFER, HELO, MAIL, DATA, ['A'], ['Q']);
    await mta.hear(['O', options(6, 0, 0x6179)], ['a']);
    await mta.closed();
    expect(
      problems
        .map((problem) => problem.kind === 'handler-error' && problem.stage)
        .sort((a, b) => String(a).localeCompare(String(b))),
    ).to.deep.equal(['abort', 'close', 'helo', 'mail']);
  });

  it('because there is no context for it closes the connection', async () => {
    const { mta, problems, log } = scene({
      open: () => {
        throw new Error('bug');
      },
    });
    mta.say(OFFER, END);
    await mta.closed();
    expect(problems).to.have.length(1).and.to.have.nested.property('[0].stage', 'open');
    expect(log).to.deep.equal([]);
  });
});
