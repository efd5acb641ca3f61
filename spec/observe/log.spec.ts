import { expect } from 'chai';
import { tempfail } from '../../lib/mail/reply.ts';
import type { Event, RecipientEvent } from '../../lib/observe/event.ts';
import { createLog } from '../../lib/observe/log.ts';
import type { LogSettings } from '../../lib/observe/log.ts';
import { client } from '../checks/session.ts';

const CLIENT = client({ daemon: null });

const DEFERRED: RecipientEvent = {
  kind: 'recipient',
  session: 'k3f9-0',
  queueId: null,
  stage: 'rcpt',
  client: CLIENT,
  helo: 'mx.example.net',
  sender: 'alice@example.net',
  recipient: 'bob@example.org',
  decision: {
    verdict: { action: 'tempfail', reply: tempfail(451, '4.7.1', 'Greylisted') },
    rule: 'greylist',
    reason: 'new',
    waitSeconds: 60,
  },
  waitSeconds: 60,
  observed: false,
  ms: 1.23456,
};

function written(event: Event, settings: Partial<LogSettings> = {}): string {
  let text = '';
  const output = { write: (line: string) => void (text += line) };
  createLog({ level: 'info', format: 'text', timestamps: false, ...settings }, output)(event);
  return text;
}

describe('The text log', () => {
  it('has one line for a recipient, with all that an admin asks for', () => {
    expect(written(DEFERRED)).to.equal(
      'info recipient verdict=tempfail rule=greylist reason=new wait=60 client=mx.example.net[192.0.2.10] ' +
        'helo=<mx.example.net> from=<alice@example.net> to=<bob@example.org> queue=NOQUEUE session=k3f9-0 ms=1.2 ' +
        'reply="451 4.7.1"\n',
    );
  });

  it('says accept for a recipient that is let in, whichever rule said so', () => {
    const decision = {
      verdict: { action: 'continue' },
      rule: 'greylist',
      reason: 'passed after 63 s',
    } as const;
    const line = written({ ...DEFERRED, decision, waitSeconds: null, queueId: '4Xyz' });
    expect(line)
      .to.contain('verdict=accept rule=greylist reason="passed after 63 s" client=')
      .and.contain('queue=4Xyz');
  });

  it('says of a recipient who is decided about at DATA that he is postponed', () => {
    const decision = {
      verdict: { action: 'permit' },
      rule: 'null_sender',
      reason: 'greylisting waits for DATA',
      postponed: true,
    } as const;
    expect(written({ ...DEFERRED, decision })).to.contain('verdict=postponed rule=null_sender');
  });

  it('has what rules note beside the verdict', () => {
    const notes = [{ rule: 'warn_if_reject reject', text: 'would refuse with 554 5.7.1 no' }];
    expect(written({ ...DEFERRED, decision: { ...DEFERRED.decision, notes } })).to.contain(
      'reason=new note="warn_if_reject reject: would refuse with 554 5.7.1 no" wait=60',
    );
  });

  it('has the connections of the MTA at the level debug, and not above', () => {
    const event = { kind: 'connection-opened', open: 3 } as const;
    expect(written(event)).to.equal('');
    expect(written(event, { level: 'debug' })).to.equal('debug the MTA opened a connection, 3 now\n');
  });

  it('says when it is only observing', () => {
    expect(written({ ...DEFERRED, observed: true })).to.contain('verdict=tempfail observe=true');
  });

  it('is one line whatever a client calls itself, and no escape sequence reaches the terminal', () => {
    const line = written({ ...DEFERRED, helo: 'a\r\nb\u001b[2J\u009b\u2028\u202ec', sender: 'x> to=<y' });
    expect(line.split('\n')).to.have.length(2);
    expect(line).to.match(/^[\x20-\x7e]*\n$/);
    expect(line).to.contain('helo=<a\\x0d\\x0ab\\x1b[2J\\x9b\\x2028\\x202ec>');
  });

  it('cuts what a client calls itself', () => {
    expect(written({ ...DEFERRED, helo: 'x'.repeat(100_000) })).to.contain(`helo=<${'x'.repeat(400)}...>`);
  });

  it('never throws', () => {
    const output = {
      write: () => {
        throw new Error('no more');
      },
    };
    createLog({ level: 'info', format: 'text', timestamps: false }, output)(DEFERRED);
  });

  it('says of a greylist that is gone what went with it, and where what is left of it can be read', () => {
    const file = '/var/lib/postern/p.db';
    const gone =
      /delayed once more, whom you had allowed \(postern greylist allow\), who had earned it and whom users/;
    const movedTo = `${file}.corrupt-20261121T120000Z`;
    expect(written({ kind: 'store-set-aside', file, movedTo, why: 'malformed' }))
      .to.match(gone)
      .and.contain(`: postern greylist list --store ${movedTo}\n`);
    expect(written({ kind: 'store-lost', file, replaced: false })).to.match(gone);
    expect(written({ kind: 'store-lost', file, replaced: true })).to.contain(
      'what stands in its place is used',
    );
  });

  it('says once what a list that is out has, and what becomes of what others refuse', () => {
    const change = {
      kind: 'list-changed',
      list: 'wl.example.org',
      about: 'address',
      from: 'alive',
      to: 'blind',
      tests: { listed: '127.0.0.2', unlisted: '127.0.0.1' },
    } as const;
    const told = (differs: Partial<Extract<Event, { kind: 'list-changed' }>>): string =>
      written({ ...change, why: 'because', instead: 'mend it', spares: false, ...differs });
    expect(told({})).to.equal(
      'error wl.example.org is blind: because: no mail is refused or spared by it; mend it\n',
    );
    expect(told({ spares: true })).to.equal(
      'error wl.example.org is blind: because: no mail is refused or spared by it; what other DNS lists refuse is a 450 meanwhile, for a day at most; mend it\n',
    );
    expect(told({ to: 'no-key', why: 'there is no file /k' })).to.match(
      /^error wl\.example\.org has no key: there is no file \/k: no mail/,
    );
    const back = { from: 'blind', to: 'alive', spares: true } as const;
    expect(told(back)).to.equal(
      'info wl.example.org is alive again, it lists 127.0.0.2, and not 127.0.0.1: it decides\n',
    );
  });

  it('says of a list that is tested for the first time what was seen, and whether it has answered at all', () => {
    const told = (listed: string | null, unlisted: string | null, about: 'address' | 'name'): string =>
      written({
        ...{ kind: 'list-changed', list: 'bl.example', about, from: 'untested', to: 'alive' },
        ...{ why: null, instead: null, tests: { listed, unlisted }, spares: false },
      });
    expect(told('127.0.0.2', '127.0.0.1', 'address')).to.equal(
      'info bl.example lists 127.0.0.2, and not 127.0.0.1: it decides\n',
    );
    expect(told('test', null, 'name')).to.equal(
      'info bl.example (names) lists test, and not what nobody may list: it decides\n',
    );
    expect(told(null, '127.0.0.1', 'address')).to.equal(
      'info bl.example does not list 127.0.0.1: it decides; it has no entry to be tested by: whether it answers at all shows when it first lists somebody\n',
    );
  });

  it('keeps an address from looking like two fields', () => {
    expect(written({ ...DEFERRED, sender: 'x> to=<y' })).to.contain(
      'from=<x\\x3e to=\\x3cy> to=<bob@example.org>',
    );
  });

  it('warns where the greylist could not be asked', () => {
    const decision = {
      verdict: { action: 'continue' },
      rule: 'greylist',
      reason: 'greylist not available: full',
    } as const;
    expect(written({ ...DEFERRED, decision })).to.match(/^warn recipient verdict=accept/);
  });

  it('tells a bug with its stack, in one line', () => {
    const line = written({ kind: 'bug', where: 'check x', error: new TypeError('oh') });
    expect(line).to.match(/^error bug in check x, mail goes on: TypeError: oh \| at .*\n$/);
  });

  it('leaves out what is below its level', () => {
    expect(written(DEFERRED, { level: 'warn' })).to.equal('');
  });
});

