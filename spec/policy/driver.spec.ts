import { expect } from 'chai';
import { parseAddress } from '../../lib/mail/network.ts';
import type { AtRcpt } from '../../lib/mail/session.ts';
import type { AnyCheck } from '../../lib/policy/check.ts';
import { decide } from '../../lib/policy/driver.ts';
import type { Driving } from '../../lib/policy/asking.ts';
import { found } from '../../lib/policy/finding.ts';
import type { Finding } from '../../lib/policy/finding.ts';
import { is } from '../../lib/policy/rule.ts';
import type { Rule } from '../../lib/policy/rule.ts';
import { Scope } from '../../lib/policy/scope.ts';
import { noticing, turns } from '../support/hand-clock.ts';
import { handTimers } from '../support/hand-timers.ts';

const SESSION: AtRcpt = {
  id: 's',
  client: {
    address: parseAddress('192.0.2.1'),
    ptr: null,
    name: null,
    resolve: null,
    daemon: null,
    submitted: false,
  },
  helo: 'mx.example.net',
  sender: null,
  tls: null,
  auth: null,
  size: null,
  recipients: 1,
  recipient: { local: 'bob', domain: 'example.org' },
};

/** Says which check was asked how often, and answers as told. */
class Checks {
  readonly asked: string[] = [];
  readonly bugs: string[] = [];
  readonly #checks = new Map<string, AnyCheck>();

  add(
    id: string,
    stage: AnyCheck['stage'],
    run: (signal: AbortSignal) => Finding | Promise<Finding>,
    kind: Pick<AnyCheck, 'momentary' | 'far' | 'leavesTrace'> = {},
  ): this {
    const check = {
      ...kind,
      id,
      stage,
      results: ['yes', 'no'],
      run: (_session: unknown, signal: AbortSignal) => {
        this.asked.push(id);
        return run(signal);
      },
    };
    this.#checks.set(id, check);
    return this;
  }

  driving(deadlineMs = 5000): Driving {
    return {
      checks: this.#checks,
      deadlineMs,
      bug: (check, error) => this.bugs.push(`${check}: ${String(error)}`),
    };
  }
}

const permitIf = (check: string): Rule => ({
  word: `if ${check}`,
  when: is(check, 'yes'),
  may: ['permit'],
  outcome: () => ({ effect: { action: 'permit' }, reason: check }),
});

const scopes = (): Scope => new Scope('rcpt', new Scope('mail', new Scope('helo', new Scope('connect'))));

