/** Who may read the keys of DNS lists, and where they are never to be read. */

import { chmodSync, chownSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { thisMachine } from '../../lib/cli/machine.ts';
import { loadConfig } from '../../lib/config/load-config.ts';
import { formatProblem } from '../../lib/yaml/problem.ts';
import { openTables } from '../../lib/config/open-tables.ts';
import { readConfig } from '../../lib/config/read-config.ts';
import { Source } from '../../lib/yaml/source.ts';
import type { Reread } from '../../lib/tables/open-table.ts';
import { parseTableName } from '../../lib/tables/table-name.ts';
import { without } from '../support/without.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const KEY = 'abcdefghijklmnopqrstuvwxyz';
/** It is known for one by its looks alone. */
const LIKE_A_KEY = 'k3y0123456789abcdefghij012';

describe('The keys of DNS lists', () => {
  const folder = temporaryFolder();

  /** What `check` says, the folder left out. */
  function said(name: string, mode: number, text: string): readonly string[] {
    const file = join(folder(), name);
    writeFileSync(file, text);
    chmodSync(file, mode);
    const loaded = loadConfig(file, folder(), thisMachine);
    return (loaded.ok ? loaded.warnings : loaded.problems)
      .map(formatProblem)
      .map((line) => line.replaceAll(folder(), ''));
  }

  it('in a config that everybody may read are warned of', () => {
    const rule = `policy: reject_rbl_client ${KEY}.zen.dq.spamhaus.net=127.0.0.[2..11]\n`;
    expect(said('open.yaml', 0o644, rule)).to.deep.equal([
      '/open.yaml:1:9: warning: policy: everybody on this machine may read the key of zen.dq.spamhaus.net in this file; type: chgrp postern /open.yaml && chmod 0640 /open.yaml (with the group of the user that runs postern), or keep it in a file of lists.key_files',
    ]);
    expect(said('closed.yaml', 0o640, rule)).to.deep.equal([]);
    const site = `policy: [{ dnsbl_score: { sites: ["${KEY}.zen.dq.spamhaus.net=127.0.0.[2..11]"], reject: 1 } }]\n`;
    expect(said('score.yaml', 0o644, site)).to.have.length(1);
  });

  it('in files that everybody may read are warned of, and files that are not there', () => {
    for (const [name, mode] of [
      ['closed.key', 0o640],
      ['open key', 0o604],
    ] as const) {
      writeFileSync(join(folder(), name), KEY);
      chmodSync(join(folder(), name), mode);
    }
    const text = `policy:
  - reject_rbl_client \${a}.zen.dq.spamhaus.net=127.0.0.[2..11]
  - reject_rbl_client \${B}.combined.mail.abusix.zone=127.0.0.2
  - reject_rhsbl_sender \${c}.dbl.dq.spamhaus.net=127.0.1.[2..99]
  - reject_rhsbl_helo \${d}.dbl.dq.spamhaus.net=127.0.1.[2..99]
lists: { key_files: { a: ${folder()}/closed.key, b: "${folder()}/open key", c: ${folder()}/none, d: "\${DQS}" } }
socket_owner: root
`;
    expect(said('files.yaml', 0o644, text)).to.deep.equal([
      "/files.yaml:6:21: warning: lists.key_files: everybody on this machine may read the key in /open key; type: chgrp postern '/open key' && chmod 0640 '/open key' (with the group of the user that runs postern)",
      '/files.yaml:6:21: warning: lists.key_files: there is no file /none; write the key into it, or remove it from lists.key_files',
      '/files.yaml:6:21: warning: lists.key_files: ${DQS} is not set; set it where Postern is started, or name a file',
    ]);
  });

  it('in files that root alone may read are warned of where another user seems to run Postern', function () {
    if (process.getuid?.() !== 0) without(this, 'a file of root', 'root');
    const key = join(folder(), 'root.key');
    writeFileSync(key, KEY);
    const text = (owner: string): string => `socket_owner: ${owner}
policy: reject_rbl_client \${a}.zen.dq.spamhaus.net=127.0.0.[2..11]
lists: { key_files: { a: ${key} } }
`;
    const warning =
      '/root.yaml:3:21: warning: lists.key_files: only root may read the key in /root.key, and nobody is who runs Postern, it seems; type: chgrp postern /root.key && chmod 0640 /root.key (with the group of the user that runs postern)';
    for (const mode of [0o600, 0o640]) {
      chmodSync(key, mode);
      expect(said('root.yaml', 0o644, text('nobody'))).to.deep.equal([warning]);
      expect(said('root.yaml', 0o644, text('root'))).to.deep.equal([]);
    }
    chownSync(key, 0, 65_534);
    expect(said('root.yaml', 0o644, text('nobody'))).to.deep.equal([]);
    chmodSync(key, 0o600);
    expect(said('root.yaml', 0o644, text('nobody'))).to.deep.equal([warning]);
  });

  it('stand in no message, whatever is wrong around them', () => {
    const zone = `${KEY}.zen.dq.spamhaus.net`;
    for (const text of [
      `policy: reject_rbl_client ${zone}`,
      `policy: ${zone}`,
      `policy: [reject_rbl_client ${zone}=127.0.0.[2..11], permit]`,
      `policy: reject_rbl_client ${zone}=127.0.0.[1..11], reject_rbl_client ${zone}=127.0.0.[1..11]`,
      `policy: permit, reject_rbl_client ${zone}=127.0.0.2, ${zone}`,
      `policy: greylist, skip_greylist_dnswl_client ${zone.toUpperCase()}=127.0.0.2`,
      `policy: check_client_access ${zone}`,
      `policy: reject_rbl_client ${zone}..=x`,
      `policy: { ${zone}: permit }`,
      `policy:\n  - dnsbl_score: { sites: ["${zone}*0", "${zone}*0"], reject: 1 }`,
      `policy:\n  - ${zone}: 1`,
      `authserv_id: ${zone} x`,
      `${zone}: 1`,
      `lists: { aliases: { "${zone} x": y }, data: ${zone}, key_files: { a: ${KEY} } }`,
    ]) {
      const loaded = readConfig(`${text}\n`, 'postern.yaml', { stateDirectory: '/' });
      const lines = (loaded.ok ? loaded.warnings : loaded.problems).map(formatProblem);
      expect(lines, text).not.to.be.empty;
      expect(lines.join('\n').toLowerCase(), text).not.to.include(KEY);
    }
  });

  it('where a name for one should stand are not repeated', () => {
    const key = LIKE_A_KEY;
    for (const [text, line] of [
      [
        `policy: ["reject_rbl_client \${${key}}.zen.dq.spamhaus.net=127.0.0.2"]`,
        '1:10: policy: what stands in ${…} looks like the key itself; write a name there, such as spamhaus, and the key into the file that lists.key_files names',
      ],
      [
        `lists: { key_files: { ${key}: /etc/postern/dqs.key } }`,
        '1:23: lists.key_files: what should name a key looks like the key itself; write a word such as spamhaus',
      ],
      [
        `lists: { key_files: { dqs: "\${${key}}" } }`,
        '1:28: lists.key_files: a key is in a file or in the environment; write /etc/postern/dqs.key, or "${DQS_KEY}"',
      ],
      [
        `lists: { key_files: { dqs: /etc/postern/${key} } }`,
        '1:28: lists.key_files: a key is in a file or in the environment; write /etc/postern/dqs.key, or "${DQS_KEY}"',
      ],
      [
        `lists: { aliases: { bl.example.org: ${key} } }`,
        '1:37: lists.aliases: what should be shown has a key in it; write a word such as zen.spamhaus.org',
      ],
      [
        `policy: [{ rule: reject, name: "list ${key}" }]`,
        '1:32: policy: a key of a DNS list is no name; write what the log may show',
      ],
    ] as const) {
      const loaded = readConfig(`${text}\n`, 'postern.yaml', { stateDirectory: '/' });
      const errors = loaded.ok ? [] : loaded.problems.filter(({ severity }) => severity === 'error');
      expect(errors.map(formatProblem), text).to.deep.equal([`postern.yaml:${line}`]);
    }
  });

  it('stand in no problem of a table that is read again', async () => {
    const file = join(folder(), 'reread');
    writeFileSync(file, 'a.example OK\n');
    const parsed = parseTableName(`hash:${file}`);
    if (!parsed.ok) throw new Error(parsed.what);
    const told = Promise.withResolvers<Reread>();
    const open = await openTables(
      { tables: [parsed.name], localDomains: { names: [], tables: [] } },
      { onReread: (_, reread) => told.resolve(reread), pollMs: 1 },
    );
    writeFileSync(file, `b.example reject_rbl_clinet ${LIKE_A_KEY}.zen.dq.spmahaus.net\n`);
    utimesSync(file, 1, 1);
    const { problems } = await told.promise;
    open.close();
    expect(problems.map(({ what }) => what).join())
      .to.contain('reject_rbl_clinet')
      .and.not.contain(LIKE_A_KEY);
  });

  it('stand in no problem of a table, whether it has a file or not', async () => {
    writeFileSync(join(folder(), 'table'), `a.example reject_rbl_client ${KEY}.zen.dq.spamhaus.net=127\n`);
    const tables = [
      `hash:${folder()}/table`,
      `inline:{ {a.example=reject_rbl_client ${KEY}.zen.dq.spamhaus.net=127}, {b.example=${KEY}.zen.dq.spamhaus.net} }`,
    ].map((text) => {
      const parsed = parseTableName(text);
      if (!parsed.ok) throw new Error(parsed.what);
      return parsed.name;
    });
    const open = await openTables(
      { tables, localDomains: { names: [], tables: [] } },
      { onReread: () => {}, pollMs: 0 },
    );
    open.close();
    expect(open.problems.map(({ severity }) => severity)).to.deep.equal(['error', 'error', 'error']);
    expect(open.problems.map(formatProblem).join('\n')).not.to.include(KEY);
  });

  it('stand in nothing that is reported of a config, however it came there', () => {
    const source = new Source('observe: true\n', 'postern.yaml');
    source.report(0, 'error', `${KEY}.zen.dq.spamhaus.net`, `write ${KEY}.combined.mail.abusix.zone`);
    expect(source.problems.map(formatProblem)).to.deep.equal([
      'postern.yaml:1:1: zen.dq.spamhaus.net; write combined.mail.abusix.zone',
    ]);
  });

  it('stand in no rule as it is logged, and neither does a zone with an alias', () => {
    const loaded = readConfig(
      `policy:
  - warn_if_reject reject_rbl_client ${KEY}.zen.dq.spamhaus.net=127.0.0.2
  - reject_rbl_client private.example.org=127.0.0.2
  - check_client_access inline:{ {192.0.2.1=reject_rbl_client ${KEY}.zen.dq.spamhaus.net} }
  - { when: { dnsbl: ${KEY}.zen.dq.spamhaus.net=127.0.0.2 }, then: reject }
  - { when: { not: { dnswl: "${LIKE_A_KEY}-x.wl.example.org=127.0.0.2" } }, then: greylist }
  - reject_rhsbl_helo x.${LIKE_A_KEY}.bl.example.org=127.0.0.2
lists: { aliases: { Private.example.org: ours, ${KEY}.zen.dq.spamhaus.net: zen } }
`,
      'postern.yaml',
      { stateDirectory: '/' },
    );
    if (!loaded.ok) throw new Error(loaded.problems.map(formatProblem).join('\n'));
    expect(loaded.config.policy[0]!.rules.map(({ written }) => written)).to.deep.equal([
      'warn_if_reject reject_rbl_client zen=127.0.0.2',
      'reject_rbl_client ours=127.0.0.2',
      'check_client_access inline:{ {192.0.2.1=reject_rbl_client zen.dq.spamhaus.net} }',
      'when dnsbl: zen.dq.spamhaus.net=127.0.0.2 then reject',
      'when not: { dnswl: "wl.example.org=127.0.0.2" } then greylist',
      'reject_rhsbl_helo bl.example.org=127.0.0.2',
    ]);
  });
});
