/** What `lists:` names outside postern.yaml: keys, and a newer file of known lists. Broken ones stop no mail. */

import { expect } from 'chai';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import fc from 'fast-check';
import type { Config } from '../../lib/config/config.ts';
import type { ListFiles } from '../../lib/config/list-files.ts';
import { loadConfig } from '../../lib/config/load-config.ts';
import { readConfig } from '../../lib/config/read-config.ts';
import { keyIn } from '../../lib/lists/list-keys.ts';
import { BUNDLED_LISTS } from '../../lib/lists/known-lists.ts';
import { formatProblem } from '../../lib/yaml/problem.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const KEY = 'k3y0123456789abcdefghij012';

const folder = temporaryFolder();

/** The configuration, and what was said of it, the folder left out. */
function load(text: string, env: Record<string, string> = {}): { config: Config; said: string[] } {
  const file = join(folder(), 'postern.yaml');
  writeFileSync(file, text);
  const loaded = loadConfig(file, folder(), undefined, env);
  if (!loaded.ok) throw new Error(loaded.problems.map(formatProblem).join('\n'));
  const said = loaded.warnings.map((problem) => formatProblem(problem).replaceAll(`${folder()}/`, ''));
  return { config: loaded.config, said };
}

const RULE = 'policy: ["reject_rbl_client ${dqs}.zen.dq.spamhaus.net=127.0.0.[2..11]"]\n';

function ofKey(written: string): { asked: unknown; said: string[]; config: Config } {
  const { config, said } = load(`${RULE}lists: { key_files: { dqs: "${written}" } }\n`, {
    DQS: ` ${KEY}\n`,
    EMPTY: ' ',
  });
  return { asked: config.listKeys.zoneToAsk('${dqs}.zen.dq.spamhaus.net'), said, config };
}

describe('The key of a DNS list', () => {
  const right: readonly (readonly [what: string, content: string])[] = [
    ['alone', KEY],
    ['with a line end', `${KEY}\n`],
    ['with blanks and CR LF', `  ${KEY} \r\n`],
    ['with notes in other lines', `${KEY}\n# of account 7\n`],
    ['in capitals', KEY.toUpperCase()],
    ['behind a byte order mark', `\ufeff${KEY}\n`],
  ];
  for (const [what, content] of right)
    it(`is taken from a file where it stands ${what}`, () => {
      writeFileSync(join(folder(), 'dqs.key'), content);
      const { asked, said } = ofKey(`${folder()}/dqs.key`);
      expect(asked).to.deep.equal({ ok: true, zone: `${KEY}.zen.dq.spamhaus.net` });
      expect(said).to.deep.equal([]);
    });

  it('is taken from the environment', () => {
    expect(ofKey('${DQS}').asked).to.deep.equal({ ok: true, zone: `${KEY}.zen.dq.spamhaus.net` });
  });

  const wrong: readonly (readonly [what: string, content: string, why: string])[] = [
    ['is empty', '', 'there is no key in dqs.key'],
    ['has a key behind an empty line', `\n${KEY}`, 'what is in dqs.key is not a key'],
    ['has a zone in it', `${KEY}.zen.dq.spamhaus.net`, 'what is in dqs.key is not a key'],
    ['has a sentence in it', `my key is ${KEY}`, 'what is in dqs.key is not a key'],
    ['has an assignment in it', `DQS=${KEY}`, 'what is in dqs.key is not a key'],
    ['has no text in it', `${KEY}\0`, 'what is in dqs.key is not a key'],
    ['is huge', KEY.repeat(200), 'dqs.key is too large for a key'],
  ];
  for (const [what, content, why] of wrong)
    it(`is not there, in a file that ${what}; that is said, and never what was read`, () => {
      writeFileSync(join(folder(), 'dqs.key'), content);
      const { asked, said } = ofKey(`${folder()}/dqs.key`);
      expect(JSON.stringify(asked).replace(`${folder()}/`, ''))
        .to.match(/^\{"ok":false,/)
        .and.contain(why);
      expect(JSON.stringify(asked)).not.to.contain(KEY);
      expect(said).to.have.length(1);
      expect(said[0])
        .to.match(/^postern\.yaml:2:\d+: warning: lists\.key_files: /)
        .and.contain(why);
      expect(said[0]).not.to.contain(KEY);
    });

  const SET = 'set it where Postern is started, or name a file, then restart the service';
  for (const [written, why, instead] of [
    [
      '/nonexistent/dqs.key',
      'there is no file /nonexistent/dqs.key',
      'write the key into it, or remove it from lists.key_files, then: postern reload',
    ],
    ['${NONE}', '${NONE} is not set', SET],
    ['${EMPTY}', '${EMPTY} is not set', SET],
  ] as const)
    it(`is not there: ${why}`, () => {
      expect(ofKey(written).asked).to.deep.equal({ ok: false, why, instead });
    });

  it('is not there where it may not be read; who mends it is told how', () => {
    const files: ListFiles = {
      read: () => ({ ok: false, why: 'not readable', code: 'EACCES' }),
      variable: () => undefined,
    };
    const text = `${RULE}lists: { key_files: { dqs: /etc/postern/dqs.key } }\n`;
    const read = readConfig(text, 'postern.yaml', { stateDirectory: '/nonexistent', files });
    expect(read.ok && read.config.listKeys.zoneToAsk('${dqs}.zen.dq.spamhaus.net')).to.deep.equal({
      ok: false,
      why: '/etc/postern/dqs.key can not be read',
      instead:
        'chgrp postern /etc/postern/dqs.key && chmod 0640 /etc/postern/dqs.key (with the group of the user that runs postern), then: postern reload',
    });
  });

  it('is not there, in a folder', () => {
    mkdirSync(join(folder(), 'keys'));
    expect(JSON.stringify(ofKey(`${folder()}/keys`).asked)).to.contain('is not a file');
  });

  it('is in nothing that shows a configuration', () => {
    writeFileSync(join(folder(), 'dqs.key'), KEY);
    const { config } = ofKey(`${folder()}/dqs.key`);
    expect(inspect(config, { depth: 20, showHidden: true })).not.to.contain(KEY);
    expect(JSON.stringify(config)).not.to.contain(KEY);
  });

  it('is one label of a name, whatever is written', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom('a', '1', '-', '.', '\n', ' ') })),
        (text) => {
          const key = keyIn(text);
          return key === null || /^[a-z0-9][a-z0-9_-]{3,61}[a-z0-9]$/.test(key);
        },
      ),
    );
  });
});

