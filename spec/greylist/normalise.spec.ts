import { expect } from 'chai';
import { normaliseRecipient, normaliseSender } from '../../lib/greylist/normalise.ts';
import { parseMailbox } from '../../lib/mail/mailbox.ts';

const SENDERS: readonly (readonly [given: string, remembered: string, why: string])[] = [
  ['<>', '<>', 'the null sender'],
  ['Alice@Example.NET', 'alice@example.net', 'case'],
  ['alice@example.net.', 'alice@example.net', 'the root dot'],
  ['MAILER-DAEMON', 'mailer-daemon', 'no domain'],
  ['alice+news@example.net', 'alice@example.net', '+ext'],
  ['+alice@example.net', '+alice@example.net', 'nothing before the plus'],
  ['prvs=4711abcdef=alice@example.net', 'alice@example.net', 'BATV'],
  ['PRVS=4711ABCDEF=Alice@example.net', 'alice@example.net', 'BATV in capitals'],
  ['prvs=alice/4711abcdef@example.net', 'alice@example.net', 'BATV, old form'],
  ['prvs=alice=4711abcdef@example.net', 'alice@example.net', 'BATV, tag last'],
  ['prvs=08213fe61=alice@example.net', 'alice@example.net', 'BATV, a short tag'],
  ['prvs=4711abcdef=list-bounce-77@example.net', 'list-bounce-#@example.net', 'VERP within BATV'],
  [
    'prvs=4711abcdef=SRS0=xU7p=KE=example.net=alice@example.com',
    'srs0=#=#=example.net=alice@example.com',
    'SRS within BATV',
  ],
  ['prvs=4711abcdef=prvs=4712abcdef=alice@example.net', 'alice@example.net', 'BATV within BATV'],
  ['btv1==213fe61==alice@example.net', 'alice@example.net', 'btv1'],
  ['msprvs1=17716VjhVnG1T=bounces-12@example.net', 'bounces-#@example.net', 'msprvs1'],
  ['SRS0=HHHH=TT=example.net=alice@example.com', 'srs0=#=#=example.net=alice@example.com', 'SRS0'],
  [
    'SRS0+Yz/4=3B=example.net=alice@example.com',
    'srs0=#=#=example.net=alice@example.com',
    'SRS0 with a plus',
  ],
  [
    'SRS0=a=b=example.net=bob=work@example.com',
    'srs0=#=#=example.net=bob=work@example.com',
    'SRS0 of a local part with =',
  ],
  [
    'SRS1=HHH=example.com==GGG=TT=example.net=alice@example.org',
    'srs1=#=example.com==#=#=example.net=alice@example.org',
    'SRS1',
  ],
  ['list-bounce-12345-bob=example.org@example.net', 'list-bounce-#-bob=example.org@example.net', 'VERP'],
  ['bounces+1234-ab3c-bob=example.org@example.net', 'bounces@example.net', 'VERP in an extension'],
  ['bounce-7_HTML-12-3456-78-9@example.net', 'bounce-#_html-#-#-#-#@example.net', 'VERP, many'],
  [
    '0102018c5d9f1a2b-4f3e2d1c-0a1b-4ef0-9abc-def012345678-000000@example.net',
    '#-#-#@example.net',
    'hex and UUID',
  ],
  ['user1@example.net', 'user1@example.net', 'a person'],
  ['user2@example.net', 'user2@example.net', 'another person'],
  ['john.1985@example.net', 'john.1985@example.net', 'a person of 1985'],
  ['mary_2@example.net', 'mary_2@example.net', 'the second Mary'],
  ['13800138000@example.net', '13800138000@example.net', 'a telephone number'],
  ['deadbeef@example.net', 'deadbeef@example.net', 'a word that could be hex'],
  ['"a b"@example.net', '"a?b"@example.net', 'a blank'],
  ['a@b@example.net', 'a?b@example.net', 'two at-signs'],
  ['al\u001b[31mice\u0007@example.net', 'al?[31mice?@example.net', 'terminal control characters'],
];

const DIFFERENT: readonly (readonly [string, string])[] = [
  ['user1@example.net', 'user2@example.net'],
  ['john.1985@example.net', 'john.1990@example.net'],
  ['13800138000@example.net', '13800138001@example.net'],
  ['list-bounce-1-bob=example.org@example.net', 'list-bounce-1-eve=example.org@example.net'],
  [`${'a'.repeat(400)}x@example.net`, `${'a'.repeat(400)}y@example.net`],
  ['SRS0=a=b=example.net=alice@example.com', 'SRS0=a=b=example.net=eve@example.com'],
];

describe('normaliseSender', () => {
  for (const [given, remembered, why] of SENDERS)
    it(`makes ${JSON.stringify(remembered)} of ${JSON.stringify(given)}: ${why}`, () => {
      expect(normaliseSender(parseMailbox(given))).to.equal(remembered);
    });

  for (const [one, other] of DIFFERENT)
    it(`keeps ${one.slice(-50)} and ${other.slice(-50)} apart`, () => {
      expect(normaliseSender(parseMailbox(one))).not.to.equal(normaliseSender(parseMailbox(other)));
    });

  it('bounds what it makes of 64 KB of nested tags, and soon', () => {
    const long = `${'prvs=4711abcdef='.repeat(4096)}bob@${'x.'.repeat(32_768)}example.net`;
    expect(normaliseSender(parseMailbox(long)).length).to.be.at.most(511);
  });
});

describe('normaliseRecipient', () => {
  it('changes case and nothing else: extension and numbers belong to the correspondent', () => {
    expect(normaliseRecipient({ local: 'Bob+Shop-12345', domain: 'Example.ORG' })).to.equal(
      'bob+shop-12345@example.org',
    );
  });

  it('knows a bare postmaster', () => {
    expect(normaliseRecipient({ local: 'Postmaster', domain: null })).to.equal('postmaster');
  });
});
