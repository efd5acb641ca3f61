/** `postern explain` as an administrator types it: what it prints, its exit codes, and that it leaves no trace. */

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { expect } from 'chai';
import type { Report } from '../../lib/explain/trace.ts';
import { openSqliteStore } from '../../lib/greylist/sqlite-store.ts';
import { postern, RunningPostern, type Ran } from '../support/program.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const README = resolve(import.meta.dirname, '../../README.md');
const TRANSCRIPTS = resolve(import.meta.dirname, '../transcripts');
const TIMINGS = { delayMs: 60_000, windowMs: 172_800_000, lifetimeMs: 3_110_400_000 };
const NOON = Date.parse('2026-11-21T12:00:00Z');

const ENVELOPE = ['--client', '192.0.2.10', '--ptr', 'mx.example.net', '--from', 'alice@example.net'];
const BOB = [...ENVELOPE, '--rcpt', 'bob@example.org'];

describe('postern explain', function () {
  this.timeout(20_000);
  const folder = temporaryFolder();

  function config(...lines: readonly string[]): string {
    const file = join(folder(), 'postern.yaml');
    // Nothing of SPF but where a rule asks it.
    const greylist = lines.some((line) => line.startsWith('greylist:'))
      ? []
      : ['greylist: { origin: [ptr, network] }'];
    writeFileSync(file, `${['authserv_id: mx.example.com', ...lines, ...greylist].join('\n')}\n`);
    return file;
  }

  function explain(file: string, words: readonly string[], input = ''): Ran {
    return postern(['explain', '--config', file, ...words], {}, input);
  }

  function report(file: string, words: readonly string[], input = ''): Report {
    const { stdout, stderr } = explain(file, ['--json', ...words], input);
    expect(stderr).to.equal('');
    return JSON.parse(stdout) as Report;
  }

  /** First tried at noon. */
  async function stored(...lines: readonly string[]): Promise<string> {
    const store = await openSqliteStore(join(folder(), 'p.db'), {
      onEvent: () => {},
      now: Date.now,
      rounds: null,
    });
    const origins = [{ kind: 'network' as const, value: '192.0.2.0/24' }];
    await store.judge({ origins, sender: 'alice@example.net', recipient: 'bob@example.org' }, NOON, TIMINGS);
    await store.close();
    return config(`store: sqlite:${folder()}/p.db`, ...lines);
  }

  const replies = ({ steps }: Report): (string | null)[] =>
    steps.filter(({ command }) => command.startsWith('RCPT')).map(({ reply }) => reply);

  it('shows what the README shows', async () => {
    const example = readFileSync(README, 'utf8').split('### Why was this mail refused?')[1]!;
    const [, rules] = /```yaml\n([^`]+)```/.exec(example)!;
    const [, command, shown] = /\n\$ postern explain ([^\n]+)\n([^`]+)```/.exec(example)!;
    const file = await stored();
    writeFileSync(file, `${rules!}store: sqlite:${folder()}/p.db\n`);
    const { status, stdout } = explain(file, [...command!.split(' '), '--at', '2026-11-21T12:00:25Z']);
    expect(status).to.equal(0);
    const timeless = (text: string): string =>
      text.replaceAll(/ +\d+\.\d ms|ms=[\d.]+/g, ' N ms').replaceAll(/ +$/gm, '');
    const here = stdout
      .replace(file, '/etc/postern/postern.yaml')
      .replace(`${folder()}/p.db`, '/var/lib/postern/postern.db');
    expect(timeless(here)).to.equal(timeless(shown!));
  });

  it('is dry: a running service is not told, and no byte of its database changes', async () => {
    const file = await stored(`listen: unix:${folder()}/p.sock`, 'log: { format: json }');
    const running = await RunningPostern.start(file);
    try {
      const bytes = (): Buffer[] => ['p.db', 'p.db-wal'].map((name) => readFileSync(join(folder(), name)));
      const before = bytes();
      const at = (time: string): Report => report(file, [...BOB, '--rcpt', 'eve@example.org', '--at', time]);
      expect(replies(at('2026-11-21T12:00:20Z'))).to.deep.equal([
        '451 4.7.1 Greylisted, please try again in 40 seconds',
        '451 4.7.1 Greylisted, please try again in 60 seconds',
      ]);
      const passed = at('2026-11-21T12:02:00Z');
      expect(replies(passed)).to.deep.equal([null, '451 4.7.1 Greylisted, please try again in 60 seconds']);
      expect(passed.steps.at(-1)?.headers[1]).to.match(
        /^X-Greylist: delayed 120 seconds by postern at mx\.example\.com; /,
      );
      expect(bytes()).to.deep.equal(before);
    } finally {
      await running.stop();
    }
    const list = postern(['greylist', 'list', '--json', '--config', file]).stdout.trim().split('\n');
    expect(list).to.have.length(1);
    expect(JSON.parse(list[0]!)).to.include({ tries: 1, recipient: 'bob@example.org' });
  });

  it('changes nothing where the service is stopped, and makes no database where there is none', async () => {
    const file = await stored();
    const before = [readdirSync(folder()), readFileSync(join(folder(), 'p.db'))];
    explain(file, BOB);
    expect([readdirSync(folder()), readFileSync(join(folder(), 'p.db'))]).to.deep.equal(before);
    const none = report(config(`store: sqlite:${folder()}/none.db`), BOB);
    expect(none.notes).to.include(`there is no ${folder()}/none.db yet: every triplet is new`);
    expect(readdirSync(folder())).not.to.include('none.db');
    expect(report(config('store: memory'), BOB).notes.join()).to.contain('seen by the service alone');
  });

  it('names each rule with its line, what it asked, and why it did or did not hold', () => {
    const file = config(
      'store: memory',
      'policy:',
      '  - permit_mynetworks',
      '  - check_sender_access inline:{ example.net=reject_non_fqdn_recipient }',
      '  - warn_if_reject reject_non_fqdn_helo_hostname',
      '  - { when: { helo: localhost }, then: tag local }',
      '  - reject_invalid_helo_hostname',
      '  - greylist',
    );
    const { steps } = report(file, [...BOB, '--helo', 'localhost']);
    const [decision] = steps.find(({ command }) => command === 'RCPT TO:<bob@example.org>')!.decisions;
    const told = decision!.lists[0]!.rules.map(({ number, place, depth, word, outcome, effect, checks }) => [
      number,
      place?.line ?? null,
      '>'.repeat(depth) + word,
      outcome,
      effect,
      checks.map(({ id, result, ms }) => `${id} ${result}${ms === null ? ' known' : ''}`).join(),
    ]);
    const table = 'check_sender_access inline:{ example.net=reject_non_fqdn_recipient }';
    const spared = 'submitted no known,spared_recipient no known,mynetworks no known';
    expect(told).to.deep.equal([
      [null, null, 'permit_submitted', 'did not hold', null, 'submitted no'],
      [null, null, 'spare_recipients', 'did not hold', null, 'spared_recipient no'],
      [1, 4, 'permit_mynetworks', 'did not hold', null, 'mynetworks no'],
      [2, 5, table, 'held', 'apply', `${table} found`],
      [null, null, '>reject_non_fqdn_recipient', 'did not hold', null, 'non_fqdn_recipient ok'],
      [
        3,
        6,
        'warn_if_reject reject_non_fqdn_helo_hostname',
        'held',
        'reject',
        'non_fqdn_helo_hostname not_fqdn',
      ],
      [4, 7, 'when helo: localhost then tag local', 'held', 'tag', 'helo localhost yes'],
      [5, 8, 'reject_invalid_helo_hostname', 'did not hold', null, 'invalid_helo_hostname ok'],
      [6, 9, 'greylist', 'held', 'apply', `${spared},sasl_authenticated no,unknown_client no`],
      [null, null, '>null_sender', 'did not hold', null, 'callout_sender no'],
      [null, null, '>greylist', 'held', 'tempfail', 'callout_sender no known,greylist new'],
    ]);
    expect(decision).to.deep.include({
      verdict: 'tempfail',
      rule: { word: 'greylist', list: null, number: 6, place: { file, line: 9 } },
      reply: '451 4.7.1 Greylisted, please try again in 60 seconds',
      waitSeconds: 60,
      tags: ['local'],
    });
    expect(decision!.notes[0]).to.match(/^warn_if_reject .*: would refuse with 504 5\.5\.2 <localhost>/);
  });

  it('says of a rule that is not reached that it is not, and of one that waits for DATA why', () => {
    const file = config('policy: [reject_multi_recipient_bounce, permit, reject]', 'store: memory');
    const { stdout } = explain(file, BOB);
    expect(stdout).to.match(/^ {3}1 {2}reject_multi_recipient_bounce +no +asked at DATA$/m);
    expect(stdout).to.match(/^ {3}2 {2}permit +permit +permitted without condition$/m);
    expect(stdout).to.match(/^ {3}3 {2}reject +-$/m);
    expect(stdout).to.match(/^verdict {2}accept \(permitted without condition\)$/m);
    expect(stdout).to.match(/^reply {4}none, it is let through$/m);
  });

  it('prints no key of a DNS list, wherever it is written', () => {
    const zone = 'abcdefghijklmnopqrstuvwxyz.zen.dq.spamhaus.net';
    const file = config(
      'store: memory',
      'policy:',
      `  - reject_rbl_client ${zone}`,
      `  - check_recipient_access inline:{ { bob@example.org = reject_rbl_client ${zone} } }`,
    );
    for (const words of [BOB, ['--json', ...BOB]]) {
      const { status, stdout } = explain(file, words);
      expect(status).to.equal(0);
      expect(stdout).to.contain('zen.dq.spamhaus.net').and.not.contain('abcdefghijkl');
    }
  });

  it('says below a refusal how to let the client in, and that does let him in', () => {
    const rules = ['  - permit_mynetworks', '  - { when: { ptr: mx.example.net }, then: reject no }'];
    const file = config('store: memory', 'policy:', ...rules);
    const { stdout } = explain(file, BOB);
    const [, line, rule] = /before line (\d+) of .*\n +(- check_client_access .*)\n/.exec(stdout)!;
    expect([line, rule]).to.deep.equal(['5', '- check_client_access inline:{ 192.0.2.10=OK }']);
    expect(stdout).to.contain(`postern check --config ${file} && postern reload`);
    const mended = config('store: memory', 'policy:', rules[0]!, `  ${rule}`, rules[1]!);
    expect(replies(report(mended, BOB))).to.deep.equal([null]);
    expect(explain(mended, BOB).stdout).not.to.contain('let in');
    const six = ['--client', '2001:db8::7', ...BOB.slice(2)];
    const [, ofSix] = /\n +(- check_client_access .*)\n/.exec(explain(file, six).stdout)!;
    config('store: memory', 'policy:', rules[0]!, `  ${ofSix}`, rules[1]!);
    expect(replies(report(file, six))).to.deep.equal([null]);
  });

  it('gives no such recipe where greylisting delays', () => {
    expect(explain(config('store: memory', 'policy: [greylist]'), BOB).stdout).not.to.contain('let in');
  });

  it('says in a transcript what a list needs to decide, and with that it does', () => {
    const file = config('store: memory', 'policy: [reject_rbl_client bl.example.org=127.0.0.2]');
    const session = [
      'given zone 10.2.0.192.bl.example.org. A 127.0.0.2',
      'C: CONNECT 192.0.2.10 mx.example.net',
      'C: HELO mx.example.net',
      'C: MAIL FROM:<alice@example.net>',
      'C: RCPT TO:<bob@example.org>',
    ].join('\n');
    const told = report(file, ['-'], session);
    expect(replies(told)).to.deep.equal([null]);
    const [, line] = /add the line: (.*)$/m.exec(told.notes.join('\n'))!;
    expect(line).to.equal('given zone 2.0.0.127.bl.example.org. A 127.0.0.2');
    expect(replies(report(file, ['-'], `${line}\n${session}`))[0]).to.match(
      /^554 5\.7\.1 Service unavailable/,
    );
  });

  it('knows the client by the name that is given, or none', () => {
    const file = config('policy: [reject_unknown_reverse_client_hostname]', 'store: memory');
    expect(replies(report(file, [...BOB, '--ptr', 'none']))[0]).to.match(/^450 4\.7\.1 Client host rejected/);
    expect(replies(report(file, BOB))).to.deep.equal([null]);
    expect(report(file, BOB).notes).to.include('no --helo: taken for mx.example.net');
  });

  it('takes a login, and a time of day', () => {
    const file = config(
      'store: memory',
      'policy:',
      '  - permit_sasl_authenticated',
      '  - { when: { time: "22:00-06:00" }, then: reject closed }',
    );
    expect(replies(report(file, [...BOB, '--auth', 'alice', '--at', '23:00']))).to.deep.equal([null]);
    expect(replies(report(file, [...BOB, '--at', '23:00']))[0]).to.match(/closed$/);
    expect(replies(report(file, [...BOB, '--at', '12:00']))).to.deep.equal([null]);
  });

  it('comes no further than the client would', () => {
    const file = config('store: memory', 'decide_at: helo', 'policy: [reject_invalid_helo_hostname]');
    const { steps } = report(file, [...BOB, '--helo', 'mx_.-']);
    expect(steps.map(({ command }) => command.split(' ')[0])).to.deep.equal(['CONNECT', 'HELO']);
    expect(steps[1]?.reply).to.match(/^501 5\.5\.2 <mx_\.->/);
  });

  it('says what would be where it is only observed', () => {
    const file = config('store: memory', 'observe: true', 'policy: [reject]');
    const { stdout } = explain(file, BOB);
    expect(stdout).to.match(/^reply {4}none, it is only observed; it would be 554 5\.7\.1 /m);
    expect(stdout).to.contain('observe: true');
  });

  it('prints problems of the config or its tables as check does, and exits with 1', () => {
    const broken = explain(config('greylist: { delay: 60 }'), BOB);
    expect(broken).to.include({ status: 1, stdout: '' });
    expect(broken.stderr).to.match(/postern\.yaml:2:20: greylist\.delay: /);
    const table = explain(config('policy: check_client_access cidr:/nonexistent/x', 'store: memory'), BOB);
    expect(table).to.include({ status: 1, stdout: '' });
    expect(table.stderr).to.contain('/nonexistent/x');
    const json = explain(config('observ: true'), ['--json', ...BOB]);
    expect(json).to.include({ status: 1, stderr: '' });
    expect(JSON.parse(json.stdout)).to.include({ ok: false });
    writeFileSync(join(folder(), 'noise.db'), 'x'.repeat(10_000));
    const noise = explain(config(`store: sqlite:${folder()}/noise.db`), BOB);
    expect(noise).to.include({ status: 1, stdout: '' });
    expect(noise.stderr).to.match(/^postern: can't read .*noise\.db: .*\n$/);
  });

  describe('of wrong options', () => {
    const wrong: readonly [string[], RegExp][] = [
      [[], /nothing was given; see: postern explain --help/],
      [['--client', '192.0.2.10'], /write --from alice@example\.net, or --from '<>' for a bounce/],
      [['--from', 'a@example.net'], /write --client and the address/],
      [ENVELOPE, /write --rcpt and the recipient/],
      [[...BOB, '--client', 'mx.example.net'], /--client mx\.example\.net: write an address/],
      [[...BOB, '--ptr', 'a b'], /--ptr a b: write a host name, or none/],
      [[...BOB, '--helo', ''], /--helo: write a name/],
      [[...BOB, '--helo', 'a\u001b[2Jb'], /--helo: no control characters/],
      [[...BOB, '--rcpt', 'x\nS: 250'], /--rcpt: no control characters/],
      [[...BOB, '--rcpt', '<>'], /--rcpt: write an address/],
      [[...BOB, '--rcpt', 'a@example.org, b@example.org'], /--rcpt .*: write one address/],
      [[...BOB, '--at', 'noon'], /--at noon: not a time: write 12:00:00 or 2026/],
      [[...BOB, 'session.smtp'], /an envelope or the file session\.smtp, not both/],
      [['/nonexistent/session.smtp'], /can't read \/nonexistent\/session\.smtp \(ENOENT\)/],
      [['/'], /\/ is not a file/],
    ];
    for (const [words, message] of wrong)
      it(`${JSON.stringify(words.slice(-2))} says in one line what to type, and exits with 2`, () => {
        const { status, stdout, stderr } = explain(config('store: memory'), words);
        expect(stderr).to.match(message);
        expect({ status, stdout, lines: stderr.trim().split('\n').length }).to.deep.equal({
          status: 2,
          stdout: '',
          lines: 1,
        });
      });
  });

  describe('with a transcript', () => {
    for (const name of [
      'waits-out-the-delay',
      'several-recipients',
      'policy-lists',
      'policy-unknown-domains',
      'decide-early',
    ])
      it(`agrees with ${name}.smtp`, () => {
        const file = join(folder(), 'postern.yaml');
        writeFileSync(file, 'observe: false\nstore: memory\n');
        const { status, stdout, stderr } = explain(file, [join(TRANSCRIPTS, `${name}.smtp`)]);
        expect(stderr).to.equal('');
        expect(stdout).to.match(/\nThe transcript agrees\.\n$/);
        expect(stdout).to.contain(
          `authserv_id is not set: headers have the MTA's own name instead of ${hostname()}`,
        );
        expect(status).to.equal(0);
      });

    const SESSION = [
      '# Two tries.',
      'given policy:',
      'given   - reject_unknown_sender_domain',
      'given   - greylist',
      'given zone example.net. A 192.0.2.10',
      'at 12:00:00',
      'C: CONNECT 192.0.2.10 mx.example.net',
      'C: HELO mx.example.net',
      'C: MAIL FROM:<alice@gone.example>',
      'C: RCPT TO:<bob@example.org>',
      'C: MAIL FROM:<alice@example.net>',
      'C: RCPT TO:<bob@example.org>',
      'S: 451 4.7.1 Greylisted, please try again in 60 seconds',
      'at 12:01:00',
      'C: RCPT TO:<bob@example.org>',
      'C: DATA',
      'C: .',
      'H: Authentication-Results: mx.example.com; iprev=pass policy.iprev=192.0.2.10 (mx.example.net)',
      'H: X-Greylist: delayed 61 seconds by postern at mx.example.com',
    ].join('\n');

    it('replays it with its own rules, zone and clock, and says what differs', () => {
      const file = config('store: memory', 'policy: [permit]');
      const { status, stdout } = explain(file, ['--json'], SESSION);
      expect(status).to.equal(1);
      const told = JSON.parse(stdout) as Report;
      expect(told.agrees).to.equal(false);
      expect(told.notes).to.include(
        'the given lines of standard input lie over the config instead of policy',
      );
      const [refused, greylisted, , , end] = told.steps
        .slice(3)
        .filter(({ command }) => !command.startsWith('MAIL'));
      expect(refused).to.deep.include({
        line: 10,
        reply: '450 4.1.8 <alice@gone.example>: Sender address rejected: Domain not found',
        differs: ['expected to be let through'],
      });
      expect(refused!.decisions[0]!.rule?.place).to.deep.equal({ file: 'standard input', line: 3 });
      expect(greylisted!.differs).to.deep.equal([]);
      expect(end!.differs).to.deep.equal([
        'expected H: Authentication-Results: mx.example.com; iprev=pass policy.iprev=192.0.2.10 (mx.example.net)',
        'expected H: X-Greylist: delayed 61 seconds by postern at mx.example.com',
      ]);
      const text = explain(file, ['-'], SESSION);
      expect(text.status).to.equal(1);
      expect(text.stdout).to.match(
        /^ 10 {2}\d{4}-\d\d-\d\d 12:00:00 {2}RCPT TO:<bob@example\.org> .* differs$/m,
      );
      expect(text.stdout).to.match(/^differs {2}expected to be let through$/m);
    });

    it('takes what the live greylist knows, and adds to it in memory only', async () => {
      const file = await stored();
      const session = SESSION.replace(/^given .*\n/gm, '')
        .replace(/^C: MAIL.*gone.*\nC: RCPT.*\n/m, '')
        .replace('60 seconds', '20 seconds');
      const { status, stdout } = explain(
        file,
        ['--at', '2026-11-21T00:00:00'],
        session
          .replace('at 12:00:00', 'at 2026-11-21T12:00:40Z')
          .replace('at 12:01:00', 'at 2026-11-21T12:01:01Z'),
      );
      expect(stdout).to.match(/\nThe transcript agrees\.\n$/);
      expect(status).to.equal(0);
    });

    it('names the line of what is wrong in it', () => {
      const file = config('store: memory');
      const said = (input: string): string => {
        const { status, stdout, stderr } = explain(file, [], input);
        expect([status, stdout]).to.deep.equal([2, '']);
        return stderr;
      };
      expect(said('C: CONNECT 192.0.2.1 x\nC: BDAT')).to.equal(
        'postern: standard input:2: no such command in a transcript: write CONNECT, HELO, EHLO, STARTTLS, AUTH, MAIL, RCPT, DATA, HEADER, . (for the whole message), RSET, QUIT or SUBMIT\n',
      );
      expect(said('given zone x\nC: CONNECT 192.0.2.1 x')).to.equal(
        'postern: standard input:1: not a line of a zone: x\n',
      );
      expect(said('# a')).to.equal('postern: standard input: there is no line of a client (C: …) in it\n');
      const given = explain(file, ['-'], 'given greylist: { delay: 5 }\nC: CONNECT 192.0.2.1 x');
      expect(given.status).to.equal(1);
      expect(given.stderr).to.match(/^standard input:1:26: greylist\.delay: /);
    });

    it('says of a table that a given line names, and that is not there, which line that is', () => {
      const file = config('observe: false');
      const lines = `# a table\ngiven policy: [check_client_access cidr:${folder()}/none]\nC: CONNECT 192.0.2.1 x`;
      expect(explain(file, ['-'], lines).stderr).to.match(
        /^standard input:2:16: policy: .*\/none: no such file; write it, or correct its name\n/,
      );
    });

    it('says that its given lines can lie over no config in braces', () => {
      const file = join(folder(), 'braces.yaml');
      writeFileSync(file, '{ store: memory }\n');
      const { status, stderr } = explain(file, [], 'given observe: true\nC: CONNECT 192.0.2.1 x');
      expect(stderr).to.match(
        /braces\.yaml:1:1: given lines can only lie over a config with a key at the beginning/,
      );
      expect(status).to.equal(1);
    });

    it('lets nothing in it speak to the terminal', () => {
      const hostile = 'a\u001b[2J\u202e\u0085<b';
      const input = [
        `# ${hostile}`,
        `C: CONNECT 192.0.2.10 ${hostile} forged`,
        `C: HELO ${hostile}`,
        `C: AUTH ${hostile}`,
        `C: MAIL FROM:<${hostile}@${hostile}>`,
        `C: RCPT TO:<${hostile}@%n%s>`,
        `S: ${hostile}`,
        'C: DATA',
      ].join('\n');
      const file = config(
        'store: memory',
        'policy:',
        '  - when: { client: unknown }',
        '    then: reject "%{helo} %{sender} %{recipient} 5%"',
      );
      const { status, stdout, stderr } = explain(file, ['-'], input);
      expect(stderr).to.equal('');
      expect(status).to.equal(1);
      expect(stdout).to.contain('RCPT TO:<a\\x1b[2J').and.contain('%n%s').and.contain(' 5%\n');
      // oxlint-disable-next-line unicorn/prefer-string-raw -- as characters
      expect(stdout).not.to.match(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
      const json = explain(file, ['--json', '-'], input).stdout;
      expect(json).not.to.match(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
      expect((JSON.parse(json) as Report).steps[1]?.command).to.equal(`HELO ${hostile}`);
    });
  });
});
