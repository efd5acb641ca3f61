import { expect } from 'chai';
import fc from 'fast-check';
import { reject, tempfail } from '../../lib/mail/reply.ts';
import type { AtRcpt } from '../../lib/mail/session.ts';
import { evaluate } from '../../lib/policy/evaluate.ts';
import { found, temperror } from '../../lib/policy/finding.ts';
import type { Finding } from '../../lib/policy/finding.ts';
import { holds, is } from '../../lib/policy/rule.ts';
import type { Condition, Rule } from '../../lib/policy/rule.ts';
import type { Effect, Verdict } from '../../lib/policy/verdict.ts';

const SESSION: AtRcpt = {
  id: 's',
  client: { address: null, ptr: null, name: null, resolve: null, daemon: null, submitted: false },
  helo: null,
  sender: null,
  tls: null,
  auth: null,
  size: null,
  recipients: 1,
  recipient: { local: 'bob', domain: 'example.org' },
};

const rule = (word: string, when: Condition, action: 'permit' | 'discard' | 'continue'): Rule => ({
  word,
  when,
  may: [action],
  outcome: () => ({ effect: { action }, reason: `because of ${word}` }),
});

const known = (results: Record<string, string>): Map<string, Finding> =>
  new Map(Object.entries(results).map(([id, result]) => [id, found(result)]));

describe('A condition', () => {
  const a = is('a', 'yes');
  const b = is('b', 'yes', 'maybe');
  const cases: readonly [string, Condition, Record<string, string>, boolean | string[]][] = [
    ['a is yes', a, { a: 'yes' }, true],
    ['a is no', a, { a: 'no' }, false],
    ['a is unknown', a, {}, ['a']],
    ['b is one of several', b, { b: 'maybe' }, true],
    ['not: of a yes', { kind: 'not', of: a }, { a: 'yes' }, false],
    ['not: of the unknown', { kind: 'not', of: a }, {}, ['a']],
    ['all: asks for all that is missing', { kind: 'all', of: [a, b] }, {}, ['a', 'b']],
    ['all: is settled by one no', { kind: 'all', of: [a, b] }, { b: 'no' }, false],
    ['all: holds with all', { kind: 'all', of: [a, b] }, { a: 'yes', b: 'yes' }, true],
    ['any: is settled by one yes', { kind: 'any', of: [a, b] }, { b: 'yes' }, true],
    ['any: asks on after a no', { kind: 'any', of: [a, b] }, { a: 'no' }, ['b']],
    ['any: of none holds never', { kind: 'any', of: [] }, {}, false],
    ['always holds', { kind: 'always' }, {}, true],
  ];
  for (const [title, condition, results, expected] of cases) {
    it(title, () => {
      expect(holds(condition, known(results))).to.deep.equal(expected);
    });
  }

  it('is unknown by a check that could not tell, however it is turned', () => {
    const findings = new Map<string, Finding>([
      ['a', temperror('no DNS')],
      ['b', found('yes')],
      ['c', found('no')],
    ]);
    const [b, c] = [is('b', 'yes'), is('c', 'yes')];
    expect(holds(a, findings)).to.equal('unknown');
    expect(holds({ kind: 'not', of: a }, findings)).to.equal('unknown');
    expect(holds({ kind: 'all', of: [a, b] }, findings)).to.equal('unknown');
    expect(holds({ kind: 'any', of: [a, c] }, findings)).to.equal('unknown');
    expect(holds({ kind: 'all', of: [a, c] }, findings)).to.equal(false);
    expect(holds({ kind: 'any', of: [a, b] }, findings)).to.equal(true);
    expect(holds(is('a', 'yes', 'temperror'), findings)).to.equal(true);
  });

  it('is asked to the end before it is unknown', () => {
    const findings = new Map<string, Finding>([['a', temperror('no DNS')]]);
    expect(holds({ kind: 'any', of: [a, is('b', 'yes')] }, findings)).to.deep.equal(['b']);
  });
});