describe('The driver', () => {
  const timers = handTimers();

  it('decides at once when no check has to wait', () => {
    const checks = new Checks().add('a', 'connect', () => found('yes'));
    const decision = decide([[permitIf('a')]], SESSION, scopes(), checks.driving());
    expect(decision).to.have.property('rule', 'if a');
  });

  it('does not ask what a decision does not need', async () => {
    const checks = new Checks()
      .add('a', 'connect', () => Promise.resolve(found('yes')))
      .add('b', 'rcpt', () => found('yes'));
    await decide([[permitIf('a'), permitIf('b')]], SESSION, scopes(), checks.driving());
    expect(checks.asked).to.deep.equal(['a']);
  });

  it('asks about the client once, and about each recipient anew', async () => {
    const checks = new Checks()
      .add('client', 'connect', () => Promise.resolve(found('no')))
      .add('recipient', 'rcpt', () => Promise.resolve(found('no')));
    const mail = new Scope('mail', new Scope('helo', new Scope('connect')));
    const rules = [permitIf('client'), permitIf('recipient')];
    await decide([rules], SESSION, new Scope('rcpt', mail), checks.driving());
    await decide([rules], SESSION, new Scope('rcpt', mail), checks.driving());
    expect(checks.asked).to.deep.equal(['client', 'recipient', 'recipient']);
  });

  it('shares one question between recipients that wait for it together', async () => {
    const checks = new Checks().add('client', 'connect', () => Promise.resolve(found('no')));
    const mail = new Scope('mail', new Scope('helo', new Scope('connect')));
    const one = decide([[permitIf('client')]], SESSION, new Scope('rcpt', mail), checks.driving());
    const two = decide([[permitIf('client')]], SESSION, new Scope('rcpt', mail), checks.driving());
    await Promise.all([one, two]);
    expect(checks.asked).to.deep.equal(['client']);
  });

  it('lets mail go on past a check that throws, and says so', async () => {
    const checks = new Checks()
      .add('broken', 'connect', () => {
        throw new Error('a bug');
      })
      .add('rejects', 'connect', () => Promise.reject(new Error('another')))
      .add('good', 'connect', () => found('yes'));
    const rules = [permitIf('broken'), permitIf('rejects'), permitIf('good')];
    expect(await decide([rules], SESSION, scopes(), checks.driving())).to.have.property('rule', 'if good');
    expect(checks.bugs).to.deep.equal(['broken: Error: a bug', 'rejects: Error: another']);
  });

  it('gives up a check that does not answer, aborts it, and keeps what it knows', async () => {
    let aborted = false;
    const checks = new Checks().add('silent', 'connect', (signal) => {
      signal.addEventListener('abort', () => (aborted = true));
      return new Promise(() => {});
    });
    const scope = scopes();
    const decision = await decide([[permitIf('silent')]], SESSION, scope, checks.driving(5));
    expect(decision.rule).to.equal(null);
    expect(aborted).to.equal(true);
    expect(scope.get('silent')).to.deep.equal({
      result: 'temperror',
      facts: { why: 'no answer within the deadline' },
    });
  });

  it('waits for nothing more once the deadline has passed', async () => {
    const checks = new Checks()
      .add('silent', 'connect', () => new Promise(() => {}), { far: true })
      .add('next', 'connect', () => new Promise(() => {}), { far: true })
      .add('good', 'connect', () => found('yes'));
    const rules = [permitIf('silent'), permitIf('next'), permitIf('good')];
    const scope = scopes();
    expect(await decide([rules], SESSION, scope, checks.driving(5))).to.have.property('rule', 'if good');
    expect(scope.get('next')).to.have.property('result', 'temperror');
  });

  it('does not let an answer that comes too late change what a decision rested on', async () => {
    const late = Promise.withResolvers<Finding>();
    const checks = new Checks().add('late', 'connect', () => late.promise);
    const scope = scopes();
    await decide([[permitIf('late')]], SESSION, scope, checks.driving(5));
    late.resolve(found('yes'));
    await late.promise;
    await Promise.resolve();
    expect(scope.get('late')).to.have.property('result', 'temperror');
  });

  it('asks anew for each decision what is true for a moment only', async () => {
    const checks = new Checks().add('now', 'connect', () => Promise.resolve(found('no')), {
      momentary: true,
    });
    const scope = scopes();
    await decide([[permitIf('now'), permitIf('now')]], SESSION, scope, checks.driving());
    expect(scope.get('now')).to.have.property('result', 'no');
    await decide([[permitIf('now')]], SESSION, scope, checks.driving());
    expect(checks.asked).to.deep.equal(['now', 'now']);
  });

  it('does not take for true now what comes too late for the decision before', async () => {
    const late = Promise.withResolvers<Finding>();
    const answers = [late.promise, Promise.resolve(found('no'))];
    const checks = new Checks().add('now', 'connect', () => answers.shift()!, { momentary: true });
    const scope = scopes();
    await decide([[permitIf('now')]], SESSION, scope, checks.driving(5));
    late.resolve(found('yes'));
    await late.promise;
    expect(await decide([[permitIf('now')]], SESSION, scope, checks.driving())).to.have.property(
      'rule',
      null,
    );
    expect(checks.asked).to.deep.equal(['now', 'now']);
  });

  it('leaves what is near its time when the network has had all of it', async () => {
    const checks = new Checks()
      .add('silent', 'connect', () => new Promise(() => {}), { far: true })
      .add('greylist', 'rcpt', () => new Promise((resolve) => setImmediate(() => resolve(found('yes')))));
    const rules = [permitIf('silent'), permitIf('greylist')];
    expect(await decide([rules], SESSION, scopes(), checks.driving(5))).to.have.property(
      'rule',
      'if greylist',
    );
  });

  it('and all of it together no more than once that time', async () => {
    timers.takeOver();
    const never = (): Promise<never> => new Promise(() => {});
    const checks = new Checks().add('silent', 'connect', never, { far: true });
    const near = ['a', 'b', 'c'];
    for (const id of near) checks.add(id, 'rcpt', never);
    const rules = ['silent', ...near].map(permitIf);
    const decision = Promise.resolve(decide([rules], SESSION, scopes(), checks.driving(7000)));
    const decided = noticing(decision);
    const began = timers.clock.elapsed();
    for (await turns(); !decided(); await turns()) timers.clock.advance(100);
    expect(checks.asked).to.deep.equal(['silent', ...near]);
    expect(timers.clock.elapsed() - began).to.be.within(7000, 7700);
  });
});
