import { expect } from 'chai';
import { reject, tempfail } from '../../lib/mail/reply.ts';
import type { EarlyEvent, RecipientEvent } from '../../lib/observe/event.ts';
import { Feed } from '../../lib/observe/feed.ts';
import type { Decision } from '../../lib/policy/verdict.ts';
import { client } from '../checks/session.ts';

const CLIENT = client({ daemon: null });

const GREYLISTED: Decision = {
  verdict: { action: 'tempfail', reply: tempfail(451, '4.7.1', 'Greylisted') },
  rule: 'greylist',
  reason: 'new',
};
const LET_IN: Decision = { verdict: { action: 'continue' }, rule: null, reason: 'no rule holds' };
const REFUSED: Decision = {
  verdict: { action: 'reject', reply: reject(554, '5.7.1', 'no') },
  rule: 'reject_rbl_client bl.example',
  reason: 'listed',
};

function recipient(decision: Decision, differs: Partial<RecipientEvent> = {}): RecipientEvent {
  return {
    ...{ kind: 'recipient', session: 's', queueId: null, stage: 'rcpt', client: CLIENT, helo: 'mx' },
    ...{ sender: 'alice@example.net', recipient: 'bob@example.org', decision, observed: false, ms: 1 },
    waitSeconds: decision === GREYLISTED ? 60 : null,
    ...differs,
  };
}

const EARLY: EarlyEvent = {
  ...{ kind: 'early', session: 's', stage: 'connect', client: CLIENT, helo: null, sender: null },
  ...{ decision: REFUSED, observed: false, ms: 1 },
};

const MINUTE = 60_000;
/** The beginning of a minute. */
const START = Date.UTC(2026, 10, 21, 12);

describe('The feed of what is decided', () => {
  let nowMs = START;
  let feed: Feed;
  beforeEach(() => {
    nowMs = START;
    feed = new Feed(() => nowMs);
  });

  it('counts by the minute and by rule, and has the last ones', () => {
    feed.take(recipient(GREYLISTED));
    feed.take(recipient(LET_IN));
    nowMs += MINUTE;
    feed.take(recipient(GREYLISTED));
    feed.take(EARLY);
    const { sinceMs, minutes, rules, decisions } = feed.view();
    expect(sinceMs).to.equal(START);
    expect(minutes).to.deep.equal([
      { startMs: START, fates: { greylist: 1, accept: 1 } },
      { startMs: START + MINUTE, fates: { greylist: 1, reject: 1 } },
    ]);
    expect(rules).to.deep.equal([
      { rule: 'greylist', fates: { greylist: 2 } },
      { rule: '', fates: { accept: 1 } },
      { rule: 'reject_rbl_client bl.example', fates: { reject: 1 } },
    ]);
    expect(decisions[0]).to.deep.equal({
      ...{ atMs: START + MINUTE, fate: 'reject', rule: 'reject_rbl_client bl.example', reason: 'listed' },
      ...{ client: 'mx.example.net[192.0.2.10]', sender: null, recipient: null, observed: false },
    });
    expect(decisions.map(({ fate }) => fate)).to.deep.equal(['reject', 'greylist', 'accept', 'greylist']);
  });

  it('knows a 4xx that no waiting outlasts from greylisting', () => {
    feed.take(recipient(GREYLISTED, { waitSeconds: null }));
    expect(feed.view().minutes[0]!.fates).to.deep.equal({ tempfail: 1 });
  });

  it('counts of what a trusted relay handed on what became of it, not what would have', () => {
    const relay = { client: client({ name: 'relay.example.org' }), decision: LET_IN };
    feed.take(recipient(REFUSED, { stage: 'relayed', relay, observed: true }));
    feed.take(recipient(REFUSED, { stage: 'relayed', relay, held: true }));
    const { minutes, rules, decisions } = feed.view();
    expect(minutes[0]!.fates).to.deep.equal({ accept: 1, quarantine: 1 });
    expect(rules.map(({ rule }) => rule)).to.deep.equal(['']);
    expect(decisions[1]!).to.include({
      ...{ client: 'relay.example.org[192.0.2.10]', fate: 'accept', observed: false },
    });
  });

  it('counts nothing but fates', () => {
    feed.take({ kind: 'store-recovered' });
    expect(feed.view()).to.deep.include({ minutes: [], decisions: [] });
  });

  it('forgets after an hour', () => {
    feed.take(recipient(LET_IN));
    nowMs += 60 * MINUTE - 1;
    expect(feed.view().minutes).to.have.length(1);
    nowMs += 1;
    expect(feed.view().minutes).to.deep.equal([]);
    expect(feed.view().rules).to.deep.equal([]);
  });

  it('stays small, whatever comes and whatever the clock does', () => {
    for (let n = 0; n < 20_000; n++) {
      nowMs = START + ((n * 7919) % 5000) * MINUTE;
      const decision = { ...LET_IN, rule: `rule ${n}`, reason: 'x'.repeat(5000) };
      feed.take(recipient(decision, { sender: 'a'.repeat(5000) }));
    }
    nowMs = START + 5000 * MINUTE;
    expect(feed.view().minutes.length).to.be.at.most(60);
    expect(feed.view().decisions).to.have.length(50);
    expect(feed.view().decisions[0]!.sender).to.have.length(203);
    for (let n = 0; n < 2000; n++) feed.take(recipient({ ...LET_IN, rule: `rule ${n}` }));
    const { rules } = feed.view();
    expect(rules.length).to.be.at.most(101);
    expect(rules[0]).to.deep.equal({ rule: 'others', fates: { accept: 1900 } });
    expect(JSON.stringify(feed.view()).length).to.be.below(100_000);
  });

  it('has nothing of minutes that are still to come, after the clock was set back', () => {
    nowMs += 30 * MINUTE;
    feed.take(recipient(LET_IN));
    nowMs = START;
    feed.take(recipient(GREYLISTED));
    expect(feed.view().minutes).to.deep.equal([{ startMs: START, fates: { greylist: 1 } }]);
  });
});