describe('The rules', () => {
  const rules = [
    rule('first', is('a', 'yes'), 'permit'),
    rule('note', is('b', 'yes'), 'continue'),
    rule('last', is('c', 'yes'), 'discard'),
  ];
  const decided = (results: Record<string, string>): string => {
    const step = evaluate([rules], known(results), SESSION);
    if (step.kind === 'need') return `need ${step.checks.join(' ')}`;
    return `${step.decision.verdict.action} by ${step.decision.rule}`;
  };
  const cases: readonly [Record<string, string>, string][] = [
    [{}, 'need a'],
    [{ a: 'yes' }, 'permit by first'],
    [{ a: 'no' }, 'need b'],
    [{ a: 'no', b: 'yes', c: 'yes' }, 'discard by last'],
    [{ a: 'no', b: 'yes', c: 'no' }, 'continue by note'],
    [{ a: 'no', b: 'no', c: 'no' }, 'continue by null'],
    [{ b: 'yes', c: 'yes' }, 'need a'],
  ];
  for (const [results, outcome] of cases) {
    it(`${JSON.stringify(results)} → ${outcome}`, () => {
      expect(decided(results)).to.equal(outcome);
    });
  }

  it('keep a delay that greylisting has caused, whatever the later ones say', () => {
    const passed: Rule = {
      ...rule('greylist', { kind: 'always' }, 'continue'),
      outcome: () => ({ effect: { action: 'continue' }, reason: 'passed', delayedSeconds: 61 }),
    };
    const step = evaluate([[passed, rule('after', { kind: 'always' }, 'permit')]], new Map(), SESSION);
    expect(step).to.deep.equal({
      kind: 'decided',
      decision: {
        verdict: { action: 'permit' },
        rule: 'after',
        reason: 'because of after',
        delayedSeconds: 61,
      },
    });
  });

  it('give the same decision however the checks come in', () => {
    const action = fc.constantFrom<Verdict['action']>('permit', 'discard', 'continue');
    const list = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd'), action), { maxLength: 8 });
    const answers = fc.record({ a: fc.boolean(), b: fc.boolean(), c: fc.boolean(), d: fc.boolean() });
    fc.assert(
      fc.property(list, answers, (words, truth) => {
        const random = words.map(([check, does], i) => rule(`${i}`, is(check, 'yes'), does as 'permit'));
        const all = known(
          Object.fromEntries(Object.entries(truth).map(([id, yes]) => [id, yes ? 'yes' : 'no'])),
        );
        const known1 = new Map<string, Finding>();
        let step = evaluate([random], known1, SESSION);
        while (step.kind === 'need') {
          for (const id of step.checks) known1.set(id, all.get(id)!);
          step = evaluate([random], known1, SESSION);
        }
        expect(step).to.deep.equal(evaluate([random], all, SESSION));
      }),
    );
  });
});

