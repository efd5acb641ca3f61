import { expect } from 'chai';
import { formatMailbox, parseMailbox, unquotedLocal, writtenMailbox } from '../../lib/mail/mailbox.ts';

describe('An envelope address', () => {
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
