/** Owns the tables and keys that are put to Postfix and to us. */

export const KEY_FILE = String.raw`# comment
  # indented comment

A b1
B@x.example   REJECT  two  blanks
"q k" quoted
"a\"b" backslash
bs\ x escaped blank
a second
only
"unbalanced value
key: colon
MULTI one
   two
# comment within

	three  
Ärger umlaut
last value`;

export const KEY_KEYS = [
  ...[
    'a',
    'A',
    'b@x.example',
    'B@X.EXAMPLE',
    '"q k"',
    '"Q K"',
    'q k',
    'q',
    '"a\\"b"',
    'a"b',
    'bs\\ x',
    'bs\\',
    'bs',
  ],
  ...[
    'only',
    '"unbalanced',
    'key',
    'key:',
    'multi',
    'one',
    'two',
    'three',
    '#',
    '# comment',
    'ärger',
    'Ärger',
    'last',
    'nothing',
  ],
];

export const CIDR_FILE = `# networks
192.0.2.1 one
192.0.2.0/24 net
[198.51.100.1] bracket
[198.51.100.0]/25 bracket mask
[198.51.100.128/25] mask in bracket
IF 10.0.0.0/8
!10.1.0.0/16 not ten one
if !10.1.2.0/24
10.1.0.0/17 low half
endif
10.1.2.3 deep
ENDIF
! ! 172.16.0.0/12 twice not
203.0.113.0/024  long mask
203.0.113.0/24 second
2001:DB8::/32 six
2001:db9::1 six host
::ffff:192.0.2.9 mapped
if 2001:db8:0::/48
10.2.0.0/16 never
endif
!fe80::/10 not link local
0.0.0.0/0 all four
  continued
`;

export const CIDR_KEYS = [
  ...[
    '192.0.2.1',
    '192.0.2.2',
    '192.0.3.1',
    '198.51.100.1',
    '198.51.100.2',
    '198.51.100.200',
    '10.0.0.1',
    '10.1.2.3',
    '10.1.3.4',
  ],
  ...[
    '10.1.200.1',
    '10.2.0.1',
    '172.16.5.5',
    '203.0.113.7',
    '2001:db8::1',
    '2001:0DB8:0::1',
    '2001:db9::1',
    '2001:db9::2',
  ],
  ...[
    '::ffff:192.0.2.9',
    '::ffff:192.0.2.1',
    'fe80::1',
    'ff02::1',
    '::',
    '0.0.0.0',
    '255.255.255.255',
    '8.8.8.8',
    'mx.example.org',
  ],
  ...['[192.0.2.1]', '192.0.2', '192.0.2.1.1', '192.0.02.1', 'fe80::1%eth0', '1', '::1'],
];

export const INLINE_TABLES: readonly (readonly [string, readonly string[]])[] = [
  [
    'inline:{A=b, {c=d e, f}, {"g h"=x=y}, a=z, {k = v w}}',
    ['a', 'A', 'b', 'c', 'C', '"g h"', 'g h', 'k', 'v'],
  ],
  ['inline:{a@example.org=OK b=REJECT}', ['a@example.org', 'b', 'a', 'A@EXAMPLE.ORG']],
  ['inline:{{a = {b}}}', ['a']],
  ['cidr:{{192.0.2.0/24 OK}, {::/0 six}}', ['192.0.2.1', '192.0.3.1', '::1']],
  ['regexp:{{/^a(.)/ got ${1}x}, {/b/ B}}', ['ab', 'cb', 'c']],
  ['pcre:{ {/^a{2}$/ two}, { !/x/ no x } }', ['aa', 'a', 'x']],
];

export interface PatternFile {
  readonly title: string;
  readonly lines: readonly string[];
  readonly keys: readonly string[];
  readonly only?: 'regexp' | 'pcre';
}

/** One pattern, tried alone. */
function each(
  title: string,
  patterns: readonly string[],
  keys: readonly string[],
  only?: 'regexp' | 'pcre',
): PatternFile[] {
  return patterns.map((pattern) => ({
    title: `${title} ${pattern}`,
    lines: [`${pattern} yes`],
    keys,
    ...(only === undefined ? {} : { only }),
  }));
}

const WORDS = [
  'a',
  'A',
  'b',
  'ab',
  'aa',
  'aab',
  'aaa',
  'abab',
  'a.b',
  'a/b',
  'a|b',
  'a b',
  'a_b',
  'x',
  '1',
  'd1',
  '\\',
  ')',
  '{',
  'a{,3}',
  '*',
  'foo bar',
  'xfoo',
  'a+b@example.org',
  'ä',
  '-',
  ']',
  '^',
  'AB',
  'aB',
];