describe("Postfix's order of precedence", () => {
  const does = (word: string, effect: Effect, warnOnly = false): Rule => ({
    word,
    when: { kind: 'always' },
    may: [],
    warnOnly,
    outcome: () => ({ effect, reason: word }),
  });
  const permits = does('permit', { action: 'permit' });
  const rejects = does('reject', { action: 'reject', reply: reject(554, '5.7.1', 'no') });
  const defers = does('defer', { action: 'tempfail', reply: tempfail(450, '4.3.2', 'later') });
  const holdsBack = does('hold', { action: 'quarantine', reason: 'suspect' });
  const discards = does('discard', { action: 'discard' });
  const ifPermit = does('if-permit', { action: 'defer_if_permit', reply: tempfail(450, '4.1.8', 'sender?') });
  const ifReject = does('if-reject', { action: 'defer_if_reject', reply: tempfail(450, '4.7.0', 'later') });
  const untold = does('whitelist', { action: 'defer_if_listed', reply: tempfail(450, '4.7.1', 'later') });
  const lists: Rule = {
    ...rejects,
    word: 'blacklist',
    outcome: () => ({ ...rejects.outcome(new Map(), SESSION), byList: true }),
  };
  const spares = does('spare', { action: 'skip_greylist' });
  const greylists = { ...does('greylist', { action: 'apply', rules: [defers] }), greylists: true as const };
  const warned = { ...rejects, word: 'warned', warnOnly: true };
  const applies = (...rules: Rule[]): Rule => does('table', { action: 'apply', rules });

  const cases: readonly [string, Rule[][], string][] = [
    ['a permit ends its own list only', [[permits, discards], [rejects]], 'reject by reject'],
    ['and not the whole where nothing follows', [[permits, rejects]], 'permit by permit'],
    ['a refusal ends all', [[rejects], [permits]], 'reject by reject'],
    ['defer_if_permit tempfails what nothing rejects', [[ifPermit, permits]], 'tempfail by if-permit'],
    ['and what no rule holds for', [[ifPermit]], 'tempfail by if-permit'],
    ['and outlives its list', [[ifPermit, permits], [permits]], 'tempfail by if-permit'],
    ['but a rejection stands', [[ifPermit], [rejects]], 'reject by reject'],
    [
      'the first defer_if_permit counts',
      [[ifPermit, { ...ifPermit, word: 'second' }]],
      'tempfail by if-permit',
    ],
    ['defer_if_reject softens a rejection', [[ifReject, rejects]], 'tempfail by if-reject'],
    ['but leaves a tempfail as it is', [[ifReject, defers]], 'tempfail by defer'],
    ['and a permit', [[ifReject, permits]], 'permit by permit'],
    ['and ends with its list', [[ifReject], [rejects]], 'reject by reject'],
    ['both deferrals together end the list', [[ifPermit, ifReject, permits]], 'tempfail by if-permit'],
    ['warn_if_reject lets go on', [[warned, permits]], 'permit by permit; warned'],
    ['and tells it with a refusal too', [[warned, defers]], 'tempfail by defer; warned'],
    [
      'and makes a warning of defer_if_permit',
      [[{ ...ifPermit, warnOnly: true }]],
      'continue by null; if-permit',
    ],
    ['a table can apply other rules', [[applies(rejects), permits]], 'reject by reject'],
    ['which permit for their list', [[applies(permits), rejects]], 'permit by permit'],
    ['or let it go on', [[applies(warned), permits]], 'permit by permit; warned'],
    [
      'warn_if_reject holds for what it applies',
      [[{ ...applies(rejects), warnOnly: true }]],
      'continue by null; reject',
    ],
    [
      'warn_if_reject discards nothing',
      [[{ ...discards, warnOnly: true }, permits]],
      'permit by permit; discard',
    ],
    ['and holds nothing', [[{ ...holdsBack, warnOnly: true }, permits]], 'permit by permit; hold'],
    ['quarantine waits for what comes after', [[holdsBack, rejects]], 'reject by reject'],
    ['and holds the message if nothing refuses', [[holdsBack, permits]], 'quarantine by hold'],
    ['discard ends all', [[discards], [rejects]], 'discard by discard'],
    [
      'a whitelist that could not tell softens what a DNS list rejects',
      [[untold, lists]],
      'tempfail by blacklist',
    ],
    ['and nothing else', [[untold, rejects]], 'reject by reject'],
    ['and ends with its list', [[untold], [lists]], 'reject by blacklist'],
    ['and permits nobody', [[untold, defers]], 'tempfail by defer'],
    ['whoever is spared the delay is not greylisted', [[spares, greylists]], 'continue by spare'],
    ['nor by another list', [[spares], [greylists]], 'continue by spare'],
    ['but refused by what refuses', [[spares, greylists, rejects]], 'reject by reject'],
    ['a greylist that comes before delays him', [[greylists, spares]], 'tempfail by defer'],
    [
      'warn_if_reject spares nobody the delay',
      [[{ ...spares, warnOnly: true }, greylists]],
      'tempfail by defer; spare',
    ],
  ];
  for (const [title, lists, expected] of cases) {
    it(title, () => {
      const step = evaluate(lists, new Map(), SESSION);
      if (step.kind === 'need') throw new Error(`needs ${step.checks.join(' ')}`);
      const { verdict, rule: by, notes = [] } = step.decision;
      const told = [`${verdict.action} by ${by}`, ...notes.map(({ rule: word }) => word)];
      expect(told.join('; ')).to.equal(expected);
    });
  }

  it('asks for what the rules of a table need', () => {
    const lists = [[applies(rule('inner', is('a', 'yes'), 'permit'))]];
    expect(evaluate(lists, new Map(), SESSION)).to.deep.equal({ kind: 'need', checks: ['a'] });
  });
});
