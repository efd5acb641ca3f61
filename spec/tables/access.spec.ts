import { expect } from 'chai';
import { parseMailbox } from '../../lib/mail/mailbox.ts';
import { parseAddress } from '../../lib/mail/network.ts';
import { accessByClient, accessByDomain, accessByMailbox } from '../../lib/tables/access.ts';
import type { Found, Table, TableStyle } from '../../lib/tables/table.ts';
import { said } from './tables.ts';

const NONE: Found<string> = { kind: 'none' };

/** Remembers what it is asked, and knows nothing but `entries`. */
class Witness implements Table<string> {
  readonly name = 'witness';
  readonly style: TableStyle;
  readonly asked: string[] = [];
  readonly #entries: Readonly<Record<string, Found<string>>>;
  readonly #late: boolean;

  constructor(style: TableStyle, entries: Readonly<Record<string, Found<string>>> = {}, late = false) {
    this.style = style;
    this.#entries = entries;
    this.#late = late;
  }

  lookup(key: string): Found<string> | Promise<Found<string>> {
    this.asked.push(key);
    const found = this.#entries[key] ?? NONE;
    return this.#late ? Promise.resolve(found) : found;
  }
}

function entry(value: string): Found<string> {
  return { kind: 'found', value, key: 'k', line: 1 };
}

const dotted = { parentDomainMatchesSubdomains: false };

describe('Keys for a client', () => {
  const cases: readonly [string | null, string, readonly string[]][] = [
    [
      'a.b.example.org',
      '192.0.2.1',
      ['a.b.example.org', 'b.example.org', 'example.org', 'org', '192.0.2.1', '192.0.2', '192.0', '192'],
    ],
    [null, '192.0.2.1', ['unknown', '192.0.2.1', '192.0.2', '192.0', '192']],
    ['mx', '2001:db8::1', ['mx', '2001:db8::1', '2001:db8:', '2001:db8', '2001']],
    [
      'mx',
      '2001:db8:1:2:3:4:5:6',
      [
        'mx',
        '2001:db8:1:2:3:4:5:6',
        '2001:db8:1:2:3:4:5',
        '2001:db8:1:2:3:4',
        '2001:db8:1:2:3',
        '2001:db8:1:2',
        '2001:db8:1',
        '2001:db8',
        '2001',
      ],
    ],
    ['mx', '::1', ['mx', '::1', ':']],
  ];
  for (const [name, address, keys] of cases)
    it(`${name} [${address}] are ${keys.join(' ')}`, async () => {
      const table = new Witness('keys');
      expect(await accessByClient(table, { name, address: parseAddress(address) })).to.deep.equal(NONE);
      expect(table.asked).to.deep.equal(keys);
    });

  it('in a table of patterns are the whole name and the whole address', async () => {
    const table = new Witness('patterns');
    await accessByClient(table, { name: 'a.example.org', address: parseAddress('192.0.2.1') });
    expect(table.asked).to.deep.equal(['a.example.org', '192.0.2.1']);
  });

  it('have no address where the client has none', async () => {
    const table = new Witness('keys');
    await accessByClient(table, { name: 'mx', address: null });
    expect(table.asked).to.deep.equal(['mx']);
  });
});

describe('Keys for a name', () => {
  const cases: readonly [string, readonly string[], readonly string[]][] = [
    ['a.example.org', ['a.example.org', 'example.org', 'org'], ['a.example.org', '.example.org', '.org']],
    ['example.org.', ['example.org.', 'org.'], ['example.org.', '.org.', '.']],
    ['.example.org', ['.example.org', 'org'], ['.example.org', '.org']],
    ['192.0.2.1', ['192.0.2.1'], ['192.0.2.1']],
    ['[192.0.2.1]', ['[192.0.2.1]', '0.2.1]', '2.1]', '1]'], ['[192.0.2.1]', '.0.2.1]', '.2.1]', '.1]']],
    ['localhost', ['localhost'], ['localhost']],
    ['', [], []],
  ];
  for (const [name, parents, withDot] of cases) {
    it(`${name} are ${parents.join(' ')}`, async () => {
      const table = new Witness('keys');
      await accessByDomain(table, name);
      expect(table.asked).to.deep.equal(parents);
    });
    it(`${name} are ${withDot.join(' ')} where only .domain stands for subdomains`, async () => {
      const table = new Witness('keys');
      await accessByDomain(table, name, dotted);
      expect(table.asked).to.deep.equal(withDot);
    });
  }

  it('are not as many as a stranger likes', async () => {
    const table = new Witness('keys');
    await accessByDomain(table, 'a.'.repeat(5000));
    expect(table.asked.length).to.equal(128);
  });
});

