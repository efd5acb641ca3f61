import { expect } from 'chai';
import { NOBODY, type Stage } from '../../lib/mail/session.ts';
import { askAhead, stagesAhead } from '../../lib/policy/ahead.ts';
import type { Driving } from '../../lib/policy/asking.ts';
import type { AnyCheck } from '../../lib/policy/check.ts';
import { decide } from '../../lib/policy/driver.ts';
import { found, type Finding } from '../../lib/policy/finding.ts';
import { is, type Condition, type Rule } from '../../lib/policy/rule.ts';
import { Scope } from '../../lib/policy/scope.ts';
import type { Effect } from '../../lib/policy/verdict.ts';

const SESSION = { id: 's', client: NOBODY };

/** Which checks were begun, each with the answer that it gives. */
class Asked {
  readonly begun: string[] = [];
  readonly givenUp: string[] = [];
  readonly #checks = new Map<string, AnyCheck>();

  add(
    id: string,
    stage: Stage,
    answer: Finding | Promise<Finding>,
    kind: Pick<AnyCheck, 'momentary' | 'far' | 'leavesTrace'> = {},
  ): this {
    const run = (_: unknown, signal: AbortSignal): Finding | Promise<Finding> => {
      this.begun.push(id);
      signal.addEventListener('abort', () => this.givenUp.push(id));
      return answer;
    };
    this.#checks.set(id, { ...kind, id, stage, results: [], run });
    return this;
  }

  get driving(): Driving {
    const bug = (check: string, error: unknown): never => {
      throw new Error(check, { cause: error });
    };
    return { checks: this.#checks, deadlineMs: 1000, bug };
  }
}

const rule = (when: Condition | string, effect: Effect = { action: 'permit' }): Rule => ({
  word: 'x',
  when: typeof when === 'string' ? is(when, 'yes') : when,
  may: [],
  outcome: () => ({ effect, reason: '' }),
});

const later = (): Promise<Finding> => new Promise(() => {});

describe('What is asked before a rule asks', () => {
  const far = { far: true } as const;

  it('is all that the rules may want of this stage, at once', () => {
    const asked = new Asked()
      .add('a', 'connect', later(), far)
      .add('b', 'connect', later(), far)
      .add('c', 'mail', later(), far);
    askAhead([[rule('a'), rule('b')], [rule('c')]], SESSION, new Scope('connect'), asked.driving);
    expect(asked.begun).to.deep.equal(['a', 'b']);
  });

  it('is not what comes behind a rule that decides already', () => {
    const asked = new Asked().add('ours', 'connect', found('yes')).add('a', 'connect', later(), far);
    askAhead([[rule('ours'), rule('a')]], SESSION, new Scope('connect'), asked.driving);
    expect(asked.begun).to.deep.equal(['ours']);
  });

  it('is what comes behind a rule that only tells, or whose refusal is only told', () => {
    const asked = new Asked().add('ours', 'connect', found('yes')).add('a', 'connect', later(), far);
    const warned = { ...rule('ours', { action: 'discard' }), warnOnly: true };
    const rules = [rule('ours', { action: 'note', text: '' }), warned, rule('a')];
    askAhead([rules], SESSION, new Scope('connect'), asked.driving);
    expect(asked.begun).to.deep.equal(['ours', 'a']);
  });

  it('is what a table names', () => {
    const asked = new Asked()
      .add('table', 'connect', found('yes'))
      .add('a', 'connect', later(), far)
      .add('b', 'connect', later(), far);
    const named = rule('table', { action: 'apply', rules: [rule('a')] });
    askAhead([[named, rule('b')]], SESSION, new Scope('connect'), asked.driving);
    expect(asked.begun).to.deep.equal(['table', 'a', 'b']);
  });

  it('is never what remembers that it was asked, or what is true for a moment', () => {
    const asked = new Asked()
      .add('greylist', 'connect', later(), { leavesTrace: true })
      .add('now', 'connect', later(), { momentary: true });
    askAhead([[rule('greylist'), rule('now')]], SESSION, new Scope('connect'), asked.driving);
    expect(asked.begun).to.deep.equal([]);
  });

  it('is asked once, whatever asks for it afterwards', async () => {
    const answer = Promise.withResolvers<Finding>();
    const asked = new Asked().add('a', 'connect', answer.promise, far);
    const connect = new Scope('connect');
    askAhead([[rule('a')]], SESSION, connect, asked.driving);
    askAhead([[rule('a')]], SESSION, new Scope('helo', connect), asked.driving);
    const decision = decide([[rule('a')]], SESSION, new Scope('rcpt', connect), asked.driving);
    answer.resolve(found('yes'));
    expect((await decision).verdict.action).to.equal('permit');
    expect(asked.begun).to.deep.equal(['a']);
  });

  it('is given up when its facts hold no more, unless a decision waits for it', async () => {
    const answer = Promise.withResolvers<Finding>();
    const asked = new Asked()
      .add('client', 'connect', later(), far)
      .add('sender', 'mail', later(), far)
      .add('waited', 'mail', answer.promise, far)
      .add('done', 'mail', Promise.resolve(found('no')), far);
    const connect = new Scope('connect');
    const mail = new Scope('mail', connect);
    askAhead([['client', 'sender', 'waited', 'done'].map((id) => rule(id))], SESSION, mail, asked.driving);
    await mail.running('done');
    const decision = decide([[rule('waited')]], SESSION, new Scope('rcpt', mail), asked.driving);
    mail.end();
    expect(asked.givenUp).to.deep.equal(['sender']);
    connect.end();
    expect(asked.givenUp).to.deep.equal(['sender', 'client']);
    answer.resolve(found('yes'));
    expect((await decision).verdict.action).to.equal('permit');
  });

  it('is worth a look only at the stages of checks that wait for the network', () => {
    const asked = new Asked().add('a', 'helo', later(), far).add('b', 'mail', found('yes'));
    expect([...stagesAhead([[rule('a'), rule('b')]], asked.driving.checks)]).to.deep.equal(['helo']);
  });
});
