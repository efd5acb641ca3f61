import { expect } from 'chai';
import {
  formatMailbox,
  mailboxOf,
  parseMailbox,
  unquotedLocal,
  writtenMailbox,
} from '../../lib/mail/mailbox.ts';

describe('An envelope address', () => {
  const taken: readonly [path: string, taken: string | null, meant: string, written: string][] = [
    ['<bob@example.org>', 'bob@example.org', 'bob@example.org', 'bob@example.org'],
    ['<Bob@Example.ORG>', 'Bob@example.org', 'Bob@example.org', 'Bob@Example.ORG'],
    ['<x@ evil.example>', 'x@evil.example', 'x@evil.example', 'x@evil.example'],
    ['<evil.example!x>', 'x@evil.example', 'x@evil.example', 'evil.example!x'],
    ['<"x%evil.example">', 'x@evil.example', 'x@evil.example', 'x%evil.example'],
    ['<postmaster>', 'postmaster@mx.example.org', 'postmaster@mx.example.org', 'postmaster'],
    ['<x@evil.example>', null, 'x@evil.example', 'x@evil.example'],
    ['<"">', '', '', ''],
    ['<,>', '', '', ''],
    ['<<x@evil.example>>', 'x@evil.example', 'x@evil.example', 'x@evil.example'],
    ['<g:x@evil.example;>', 'x@evil.example', 'x@evil.example', 'x@evil.example'],
    ['<a[(] <x@evil.example> (:friend@good.example>', 'x@evil.example', 'x@evil.example', 'x@evil.example'],
    ['<>', '', '', ''],
    ['<>', 'double-bounce@mx.example.org', '', ''],
  ];
  for (const [path, macro, meant, written] of taken)
    it(`${path} is for rules what the MTA takes it for, ${macro ?? 'which it does not say'}`, () => {
      expect(formatMailbox(mailboxOf(path, macro))).to.equal(meant);
      expect(writtenMailbox(mailboxOf(path, macro))).to.equal(written);
    });

  const cases: readonly [string, string | null, string | null][] = [
    ['<Bob@Example.ORG>', 'Bob', 'example.org'],
    ['bob@example.org', 'bob', 'example.org'],
    ['<postmaster>', 'postmaster', null],
    ['<"a b@c"@example.org.>', '"a b@c"', 'example.org'],
    ['<@relay.example,@b.example:bob@example.org>', 'bob', 'example.org'],
    ['<bob@[192.0.2.1]>', 'bob', '[192.0.2.1]'],
    ['<bob@>', 'bob', null],
    ['<@example.org>', '', 'example.org'],
  ];
  for (const [path, local, domain] of cases) {
    it(`${path} has the local part ${local} and the domain ${domain}`, () => {
      expect(parseMailbox(path)).to.include({ local, domain });
    });
  }

  for (const [path, written] of [
    ['<Bob@Example.ORG>', 'Bob@Example.ORG'],
    ['<bob@example.org>', 'bob@example.org'],
    ['<bob@example.org.>', 'bob@example.org.'],
    ['<bob>', 'bob'],
    ['<"bob \\"b"@Example.org>', 'bob "b@Example.org'],
    ['<>', ''],
  ] as const) {
    it(`${path} is called ${written || 'nothing'} in replies`, () => {
      expect(writtenMailbox(parseMailbox(path))).to.equal(written);
    });
  }

  for (const path of ['<>', '', ' <> ']) {
    it(`${JSON.stringify(path)} is the null sender`, () => {
      expect(parseMailbox(path)).to.equal(null);
      expect(formatMailbox(null)).to.equal('');
    });
  }
});

describe('A quoted local part', () => {
  for (const [path, bare] of [
    ['<"postmaster"@example.org>', 'postmaster'],
    ['<"post\\master"@example.org>', 'postmaster'],
    ['<"a b"@example.org>', 'a b'],
    ['<a"b@example.org>', 'a"b'],
  ] as const) {
    it(`${path} is the mailbox ${bare}`, () => {
      expect(unquotedLocal(parseMailbox(path)!)).to.equal(bare);
    });
  }
});
