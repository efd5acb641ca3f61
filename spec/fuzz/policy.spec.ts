/** Whatever is written as a rule, as a table's name or as a table's result: it is read, or there is a problem with its place. */

import { expect } from 'chai';
import * as fc from 'fast-check';
import { readAccessResult } from '../../lib/rules/access-result.ts';
import { GONE_WORDS, OLD_WORDS, STAYS_IN_POSTFIX, WORDS } from '../../lib/rules/policy-words.ts';
import { readRestrictions } from '../../lib/rules/restrictions.ts';
import { OLD_SPELLINGS } from '../../lib/checks/postfix-replies.ts';
import { parseTableName } from '../../lib/tables/table-name.ts';

const OLD: Readonly<Record<string, string>> = { ...OLD_SPELLINGS, ...OLD_WORDS };
const words = [WORDS, GONE_WORDS, STAYS_IN_POSTFIX, OLD].flatMap((all) => Object.keys(all));
const slipped = fc.tuple(fc.constantFrom(...words), fc.nat(40), fc.string({ maxLength: 2 }));
const token = fc.oneof(
  fc.constantFrom(...words),
  fc.constantFrom(...words).map((word) => word.toUpperCase()),
  slipped.map(([word, at, put]) => word.slice(0, at) + put + word.slice(at + 1)),
  fc.constantFrom(
    ...[
      'hash:/x',
      'cidr:',
      'inline:{',
      'inline:{a=OK}',
      'pcre:{{/a/ OK}}',
      '/etc/x',
      '{',
      '}',
      '__proto__',
      'delay=5m',
      '5m',
      'mail_from_fail=defer',
      'zen.example=127.0.0.[2..11]',
      'zen.example=127.0.[0..',
      '12',
    ],
  ),
  fc.string({ unit: 'binary', maxLength: 4 }),
);
const separator = fc.constantFrom(' ', ', ', ',', '\n  ', '\t', '\u00a0', '\u2028', '');
const rules = fc.array(fc.tuple(token, separator), { maxLength: 20 }).map((parts) => parts.flat().join(''));
const anything = fc.oneof(fc.string({ unit: 'binary' }), rules);

describe('readRestrictions', () => {
  it('finds in any text rules that stand there, and problems with a place in it', () => {
    fc.assert(
      fc.property(anything, (text) => {
        const { restrictions, remarks } = readRestrictions(text);
        expect(restrictions.length + remarks.length).to.be.greaterThan(0);
        for (const { within, what } of remarks) {
          expect(within).to.be.within(0, text.length);
          expect(what).to.match(/^[^\p{Cc}\u2028\u2029]{1,400}$/u);
        }
        for (const { word, written, table, within } of restrictions) {
          const there = text.slice(within).toLowerCase();
          const names = [word, ...Object.keys(OLD).filter((old) => OLD[old] === word)];
          const starts = names.some((name) => there.startsWith(name));
          expect(starts || (table !== null && text.startsWith(table, within)), written).to.equal(true);
        }
        expect(restrictions.map(({ within }) => within)).to.deep.equal(
          restrictions.map(({ within }) => within).toSorted((a, b) => a - b),
        );
      }),
      { numRuns: 3000 },
    );
  });

  it('reads what it has written the same again', () => {
    fc.assert(
      fc.property(rules, (text) => {
        const { restrictions } = readRestrictions(text);
        fc.pre(restrictions.length > 0);
        const again = readRestrictions(restrictions.map(({ written }) => written).join(', '));
        const bare = ({ word, table, warnOnly }: (typeof restrictions)[number]): object => ({
          word,
          table,
          warnOnly,
        });
        expect(again.restrictions.map(bare)).to.deep.equal(restrictions.map(bare));
      }),
      { numRuns: 1000 },
    );
  });

  // A quadratic one would need minutes here, and mocha gives it ten seconds.
  it('comes to the end of a long text of any one thing', () => {
    for (const unit of [
      ...words,
      'x',
      '/',
      '{',
      '}',
      '{}',
      ',',
      '"',
      'hash:/x',
      'inline:{a=b}',
      'warn_if_reject x',
      'permit_mynetwork',
    ])
      for (const gap of ['', ' ', ','])
        readRestrictions((unit + gap).repeat(50_000 / (unit.length + gap.length)));
  }).timeout(30_000);
});

describe('readAccessResult', () => {
  const status = fc.constantFrom(
    '5.7.1',
    '4.1.8',
    '2.0.0',
    '5.7.',
    '9.9.9',
    '5.1000.1',
    '550',
    '450',
    '999',
    '40',
    '',
  );
  const action = fc.constantFrom(
    ...'OK RELAY DUNNO REJECT DEFER DEFER_IF_PERMIT DEFER_IF_REJECT DISCARD HOLD WARN INFO PREPEND FILTER 550 450 299'.split(
      ' ',
    ),
  );
  const blank = fc.constantFrom(' ', '  ', '\t', '\u00a0', '');
  const result = fc
    .tuple(blank, action, blank, status, blank, fc.oneof(fc.string(), rules), blank)
    .map((parts) => parts.join(''));

  it('makes of any text something that can be carried out, or says what is wrong', () => {
    fc.assert(
      fc.property(fc.oneof(anything, result), (text) => {
        const read = readAccessResult(text);
        if (!read.ok) {
          expect(read.what).to.match(/^[^\p{Cc}\u2028\u2029]{1,400}$/u);
          return;
        }
        const { value } = read;
        if (value.kind === 'rules') expect(value.restrictions).not.to.be.empty;
        if (!('class' in value)) return;
        if (value.code !== null) expect(Math.trunc(value.code / 100)).to.equal(value.class);
        if (value.status !== null)
          expect(value.status).to.match(new RegExp(`^${value.class}\\.\\d{1,3}\\.\\d{1,3}$`));
        if (value.kind !== 'refuse') expect(value.class).to.equal(4);
        if (value.text !== null) expect(value.text.trim()).to.equal(value.text);
      }),
      { numRuns: 3000 },
    );
  });

  it('comes to the end of a long text', () => {
    for (const text of ['x\t', 'OK\ty\t', '550 5.7.1\ty\t', ' ', '1'])
      readAccessResult(`${text}${'\t'.repeat(200_000)}${text}${' '.repeat(200_000)}z`);
  });
});

describe('parseTableName', () => {
  const type = fc.constantFrom(
    'hash:',
    'cidr:{{',
    'inline:{',
    'proxy:',
    'proxy:proxy:',
    'HASH:',
    'regex:',
    '',
    ':',
  );
  const written = fc.tuple(type, anything, fc.constantFrom('', '}', '}}')).map((parts) => parts.join(''));

  it('answers any text, and what it understands it understands again', () => {
    fc.assert(
      fc.property(fc.oneof(anything, written), (text) => {
        const parsed = parseTableName(text);
        if (!parsed.ok) expect(parsed.what).to.match(/^[^\p{Cc}\u2028\u2029]{1,400}$/u);
        else expect(parseTableName(parsed.name.text)).to.deep.equal(parsed);
      }),
      { numRuns: 3000 },
    );
  });
});
