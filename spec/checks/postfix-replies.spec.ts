import { expect } from 'chai';
import { invalidHeloHostname } from '../../lib/checks/invalid-helo-hostname.ts';
import { genericReverseClientHostname } from '../../lib/checks/generic-reverse-client-hostname.ts';
import { multiRecipientBounce } from '../../lib/checks/multi-recipient-bounce.ts';
import { nonFqdnHeloHostname } from '../../lib/checks/non-fqdn-helo-hostname.ts';
import { nonFqdnRecipient } from '../../lib/checks/non-fqdn-recipient.ts';
import { nonFqdnSender } from '../../lib/checks/non-fqdn-sender.ts';
import { ownHeloHostname } from '../../lib/checks/own-helo-hostname.ts';
import { OLD_SPELLINGS, POSTFIX_REPLIES } from '../../lib/checks/postfix-replies.ts';
import { fillReply } from '../../lib/checks/reply-template.ts';
import type { ReplyWord } from '../../lib/checks/postfix-replies.ts';
import { unknownClientHostname } from '../../lib/checks/unknown-client-hostname.ts';
import { unknownHeloHostname } from '../../lib/checks/unknown-helo-hostname.ts';
import { unknownRecipientDomain } from '../../lib/checks/unknown-recipient-domain.ts';
import { unknownReverseClientHostname } from '../../lib/checks/unknown-reverse-client-hostname.ts';
import { unknownSenderDomain } from '../../lib/checks/unknown-sender-domain.ts';
import { NodeResolver } from '../../lib/dns/node-resolver.ts';
import { formatReply } from '../../lib/mail/reply.ts';

const FACTS = {
  helo: 'mx.example.net',
  sender: 'alice@example.net',
  recipient: 'bob@example.org',
  domain: 'example.net',
  address: '192.0.2.10',
  ptr: 'ppp-17.pool.example.net',
  name: 'DATA',
  class: 'Data command',
};

describe("Postfix's reply", () => {
  const cases: readonly [word: ReplyWord, result: string, reply: string][] = [
    [
      'reject_invalid_helo_hostname',
      'invalid_name',
      '501 5.5.2 <mx.example.net>: Helo command rejected: Invalid name',
    ],
    [
      'reject_invalid_helo_hostname',
      'invalid_address',
      '501 5.5.2 <mx.example.net>: Helo command rejected: invalid ip address',
    ],
    [
      'reject_non_fqdn_helo_hostname',
      'not_fqdn',
      '504 5.5.2 <mx.example.net>: Helo command rejected: need fully-qualified hostname',
    ],
    [
      'reject_non_fqdn_helo_hostname',
      'invalid_address',
      '501 5.5.2 <mx.example.net>: Helo command rejected: invalid ip address',
    ],
    [
      'reject_unknown_helo_hostname',
      'not_found',
      '450 4.7.1 <mx.example.net>: Helo command rejected: Host not found',
    ],
    [
      'reject_unknown_helo_hostname',
      'malformed',
      '450 4.7.1 <mx.example.net>: Helo command rejected: Malformed DNS server reply',
    ],
    [
      'reject_unknown_helo_hostname',
      'temperror',
      '450 4.7.1 <mx.example.net>: Helo command rejected: Host not found',
    ],
    [
      'reject_own_helo_hostname',
      'own_name',
      '554 5.7.1 <mx.example.net>: Helo command rejected: that is our own name',
    ],
    [
      'reject_non_fqdn_sender',
      'not_fqdn',
      '504 5.5.2 <alice@example.net>: Sender address rejected: need fully-qualified address',
    ],
    [
      'reject_non_fqdn_recipient',
      'not_fqdn',
      '504 5.5.2 <bob@example.org>: Recipient address rejected: need fully-qualified address',
    ],
    [
      'reject_unknown_sender_domain',
      'not_found',
      '450 4.1.8 <alice@example.net>: Sender address rejected: Domain not found',
    ],
    [
      'reject_unknown_sender_domain',
      'malformed',
      '450 4.1.8 <alice@example.net>: Sender address rejected: Malformed DNS server reply',
    ],
    [
      'reject_unknown_sender_domain',
      'null_mx',
      '550 5.7.27 <alice@example.net>: Sender address rejected: Domain example.net does not accept mail (nullMX)',
    ],
    [
      'reject_unknown_sender_domain',
      'temperror',
      '450 4.1.8 <alice@example.net>: Sender address rejected: Domain not found',
    ],
    [
      'reject_unknown_recipient_domain',
      'not_found',
      '450 4.1.2 <bob@example.org>: Recipient address rejected: Domain not found',
    ],
    [
      'reject_unknown_recipient_domain',
      'null_mx',
      '556 5.1.10 <bob@example.org>: Recipient address rejected: Domain example.net does not accept mail (nullMX)',
    ],
    [
      'reject_unknown_recipient_domain',
      'temperror',
      '450 4.1.2 <bob@example.org>: Recipient address rejected: Domain not found',
    ],
    [
      'reject_unknown_reverse_client_hostname',
      'unknown',
      '450 4.7.1 Client host rejected: cannot find your reverse hostname, [192.0.2.10]',
    ],
    [
      'reject_unknown_reverse_client_hostname',
      'temperror',
      '450 4.7.1 Client host rejected: cannot find your reverse hostname, [192.0.2.10]',
    ],
    [
      'reject_unknown_client_hostname',
      'unknown',
      '450 4.7.25 Client host rejected: cannot find your hostname, [192.0.2.10]',
    ],
    [
      'reject_unknown_client_hostname',
      'temperror',
      '450 4.7.25 Client host rejected: cannot find your hostname, [192.0.2.10]',
    ],
    [
      'reject_generic_reverse_client_hostname',
      'pool',
      '554 5.7.1 <ppp-17.pool.example.net>: Unverified Client host rejected: generic hostname',
    ],
    [
      'reject_multi_recipient_bounce',
      'several',
      '550 5.5.3 <DATA>: Data command rejected: Multi-recipient bounce',
    ],
    ['reject', 'always', '554 5.7.1 <DATA>: Data command rejected: Access denied'],
    ['defer', 'always', '450 4.3.2 <DATA>: Data command rejected: Try again later'],
    ['defer_if_permit', 'always', '450 4.7.0 <DATA>: Data command rejected: defer_if_permit requested'],
    ['defer_if_reject', 'always', '450 4.7.0 <DATA>: Data command rejected: defer_if_reject requested'],
  ];
  for (const [word, result, reply] of cases) {
    it(`to ${word} when the check says ${result} is ${reply}`, () => {
      const { replies, onTemperror } = POSTFIX_REPLIES[word];
      const template = result === 'temperror' ? onTemperror : replies[result];
      expect(formatReply(fillReply(template!, FACTS))).to.equal(reply);
    });
  }

  it('takes another code, and the status follows its class', () => {
    const template = POSTFIX_REPLIES.reject_unknown_sender_domain.replies['not_found']!;
    expect(formatReply(fillReply(template, FACTS, 550))).to.equal(
      '550 5.1.8 <alice@example.net>: Sender address rejected: Domain not found',
    );
  });

  it('leaves the place of a missing fact empty, and is printable whatever the fact', () => {
    const template = POSTFIX_REPLIES.reject_unknown_helo_hostname.replies['not_found']!;
    expect(fillReply(template, {}).text).to.equal('<>: Helo command rejected: Host not found');
    expect(fillReply(template, { helo: 'a\r\n%{domain}' }).text).to.contain('<a??%{domain}>');
  });
});