describe('The JSON log', () => {
  it('writes what is not seen or speaks to a terminal as escapes, and cuts what is too long', () => {
    const helo = `a\u009b\u202e\u2028\u{e0041}${'x'.repeat(1000)}`;
    const line = written({ ...DEFERRED, helo }, { format: 'json' });
    expect(line).to.match(/^[\x20-\x7e]*\n$/);
    const { helo: read } = JSON.parse(line) as { helo: string };
    expect(read).to.equal(`${helo.slice(0, 400)}...`);
  });

  it('has the same facts under fixed names', () => {
    expect(JSON.parse(written(DEFERRED, { format: 'json' }))).to.deep.equal({
      level: 'info',
      event: 'recipient',
      verdict: 'tempfail',
      rule: 'greylist',
      reason: 'new',
      wait: 60,
      client: 'mx.example.net[192.0.2.10]',
      helo: 'mx.example.net',
      from: 'alice@example.net',
      to: 'bob@example.org',
      queue: null,
      session: 'k3f9-0',
      ms: 1.2,
      reply: '451 4.7.1',
    });
  });

  it('carries the time if nobody else writes it', () => {
    const line: unknown = JSON.parse(written(DEFERRED, { format: 'json', timestamps: true }));
    expect(line)
      .to.have.property('time')
      .that.matches(/^\d{4}-\d\d-\d\dT/);
  });
});
