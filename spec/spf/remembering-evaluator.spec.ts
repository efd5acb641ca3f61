/** What of SPF is remembered, for whom, and for how long; and who waits for whose evaluation. */

import { expect } from 'chai';
import { NEVER, type Resolver } from '../../lib/dns/resolver.ts';
import { zoneResolver } from '../../lib/dns/zone-resolver.ts';
import { parseMailbox } from '../../lib/mail/mailbox.ts';
import { parseAddress } from '../../lib/mail/network.ts';
import { SPF_LIMITS, type SpfFound, type SpfQuestion } from '../../lib/spf/evaluator.ts';
import { MailauthEvaluator } from '../../lib/spf/mailauth-evaluator.ts';
import { RememberingEvaluator } from '../../lib/spf/remembering-evaluator.ts';
import { HandClock, turns } from '../support/hand-clock.ts';

describe('The evaluator of SPF that remembers', () => {
  let clock: HandClock;
  let zone: Resolver;
  /** The names of the questions for TXT. */
  let asked: string[];
  let evaluator: RememberingEvaluator;

  function serve(...lines: readonly string[]): void {
    zone = zoneResolver(lines);
  }

  beforeEach(() => {
    clock = new HandClock();
    asked = [];
    const resolver: Resolver = {
      a: (...about) => zone.a(...about),
      aaaa: (...about) => zone.aaaa(...about),
      mx: (...about) => zone.mx(...about),
      ptr: (...about) => zone.ptr(...about),
      txt(name, signal) {
        asked.push(name);
        return zone.txt(name, signal);
      },
    };
    evaluator = remembering(resolver);
  });

  function remembering(resolver: Resolver, deadlineMs = 60_000): RememberingEvaluator {
    const fresh = new MailauthEvaluator(resolver, { limits: { ...SPF_LIMITS, deadlineMs } });
    return new RememberingEvaluator(fresh, { now: () => clock.elapsed() });
  }

  interface About {
    readonly from?: string;
    readonly helo?: string;
    readonly ip?: string;
    readonly identity?: SpfQuestion['identity'];
    readonly receiver?: string;
  }

  function question({
    from = 'alice@example.net',
    helo = 'mx.example.net',
    ip = '192.0.2.10',
    identity = 'mailfrom',
    receiver = 'mx.example.org',
  }: About = {}): SpfQuestion {
    return { identity, ip: parseAddress(ip)!, helo, sender: parseMailbox(from), receiver };
  }

  async function ask(about?: About, signal = NEVER): Promise<SpfFound> {
    return evaluator.evaluate(question(about), signal);
  }

  function isRemembered(): boolean {
    return !(evaluator.evaluate(question(), NEVER) instanceof Promise);
  }

  /** Whether the second is told what was found for the first. */
  async function isShared(first: About, second: About): Promise<boolean> {
    await ask(first);
    const before = asked.length;
    await ask(second);
    return asked.length === before;
  }

  const PLAIN = 'example.net. TXT "v=spf1 ip4:192.0.2.10 -all"';

  describe('tells what was found', () => {
    const rows: readonly (readonly [whom: string, About, About, boolean])[] = [
      ['to the same', {}, {}, true],
      ['to another sender of the domain', {}, { from: 'bob@example.net' }, true],
      ['to another HELO of the client', {}, { helo: 'mx2.example.net' }, true],
      ['to the other identity', {}, { identity: 'helo', helo: 'example.net' }, true],
      ['to no other client', {}, { ip: '192.0.2.11' }, false],
      ['to no other domain', {}, { from: 'alice@example.com' }, false],
      ['in nobody else’s name', {}, { receiver: 'mx2.example.org' }, false],
    ];
    for (const [whom, first, second, shared] of rows)
      it(whom, async () => {
        serve(PLAIN, 'example.com. TXT "v=spf1 -all"');
        expect(await isShared(first, second)).to.equal(shared);
      });

    it('at once', async () => {
      serve(PLAIN);
      const first = evaluator.evaluate(question(), NEVER);
      expect(first).to.be.instanceOf(Promise);
      const found = await first;
      expect(evaluator.evaluate(question(), NEVER)).to.deep.equal(found).and.include({ result: 'pass' });
    });

    it('of nobody who has no domain', () => {
      const known = evaluator.evaluate(question({ identity: 'helo', helo: '[192.0.2.10]' }), NEVER);
      expect(known).to.include({ result: 'none', domain: null });
    });
  });

  describe('with macros', () => {
    const bob = { from: 'bob@example.net' };
    const helo = { helo: 'mx2.example.net' };
    const rows: readonly (readonly [record: string, About, boolean])[] = [
      ['exists:%{l}.example.net -all', bob, false],
      ['?exists:%{S}.example.net -all', bob, false],
      ['exists:%{l1r-}.example.net -all', {}, false],
      ['exists:%{o}.example.com -all', bob, true],
      ['exists:%{ir}.%{v}.%{d2}.example.com -all', bob, true],
      ['include:%{h} -all', bob, true],
      ['include:%{h} -all', helo, false],
      ['x-y=%{t}', {}, false],
      // Of another record, which does not pass either.
      ['include:%{o}.example -all', bob, false],
    ];
    for (const [record, second, shared] of rows)
      it(`${record} ${shared ? 'to' : 'not to'} ${JSON.stringify(second)}`, async () => {
        serve(
          `example.net. TXT "v=spf1 ${record}"`,
          'mx.example.net. TXT "v=spf1 ?all"',
          'mx2.example.net. TXT "v=spf1 ?all"',
          'example.net.example. TXT "v=spf1 exists:%{l}.example.net ?all"',
        );
        expect(await isShared({}, second)).to.equal(shared);
      });

    it('gives nobody the explanation that was meant for another', async () => {
      serve(
        'example.net. TXT "v=spf1 -all exp=why.example.net"',
        'why.example.net. TXT "%{s} by %{h}, not"',
        'example.com. TXT "v=spf1 -all exp=why.example.com"',
        'why.example.com. TXT "%{i} by %{h}, not"',
      );
      expect(await ask()).to.include({ explanation: 'alice@example.net by mx.example.net, not' });
      expect(await ask(bob)).to.include({ explanation: 'bob@example.net by mx.example.net, not' });
      for (const name of ['mx.example.net', 'mx2.example.net', 'mx.example.net'])
        expect(await ask({ from: 'alice@example.com', helo: name })).to.include({
          explanation: `192.0.2.10 by ${name}, not`,
        });
    });
  });

  describe('forgets', () => {
    const left = (seconds: number): Promise<boolean> => {
      clock.advance(seconds * 1000 - 1);
      return isShared({}, {});
    };

    for (const [what, seconds, lines] of [
      ['a record', 20, ['example.net. 20 TXT "v=spf1 -all"']],
      ['the shortest-lived', 7, ['example.net. 20 TXT "v=spf1 a -all"', 'example.net. 7 A 192.0.2.10']],
      [
        'an explanation',
        8,
        ['example.net. 20 TXT "v=spf1 -all exp=why.example.net"', 'why.example.net. 8 TXT "no"'],
      ],
      ['that there is none', 30, ['example.net. 90 MX 10 mx.example.net.']],
      ['anything', 300, ['example.net. 86400 TXT "v=spf1 -all"']],
    ] as const)
      it(`${what} after ${seconds} s`, async () => {
        serve(...lines);
        await ask();
        expect(await left(seconds)).to.equal(true);
        const before = asked.length;
        clock.advance(1);
        await ask();
        expect(asked.length).to.be.greaterThan(before);
      });

    it('what grew old while it was evaluated', async () => {
      serve('example.net. 20 TXT "v=spf1 mx -all"', 'example.net. MX 10 mx.example.net.');
      const quick = zone;
      zone = {
        ...quick,
        mx: (...about) => {
          clock.advance(5000);
          return quick.mx(...about);
        },
      };
      await ask();
      expect(await left(15)).to.equal(true);
      clock.advance(1);
      expect(await isShared({ from: 'alice@example.com' }, {})).to.equal(false);
    });

    it('at once what the DNS could not tell, even where that decided nothing', async () => {
      serve('example.net. TXT "v=spf1 a:broken.example.net -all"', 'broken.example.net. SERVFAIL');
      expect(await ask()).to.include({ result: 'temperror' });
      serve('example.net. TXT "v=spf1 ptr -all"', '10.2.0.192.in-addr.arpa. SERVFAIL');
      expect(await ask()).to.include({ result: 'fail' });
      serve(PLAIN);
      expect(await ask()).to.include({ result: 'pass' });
    });
  });

  describe('of two who ask the same at once', () => {
    /** A domain whose record comes when it is told to. */
    class Slow {
      readonly #resume: (() => void)[] = [];
      begun = 0;
      aborted = 0;
      readonly resolver: Resolver = {
        ...zoneResolver([]),
        txt: (_, signal) => {
          this.begun++;
          return new Promise((resolve) => {
            signal.addEventListener('abort', () => {
              this.aborted++;
              resolve({ status: 'temperror', why: 'aborted' });
            });
            this.#resume.push(() => resolve({ status: 'found', records: ['v=spf1 +all'], ttl: 60 }));
          });
        },
      };

      answer(): void {
        for (const resume of this.#resume.splice(0)) resume();
      }
    }
    let slow: Slow;
    beforeEach(() => {
      slow = new Slow();
      evaluator = remembering(slow.resolver);
    });

    it('one is evaluated', async () => {
      const both = [ask(), ask()];
      await turns(2);
      slow.answer();
      const [first, second] = await Promise.all(both);
      expect(first).to.deep.equal(second).and.include({ result: 'pass' });
      expect(slow.begun).to.equal(1);
    });

    it('both are, where a macro might tell them apart', async () => {
      const both = [ask(), ask({ from: 'bob@example.net' }), ask({ helo: 'mx2.example.net' })];
      await turns(2);
      slow.answer();
      await Promise.all(both);
      expect(slow.begun).to.equal(3);
    });

    for (const [who, n] of [
      ['first', 0],
      ['second', 1],
    ] as const)
      it(`the ${who} may go, and the other is answered`, async () => {
        const aborts = [new AbortController(), new AbortController()];
        const both = aborts.map(({ signal }) => ask({}, signal));
        await turns(2);
        aborts[n]!.abort();
        expect(await both[n]).to.include({ result: 'temperror', domain: 'example.net' });
        expect(slow.aborted).to.equal(0);
        slow.answer();
        expect(await both[1 - n]).to.include({ result: 'pass' });
      });

    it('both may go: that ends it, is not remembered, and who comes next begins anew', async () => {
      const aborts = [new AbortController(), new AbortController()];
      const both = aborts.map(({ signal }) => ask({}, signal));
      await turns(2);
      for (const abort of aborts) abort.abort();
      const third = ask();
      expect(slow.aborted).to.equal(1);
      for (const each of both) expect(await each).to.include({ result: 'temperror' });
      await turns(2);
      slow.answer();
      expect(await third).to.include({ result: 'pass' });
      expect(slow.begun).to.equal(2);
    });

    it('neither is remembered when their time is over', async () => {
      evaluator = remembering(slow.resolver, 20);
      for (const found of await Promise.all([ask(), ask()]))
        expect(found).to.include({ result: 'temperror' });
      expect(isRemembered()).to.equal(false);
    });

    it('who is gone before he asks asks nobody', async () => {
      const abort = new AbortController();
      abort.abort();
      expect(await ask({}, abort.signal)).to.include({ result: 'temperror' });
      expect(slow.begun).to.equal(0);
    });

    it('a bug is one for both, and not remembered', async () => {
      evaluator = remembering({ ...slow.resolver, txt: () => Promise.reject(new Error('a bug')) });
      for (const { status } of await Promise.allSettled([ask(), ask()])) expect(status).to.equal('rejected');
      expect(isRemembered()).to.equal(false);
    });
  });
});
