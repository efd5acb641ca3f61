import { expect } from 'chai';
import { parseTableName } from '../../lib/tables/table-name.ts';

describe('A table name', () => {
  const good: readonly [string, string, string][] = [
    ['hash:/etc/postfix/access', 'keys', 'keys'],
    ['lmdb:/etc/postfix/access', 'keys', 'keys'],
    ['texthash:access', 'keys', 'keys'],
    ['btree:/x', 'keys', 'keys'],
    ['dbm:/x', 'keys', 'keys'],
    [' cidr:/etc/postfix/clients ', 'cidr', 'networks'],
    ['regexp:/x', 'regexp', 'patterns'],
    ['pcre:/x', 'pcre', 'patterns'],
    ['inline:{a=b}', 'inline', 'keys'],
    ['pcre:{{/a/ OK}, {/b/ REJECT}}', 'pcre', 'patterns'],
  ];
  for (const [text, kind, style] of good)
    it(`${text} is a table of ${kind}`, () => {
      const parsed = parseTableName(text);
      expect(parsed.ok && { kind: parsed.name.kind, style: parsed.name.style }).to.deep.equal({
        kind,
        style,
      });
    });

  const bad: readonly [string, string, string | null][] = [
    [
      'hash:/etc/中.db',
      '"hash:/etc/中.db" is what postmap makes',
      'name the text that it is made from: hash:/etc/中',
    ],
    [
      'cidr:{{a\u001b[31m} {b}x}',
      '"{b}x" has a { without its }, or something after it',
      'write cidr:{{rule}, {rule}}',
    ],
    [
      'cidr:{{a\u001b[31m\u2028}x}',
      '"{a?[31m?}x" has a { without its }, or something after it',
      'write cidr:{{rule}, {rule}}',
    ],
    [
      '/etc/postfix/access',
      '"/etc/postfix/access" does not say what kind of table it is',
      'write hash:/etc/postfix/access, or cidr: regexp: pcre:',
    ],
    [
      'access',
      '"access" does not say what kind of table it is',
      'write hash: cidr: regexp: pcre: and the file, or inline:{key=value}',
    ],
    [
      '',
      '"" does not say what kind of table it is',
      'write hash: cidr: regexp: pcre: and the file, or inline:{key=value}',
    ],
    ['hash:', '"hash:" names no file', 'write hash:/etc/postfix/access'],
    [
      'hash:/etc/postfix/access.db',
      '"hash:/etc/postfix/access.db" is what postmap makes',
      'name the text that it is made from: hash:/etc/postfix/access',
    ],
    ['regex:/x', 'there is no kind of table called regex:', 'did you mean regexp:?'],
    ['CIDR:/x', 'there is no kind of table called CIDR:', 'did you mean cidr:?'],
    ['cdir:/x', 'there is no kind of table called cdir:', 'did you mean cidr:?'],
    [
      'mysql:/etc/postfix/my.cf',
      "mysql: tables can't be read by Postern",
      'leave the restriction that uses it in main.cf, or write the entries to a hash: file',
    ],
    [
      'static:OK',
      "static: tables can't be read by Postern",
      'leave the restriction that uses it in main.cf, or write the entries to a hash: file',
    ],
    ['proxy:hash:/x', 'proxy: is a daemon of Postfix', 'write hash:/x'],
    [
      'inline:{a=b',
      '"inline:{a=b" has no { and } around its entries',
      'write inline:{key=value, {key=value, with blanks}}',
    ],
    ['inline:{}', '"inline:{}" is empty', 'write inline:{key=value, {key=value, with blanks}}'],
    [
      'cidr:{192.0.2.0/24 OK}',
      '"cidr:{192.0.2.0/24 OK}": each rule stands in { } of its own',
      'write cidr:{{rule}, {rule}}',
    ],
  ];
  for (const [text, what, instead] of bad)
    it(`${JSON.stringify(text)} is none: ${what}`, () => {
      expect(parseTableName(text)).to.deep.equal({ ok: false, what, instead });
    });
});