describe('The table of replies', () => {
  const resolver = new NodeResolver({ servers: ['127.0.0.1:1'], timeoutMs: 1000 });
  const checks = [
    invalidHeloHostname,
    nonFqdnHeloHostname,
    unknownHeloHostname(resolver),
    ownHeloHostname({ names: [], addresses: [] }),
    nonFqdnSender,
    nonFqdnRecipient,
    unknownSenderDomain(resolver),
    unknownRecipientDomain(resolver),
    unknownReverseClientHostname,
    unknownClientHostname,
    genericReverseClientHostname,
    multiRecipientBounce,
  ];

  it('names only checks and results that there are', () => {
    const results = new Map(checks.map(({ id, results }) => [id, new Set<string>(results)]));
    for (const { check, replies } of Object.values(POSTFIX_REPLIES)) {
      const wrong = Object.keys(replies).filter((result) =>
        check === null ? result !== 'always' : !results.get(check)?.has(result),
      );
      expect(wrong, String(check)).to.deep.equal([]);
    }
  });

  it('has every check but those that only tell', () => {
    const named = new Set(Object.values(POSTFIX_REPLIES).map(({ check }) => check));
    expect(checks.filter(({ id }) => !named.has(id))).to.deep.equal([]);
  });

  it('has statuses of the class of their codes', () => {
    const templates = Object.values(POSTFIX_REPLIES).flatMap(({ replies, onTemperror }) => [
      ...Object.values(replies),
      ...(onTemperror === null ? [] : [onTemperror]),
    ]);
    expect(templates.filter(({ code, status }) => !status.startsWith(String(code)[0]!))).to.deep.equal([]);
  });

  it('has a word for every old spelling', () => {
    for (const [old, word] of Object.entries(OLD_SPELLINGS)) {
      expect(Object.keys(POSTFIX_REPLIES), old).to.include(word);
      expect(Object.keys(POSTFIX_REPLIES), old).not.to.include(old);
    }
  });
});