describe('Keys for an address', () => {
  const cases: readonly [string, readonly string[]][] = [
    ['bob@a.example.org', ['bob@a.example.org', 'a.example.org', 'example.org', 'org', 'bob@']],
    ['bob+x@example.org', ['bob+x@example.org', 'bob@example.org', 'example.org', 'org', 'bob+x@', 'bob@']],
    [
      'bob+x+y@example.org',
      ['bob+x+y@example.org', 'bob@example.org', 'example.org', 'org', 'bob+x+y@', 'bob@'],
    ],
    ['+x@example.org', ['+x@example.org', 'example.org', 'org', '+x@']],
    ['postmaster@example.org', ['postmaster@example.org', 'example.org', 'org', 'postmaster@']],
    ['"a b"@example.org', ['"a b"@example.org', 'a b@example.org', 'example.org', 'org', '"a b"@', 'a b@']],
    ['"bob"@example.org', ['bob@example.org', 'example.org', 'org', 'bob@']],
    [
      '"a\\"b"@example.org',
      ['"a\\"b"@example.org', 'a"b@example.org', 'example.org', 'org', '"a\\"b"@', 'a"b@'],
    ],
    [
      '.bob@example.org',
      ['".bob"@example.org', '.bob@example.org', 'example.org', 'org', '".bob"@', '.bob@'],
    ],
    [
      '"a b+x"@example.org',
      [
        '"a b+x"@example.org',
        'a b+x@example.org',
        '"a b"@example.org',
        'a b@example.org',
        'example.org',
        'org',
        '"a b+x"@',
        'a b+x@',
        '"a b"@',
        'a b@',
      ],
    ],
    ['Bob+X@Example.ORG', ['bob+x@example.org', 'bob@example.org', 'example.org', 'org', 'bob+x@', 'bob@']],
    ['postmaster', ['postmaster', 'postmaster@']],
    ['<>', ['<>']],
  ];
  for (const [address, keys] of cases)
    it(`${address} are ${keys.join(' ')}`, async () => {
      const table = new Witness('keys');
      await accessByMailbox(table, parseMailbox(address), { extensionDelimiter: '+' });
      expect(table.asked).to.deep.equal(keys);
    });

  it('have no extension where there is no delimiter', async () => {
    const table = new Witness('keys');
    await accessByMailbox(table, parseMailbox('bob+x@example.org'));
    expect(table.asked).to.deep.equal(['bob+x@example.org', 'example.org', 'org', 'bob+x@']);
  });

  it('of lists are not split at a hyphen', async () => {
    for (const local of ['owner-list', 'list-request', 'mailer-daemon', 'double-bounce']) {
      const table = new Witness('keys');
      await accessByMailbox(table, parseMailbox(`${local}@example.org`), { extensionDelimiter: '+-' });
      expect(table.asked).to.deep.equal([`${local}@example.org`, 'example.org', 'org', `${local}@`]);
    }
  });

  it('in a table of patterns are the whole address, quoted and not', async () => {
    const table = new Witness('patterns');
    await accessByMailbox(table, parseMailbox('"a b+x"@example.org'), { extensionDelimiter: '+' });
    expect(table.asked).to.deep.equal(['"a b+x"@example.org', 'a b+x@example.org']);
  });
});

describe('A search', () => {
  for (const late of [false, true]) {
    it(`ends with what is found, DUNNO too, ${late ? 'later' : 'at once'}`, async () => {
      const table = new Witness('keys', { 'example.org': entry('DUNNO'), org: entry('REJECT') }, late);
      expect(said(await accessByDomain(table, 'a.example.org'))).to.equal('DUNNO');
      expect(table.asked).to.deep.equal(['a.example.org', 'example.org']);
    });

    it(`ends with a temperror, ${late ? 'later' : 'at once'}`, async () => {
      const table = new Witness(
        'keys',
        { 'example.org': { kind: 'temperror', why: 'w' }, org: entry('REJECT') },
        late,
      );
      expect(said(await accessByDomain(table, 'a.example.org'))).to.equal('temperror: w');
      expect(table.asked).to.deep.equal(['a.example.org', 'example.org']);
    });
  }
});
