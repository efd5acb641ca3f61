import { expect } from 'chai';
import { reject, tempfail } from '../../lib/mail/reply.ts';
import type { Verdict } from '../../lib/policy/verdict.ts';
import { changesOf, ending, rcptAnswer } from '../../lib/server/answer.ts';

const REJECT: Verdict = { action: 'reject', reply: reject(554, '5.7.1', 'no') };
const TEMPFAIL: Verdict = { action: 'tempfail', reply: tempfail(451, '4.7.1', 'later') };
const HOLD: Verdict = { action: 'quarantine', reason: 'to look at' };

describe('At RCPT', () => {
  for (const verdict of [
    { action: 'continue' },
    { action: 'permit' },
    { action: 'discard' },
    HOLD,
  ] as const) {
    it(`${verdict.action} is answered continue, so that the later recipients are seen`, () => {
      expect(rcptAnswer(verdict)).to.equal('continue');
    });
  }

  it('a refusal is answered with its reply', () => {
    expect(rcptAnswer(REJECT)).to.equal(REJECT.reply);
    expect(rcptAnswer(TEMPFAIL)).to.equal(TEMPFAIL.reply);
  });
});

describe('At end of message', () => {
  const taken = (...verdicts: Verdict[]) =>
    verdicts.map((verdict, i) => ({ recipient: `<${i}@example.org>`, verdict }));

  it('a discarded recipient is deleted, and the others get the message', () => {
    expect(ending(taken({ action: 'permit' }, { action: 'discard' }))).to.deep.equal({
      verdict: 'continue',
      changes: [{ kind: 'deleteRecipient', recipient: '<1@example.org>' }],
    });
  });

  it('the message is discarded if all recipients are', () => {
    expect(ending(taken({ action: 'discard' }, { action: 'discard' })).verdict).to.equal('discard');
  });

  it('one recipient that is to be quarantined holds the message, once', () => {
    expect(ending(taken(HOLD, HOLD, { action: 'permit' })).changes).to.deep.equal([
      { kind: 'quarantine', reason: 'to look at' },
    ]);
  });

  it('no recipient at all changes nothing', () => {
    expect(ending([])).to.deep.equal({ verdict: 'continue', changes: [] });
    const discarded = { recipient: '<a@example.org>', verdict: { action: 'discard' } } as const;
    expect(ending([discarded]).verdict).to.equal('discard');
    // Others were let in who are not remembered.
    expect(ending([discarded], true).verdict).to.equal('continue');
  });
});

describe('What is asked of the MTA', () => {
  const policy = (...may: Verdict['action'][]) => ({
    early: {},
    rcpt: [
      [
        {
          word: 'x',
          when: { kind: 'always' } as const,
          may,
          outcome: () => ({ effect: TEMPFAIL, reason: '' }),
        },
      ],
    ],
    data: [],
    ahead: new Set<never>(),
    checks: new Map(),
    relayed: null,
  });

  it('is only what a rule can come to need', () => {
    expect(changesOf(policy('tempfail'))).to.deep.equal([]);
    expect(changesOf(policy('discard', 'quarantine'))).to.deep.equal(['deleteRecipient', 'quarantine']);
  });
});