export const PATTERN_FILES: readonly PatternFile[] = [
  {
    title: 'rules, conditions and substitution',
    lines: [
      '# comment',
      '/^owner-(.*)@(.*)$/ got $1 at ${2} and $(1) for $$5',
      '!/@/ no at',
      'if /example\\.org$/',
      '/^bob/i Bob',
      '/^BOB/i BIG',
      'if !/^carl/',
      '/^(dave)(\\+(.*))?@/ d=$1 e=${3}.',
      'endif',
      '/^c/  carl,',
      '   continued',
      'ENDIF',
      '|^a\\|b@| pipe',
      '~^(x|y)+$~ tilde',
      '! ! /^zed/ twice not',
      '/^never@ no delimiter',
      '/^flag/q no flag',
      '/^dollar/ costs $',
      '/^glued(.)/ $1x',
      '/^many(.)/ $2',
      '!/^neg(.)/ $1',
      'nonsense',
    ],
    keys: [
      'owner-list@example.org',
      'OWNER-x@y',
      'noat',
      'bob@example.org',
      'Bob@example.org',
      'BOB@example.org',
      'carl@example.org',
      'dave@example.org',
      'dave+x@EXAMPLE.ORG',
      'erin@example.org',
      'a|b@c',
      'b@',
      'zed@x',
      'never@x',
      'flag@x',
    ],
  },
  ...each(
    'common syntax:',
    [
      '/^a+$/',
      '/a|b/',
      '/^(a|b)*$/',
      '/^(ab)+$/',
      '/^a?b$/',
      '/[a-b]/',
      '/[^a]/',
      '/^[]a]$/',
      '/^[^]a]$/',
      '/[[:alpha:]][[:digit:]]/',
      '/^[[:space:]]*$/',
      '/a\\.b/',
      '/a\\/b/',
      '/^a{2}$/',
      '/^a{2,}$/',
      '/^a{1,2}b?$/',
      '/^a/i',
      '/A/i',
      '/a$/',
      '/()/',
      '/a||b/',
      '/^(a)\\1$/',
      '/\\bfoo\\b/',
      '/\\w-/',
      '/^\\W$/',
      '/^\\s/',
      '/^.$/',
      '/^..$/',
      '/ä/',
      '/^[a-z]+$/i',
      '/^[A-Z]+$/i',
      '/\\_/',
      '/\\@/',
      '/a b/',
      '/\\Bfoo/',
      '/^[\\.a]$/',
      '/^-$/',
      '/^[a-]$/',
      '/^[+-]$/',
      '/a{1,3}$/m',
      '/^(a|ab)(b|)$/',
    ],
    WORDS,
  ),
  ...each(
    'POSIX syntax:',
    [
      '/a++/',
      '/a**/',
      '/^a{2}{2}$/',
      '/^a+?$/',
      '/a)/',
      '/^{/',
      '/a{,3}$/',
      '/^\\d/',
      '/^\\x/',
      '/[\\w]/',
      '/^[\\d]$/',
      '/\\<foo\\>/',
      '/\\<b/',
      '/o\\>/',
      "/\\`a\\'/",
      '/(?=a)/',
      '/*a/',
      '/^*a/',
      '/a|*b/',
      '/[[:<:]]a/',
      '/a{1/',
      '/a{2,1}/',
      '/[b-a]/',
      '/(a/',
      '/[a/',
      '/a\\(b/',
      '/^\\(a\\)$/x',
      '/^a\\{2\\}$/x',
      '/^a\\+$/x',
      '/^*/x',
      '/\\B^/x',
      '/a\\|b/x',
      '/^(a)$/x',
      '/^\\(a\\)\\1$/x',
      '/[[.-.]]/',
      '/[[=a=]]/',
      '/^a/!/b/',
      '/a/!!/b/',
      '/\\t/',
      '/a\\{1\\}/',
      '/[[:nope:]]/',
      '/\\2(a)(b)/',
      '/^[^a]$/m',
    ],
    WORDS,
    'regexp',
  ),
  ...each(
    'Perl syntax:',
    [
      '/a++b/',
      '/^(?>a+)a/',
      '/^a+?$/',
      '/a)/',
      '/^\\d/',
      '/^[\\d]$/',
      '/[\\w.]+@/',
      '/(?=a)b/',
      '/^(?!a)/',
      '/(?<=a)b/',
      '/(?<!a)b/',
      '/^(?i)A$/i',
      '/^a(?-i)b|AB/',
      '/a(?#comment)b/',
      '/^a b$/x',
      '/^a\\ b$/x',
      '/^\\Qa.b\\E$/',
      '/^\\x61$/',
      '/^\\x{61}b/',
      '/^\\141$/',
      '/\\Aa\\z/',
      '/a\\Z/',
      '/^(?<n>a)\\k<n>$/',
      '/^(?P<n>a)\\g{n}$/',
      '/^(a)\\g{-1}$/',
      '/^(a)\\g1$/',
      '/^\\h$/',
      '/^a\\hb$/',
      '/^\\N+$/',
      '/[[:<:]]b/',
      '/o[[:>:]]/',
      '/[[:^alpha:]]/',
      '/a{,3}/',
      '/^{/',
      '/*a/',
      '/a**/',
      '/a{2}{3}/',
      '/[a-\\d]/',
      '/b/A',
      '/a.b/s',
      '/a$/E',
      '/^a.*b/U',
      '/\\K/',
      '/a\\Kb/',
      '/^(?:a|b)$/',
      '/^(?:(?:a))+$/',
      '/\\q/',
      '/\\R/',
      '/^[\\x61-\\x62]$/',
      '/^\\\\$/',
      '/a/X',
      '/^(?:a{1,2}){2}$/',
      '/^(?s-i:A)b/',
      '/\\c/',
      '/a\\',
      '/(?/',
      '/(?Z)/',
      '/[z-a]/',
      '/\\x{100}/',
      '/^\\o{141}$/',
      '/[\\b]/',
      '/^*a/',
      '/\\b+a/',
      '/^a(?#comment)*$/',
      '/^ a (?# c ) b # c/x',
      '/a(?#open/',
    ],
    WORDS,
    'pcre',
  ),
  { title: 'longest match', lines: ['/^(a|ab)(c|bcd)?/ $1'], keys: ['abx', 'ax'], only: 'pcre' },
  { title: 'groups', lines: ['/^(a)(b)?(c*)$/ 1=$1 2=$2 3=$3.'], keys: ['a', 'ab', 'acc', 'abc', 'ABC'] },
  {
    title: 'groups with a lookahead',
    lines: ['/^(?!x)(.)(?>(.))(.)/ $1-$2-$3'],
    keys: ['abc', 'xbc', 'ABCD'],
    only: 'pcre',
  },
  { title: 'substituted bytes', lines: ['/^(.)(.)@/ $1$2'], keys: ['ä@x', 'ab@x'] },
];
