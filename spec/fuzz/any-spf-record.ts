/** Owns random SPF records and their macros, by the grammar of RFC 7208 and beside it. */

import fc from 'fast-check';

export const some = <T>(...values: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...values);
const joined = (...parts: readonly fc.Arbitrary<string>[]): fc.Arbitrary<string> =>
  fc.tuple(...parts).map((texts) => texts.join(''));

/** Joined by dots whatever divided them (RFC 7208 §7.1): pyspf does that for these two letters only. */
const divided = joined(
  some('s', 'l', 'S', 'L'),
  some('', '', '1', '2', '3', '9'),
  some('', 'r'),
  some('', '', '-', '.', '+-', '=_/'),
);
const undivided = joined(
  some('o', 'd', 'i', 'v', 'h', 'O', 'D', 'H'),
  some('', '', '1', '2', '3', '9'),
  some('', 'r'),
  some('', '.'),
);
export const macro = fc.oneof(divided, undivided).map((inside) => `%{${inside}}`);

/** Below it there is an address or none, by every letter of the name. */
export const HASHED = '.hash.example';

const hashed = fc
  .array(fc.oneof(macro, some('x', 'y-1', '%%', '%_', '%-')), { minLength: 1, maxLength: 3 })
  .map((parts) => `${parts.join('.')}${HASHED}`);

/** Each names only those behind it, so that nothing leads in a circle. */
export const DOMAINS = ['a.example', 'b.example', 'c.example', 'd.example'];

const host = some(
  '',
  ':host.example',
  ':hosts.example',
  ':other.example',
  ':none.example',
  ':slow.example',
  ':%{d}',
  ':mx.%{o}',
);
const cidr = some('', '', '', '/32', '/24', '/0', '//128', '//64', '/25//32', '//0', '/8//16');

function sound(later: readonly string[]): fc.Arbitrary<string> {
  const mechanism = fc.oneof(
    joined(some('a', 'mx', 'A', 'Mx'), host, cidr),
    joined(some('ip4:192.0.2.0', 'ip4:192.0.2.10', 'ip4:198.51.100.7'), some('', '/24', '/31', '/32', '/0')),
    joined(
      some('ip6:2001:db8::', 'ip6:2001:DB8::10', 'ip6:::', 'ip6:::ffff:192.0.2.10'),
      some('', '/32', '/127', '/0'),
    ),
    hashed.map((name) => `exists:${name}`),
    some(...later, ...later, ...later, 'none.example', 'slow.example').map((name) => `include:${name}`),
    some('ptr', 'ptr:example', 'ptr:a.example', 'ptr:ptr.example', 'ptr:%{d}'),
    some('all'),
  );
  return joined(some('', '', '+', '-', '~', '?'), mechanism);
}

/**
 * Not by the grammar, mostly. Left out is what pyspf lets pass: `%{d0}`, `%{dr2}`, an open `%{`, control characters,
 * modifiers in capitals, `+exists` without a name; and `%%` at the end, which it does not.
 */
const odd = joined(
  some('', '', '+', '-', '!', '~~'),
  some(
    'a',
    'mx',
    'ptr',
    'exists',
    'include',
    'ip4',
    'ip6',
    'all',
    'redirect',
    'exp',
    'x-y',
    'A',
    'IP4',
    'a.b',
    'x_1',
    '1x',
    '',
  ),
  some('', ':', '=', '/', '::', ':/', '=:'),
  fc
    .array(
      some(
        ...[
          'host.example',
          'a.example',
          'ex',
          'x'.repeat(64),
          '%{d}',
          '%{i}',
          '%{l1r-}',
          '%{q}',
          '}',
          '192.0.2.10',
          '192.0.2',
          '2001:db8::',
        ],
        ...['.', '-', '_', '/', '//', ':', '::', ',', '"', '=', '@', '24', '128', '0', '33', '1'],
      ),
      { maxLength: 3 },
    )
    .map((parts) => parts.join('')),
  some('', '', '/24', '//64', '/24//64', '/', '//', '/024', '/33', '//129'),
).filter((each) => !/^[+-]exists$/.test(each));

/** `later`: the domains that it may name; `oddities`: of a hundred terms how many are odd. */
export function record(later: readonly string[], oddities: number): fc.Arbitrary<string> {
  const term = fc.oneof(
    { weight: 100 - oddities, arbitrary: sound(later) },
    { weight: oddities, arbitrary: odd },
  );
  return fc
    .record({
      terms: fc.array(term, { maxLength: 6 }),
      end: some(
        '',
        '',
        '',
        '-all',
        '~all',
        '?all',
        ...later.map((name) => `redirect=${name}`),
        'redirect=none.example',
      ),
      explanation: some('', '', 'exp=why.example', 'exp=%{d}.why.example', 'exp=two.example'),
      gap: some(' ', ' ', '  '),
    })
    .map(({ terms, end, explanation, gap }) =>
      ['v=spf1', explanation, ...onceEach(terms), end].filter((each) => each !== '').join(gap),
    );
}

/** An unknown modifier may stand there twice (RFC 7208 §6), but not for pyspf. */
function onceEach(terms: readonly string[]): readonly string[] {
  const names = terms.map((term) => /^([a-z][\w.-]*)=/i.exec(term)?.[1]?.toLowerCase());
  return terms.filter((_, i) => {
    const name = names[i];
    return name === undefined || name === 'exp' || name === 'redirect' || names.indexOf(name) === i;
  });
}