const NEWER = {
  version: '1.3',
  date: '2027-02-01',
  lists: [
    { name: 'Ours', zone: 'bl.example.org', kind: 'white', permit: '127.0.0.5' },
    { name: 'ZEN', zone: 'zen.spamhaus.org', kind: 'black', state: 'dead', since: '2027-01' },
  ],
};

function ofData(content: string, policy = 'policy: [permit]\n'): { config: Config; said: string[] } {
  writeFileSync(join(folder(), 'lists.json'), content);
  return load(`${policy}lists: { data: ${folder()}/lists.json }\n`);
}

describe('A newer file of known lists', () => {
  it('is what the rules are judged by, wherever they stand in the file', () => {
    const policy = `policy:
  - reject_rbl_client zen.spamhaus.org=127.0.0.[2..11]
  - dnsbl_score: { sites: ["zen.spamhaus.org*2"], reject: 2 }
  - reject_rbl_client bl.example.org=127.0.0.5
`;
    const { config, said } = ofData(JSON.stringify(NEWER), policy);
    expect(config.knownLists.date).to.equal('2027-02-01');
    expect(config.knownLists.all).to.have.length(2);
    expect(said).to.deep.equal([
      'postern.yaml:2:23: warning: policy: the list zen.spamhaus.org is dead since 2027-01; remove it',
      'postern.yaml:3:28: warning: policy.dnsbl_score.sites: the list zen.spamhaus.org is dead since 2027-01; remove it',
      'postern.yaml:4:23: warning: policy: bl.example.org lists good senders; write permit_dnswl_client bl.example.org=127.0.0.5',
    ]);
    const when = ofData(
      JSON.stringify(NEWER),
      'policy: [{ when: { not: { dnsbl: zen.spamhaus.org } }, then: reject }]\n',
    );
    expect(when.said).to.deep.equal([
      'postern.yaml:1:34: warning: policy: the list zen.spamhaus.org is dead since 2027-01; remove it',
    ]);
    // It is of this file alone.
    expect(load('policy: ["reject_rbl_client zen.spamhaus.org=127.0.0.[2..11]"]\n').said).to.deep.equal([]);
  });

  it('that is broken is told of with its line, and the bundled one stays in use', () => {
    const content = JSON.stringify(NEWER, null, 2).replace('"127.0.0.5"', '"127.0.0.5-7"');
    const { config, said } = ofData(content);
    expect(config.knownLists).to.equal(BUNDLED_LISTS);
    expect(said).to.deep.equal([
      'postern.yaml:2:16: warning: lists.data: lists.json is broken: the lists that came with Postern stay in use; mend it, or write bundled',
      'lists.json:9:17: warning: lists.0.permit: a range needs brackets; write [5..7]',
    ]);
  });

  const broken: readonly (readonly [what: string, content: string, said: RegExp])[] = [
    [
      'is cut off',
      '{\n  "version": "1.0",\n  "lists": [',
      /^lists\.json:\d+:\d+: warning: this is not JSON; is it whole\?$/,
    ],
    ['is empty', '', /^lists\.json:1:1: warning: this is not JSON/],
    [
      'is of a larger version',
      '{\n "version": "2.0" }',
      /^lists\.json:2:13: warning: version: it is of version 2/,
    ],
    ['is something else', '[1, 2]', /^lists\.json:1:1: warning: this is not a list of keys/],
  ];
  for (const [what, content, told] of broken)
    it(`that ${what} is not used`, () => {
      const { config, said } = ofData(content);
      expect(config.knownLists).to.equal(BUNDLED_LISTS);
      expect(said[1]).to.match(told);
    });

  it('that is not there is not used, and the config is', () => {
    const { config, said } = load('lists: { data: /nonexistent/lists.json }\n');
    expect(config.knownLists).to.equal(BUNDLED_LISTS);
    expect(said[0]).to.contain(
      'lists.data: /nonexistent/lists.json: there is no such file: the lists that came',
    );
  });

  it('is read or refused, whatever is in it', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.json(), fc.constantFrom('{"version":"1.0"}', '{"lists":{}}')),
        (content) => {
          expect(ofData(content).config.knownLists).to.equal(BUNDLED_LISTS);
        },
      ),
      { numRuns: 60 },
    );
  });

  const long: readonly (readonly [what: string, content: string])[] = [
    ['faults in every line', `{"version":"1.0","date":"x","lists":[${'0,'.repeat(500_000)}0]}`],
    ['brackets in brackets', `{"version":"1.0","lists":${'['.repeat(500_000)}${']'.repeat(500_000)}}`],
  ];
  for (const [what, content] of long)
    it(`of a megabyte with ${what} is refused before anybody waits`, function () {
      // It was minutes.
      this.timeout(8000);
      expect(ofData(content).said.length).to.be.within(3, 21);
    });

  it('may be unreadable', () => {
    // Not even root can read the memory at address 0.
    const { said } = load('lists: { data: /proc/self/mem }\n');
    expect(said[0]).to.contain('/proc/self/mem: it can not be read');
  });
});
