/** What the gate does to the header of a message: what it asks of the MTA for that, what it waits for, what it believes. */

import { duplexPair } from 'node:stream';
import { expect } from 'chai';
import { readConfig } from '../../lib/config/read-config.ts';
import type { Answer, Resolver } from '../../lib/dns/resolver.ts';
import { parseSmtpCommand } from '../../lib/explain/smtp-command.ts';
import { SmtpSession, type Heard } from '../../lib/explain/smtp-session.ts';
import { openMemoryStore } from '../../lib/greylist/memory-store.ts';
import type { Standing } from '../../lib/lists/list-health.ts';
import type { createFilter } from '../../lib/milter/filter.ts';
import { MtaSession } from '../../lib/milter/index.ts';
import { ACTION, PROTOCOL } from '../../lib/milter/flags.ts';
import type { Event } from '../../lib/observe/event.ts';
import type { AnyCheck } from '../../lib/policy/check.ts';
import { found } from '../../lib/policy/finding.ts';
import type { Policy } from '../../lib/policy/policy.ts';
import { createGate } from '../../lib/server/gate.ts';
import { headerSettings } from '../../lib/server/header-settings.ts';
import { Dialogue, HOST_NAME, MTA_NAME, policyOn } from '../support/dialogue.ts';
import { NO_DNS, SOUND_LISTS } from '../support/materials.ts';

const IPREV = 'Authentication-Results: mx.example.org; iprev=pass policy.iprev=192.0.2.10 (mx.example.net)';

interface Options {
  readonly resolver?: Resolver;
  readonly lists?: typeof SOUND_LISTS;
  readonly sink?: (event: Event) => void;
}

async function dialogue(config: string, { sink = () => {}, ...rest }: Options = {}): Promise<Dialogue> {
  return Dialogue.open({ config, store: openMemoryStore(), now: () => 0, sink, ...rest });
}

/** One message, with these lines in its header. */
async function passes(
  smtp: { says(line: string): Promise<Heard> },
  ...header: readonly string[]
): Promise<Heard> {
  for (const line of [
    'CONNECT 192.0.2.10 mx.example.net',
    'HELO mx.example.net',
    'MAIL FROM:<alice@example.net>',
    'RCPT TO:<bob@example.org>',
    'DATA',
    ...header.map((each) => `HEADER ${each}`),
  ])
    expect((await smtp.says(line)).reply, line).to.equal(null);
  return smtp.says('.');
}

/** Answers to names below a zone, when they are told to. */
function listsOf(answers: Readonly<Record<string, Promise<Answer<string>>>>): Resolver {
  const absent: Answer<string> = { status: 'nxdomain', ttl: 60 };
  return {
    ...NO_DNS,
    a: async (name) => answers[name.replace(/^(?:\d+\.){4}/, '')] ?? absent,
  };
}

const LISTED: Answer<string> = { status: 'found', records: ['127.0.0.2'], ttl: 60 };

describe('The header of a message', () => {
  it('tells what was asked ahead and has come, and waits for nothing else', async () => {
    let answer: (answer: Answer<string>) => void = () => {};
    const late = new Promise<Answer<string>>((resolve) => (answer = resolve));
    const config = [
      'policy:',
      '  - check_sender_access inline:{ {alice@example.net=OK} }',
      '  - reject_rbl_client a.example=127.0.0.2',
      '  - warn_if_reject reject_rbl_client b.example=127.0.0.2',
    ].join('\n');
    const resolver = listsOf({ 'a.example': late, 'b.example': Promise.resolve(LISTED) });
    const smtp = await dialogue(config, { resolver });
    expect((await passes(smtp)).headers).to.deep.equal([
      IPREV,
      'X-DNSBL-Result: mx.example.org; ip=192.0.2.10; b.example=127.0.0.2',
    ]);
    answer(LISTED);
    await late;
    for (const line of ['MAIL FROM:<alice@example.net>', 'RCPT TO:<bob@example.org>', 'DATA'])
      await smtp.says(line);
    expect((await smtp.says('.')).headers).to.deep.equal([
      IPREV,
      'X-DNSBL-Result: mx.example.org; ip=192.0.2.10; a.example=127.0.0.2; b.example=127.0.0.2',
    ]);
    smtp.close();
  });

  const standings: readonly (readonly [
    title: string,
    standing: Standing | Promise<Standing>,
    said: string,
  ])[] = [
    ['is proven sane', sound({ proven: true }), '127.0.0.2'],
    ['lists the world', sound({ proven: false, state: 'lists-the-world', outForMs: 1 }), 'unknown'],
    ['has been out for a day', sound({ proven: false, state: 'dead', outForMs: 90_000_000 }), 'unknown'],
  ];
  for (const [title, standing, said] of standings)
    it(`says what a list listed that ${title}: ${said}`, async () => {
      const lists = { ...SOUND_LISTS, health: { ...SOUND_LISTS.health, standing: () => standing } };
      const resolver = listsOf({ 'b.example': Promise.resolve(LISTED) });
      const smtp = await dialogue('policy: [warn_if_reject reject_rbl_client b.example=127.0.0.2]', {
        resolver,
        lists,
      });
      expect((await passes(smtp)).headers.at(-1)).to.equal(
        `X-DNSBL-Result: mx.example.org; ip=192.0.2.10; b.example=${said}`,
      );
      smtp.close();
    });

  it('says what was believed when it was decided, and waits for no further proof', async () => {
    const proofs: (Standing | Promise<Standing>)[] = [sound({}), new Promise(() => {})];
    const standing = (): Standing | Promise<Standing> => proofs.shift() ?? new Promise(() => {});
    const lists = { ...SOUND_LISTS, health: { ...SOUND_LISTS.health, standing } };
    const resolver = listsOf({ 'b.example': Promise.resolve(LISTED) });
    const policy = 'warn_if_reject reject_rbl_client b.example=127.0.0.2';
    const decided = await dialogue(`policy: [${policy}]`, { resolver, lists });
    expect((await passes(decided)).headers.at(-1)).to.match(/ b\.example=127\.0\.0\.2$/);
    decided.close();
    // Here no rule came so far as to ask.
    const permit = 'check_sender_access inline:{ {alice@example.net=OK} }';
    const ahead = await dialogue(`policy:\n  - ${permit}\n  - ${policy}`, { resolver, lists });
    expect((await passes(ahead)).headers.at(-1)).to.match(/ b\.example=unknown$/);
    ahead.close();
  });

  it('says unknown of a list that has listed the world since it was asked', async () => {
    let madness = 0;
    const lists = { ...SOUND_LISTS, health: { ...SOUND_LISTS.health, madness: () => madness++ } };
    const resolver = listsOf({ 'b.example': Promise.resolve(LISTED) });
    const policy = 'policy: [warn_if_reject reject_rbl_client b.example=127.0.0.2]';
    const smtp = await dialogue(policy, { resolver, lists });
    expect((await passes(smtp)).headers.at(-1)).to.match(/ b\.example=unknown$/);
    smtp.close();
  });

  it('says unknown of a list that is out, and was not asked', async () => {
    const lists = { ...SOUND_LISTS, health: { ...SOUND_LISTS.health, isOut: () => true } };
    const smtp = await dialogue('policy: [reject_rbl_client b.example=127.0.0.2]', { lists });
    expect((await passes(smtp)).headers.at(-1)).to.equal(
      'X-DNSBL-Result: mx.example.org; ip=192.0.2.10; b.example=unknown',
    );
    smtp.close();
  });

  it('is refused if more of it claims to be ours than can be removed, and the log says so', async () => {
    const events: Event[] = [];
    const smtp = await dialogue('policy: [permit]', { sink: (event) => void events.push(event) });
    const flood = Array.from({ length: 1001 }, () => 'X-Greylist: x');
    expect(await passes(smtp, ...flood)).to.deep.include({
      reply: '554 5.7.1 Too many forged header fields',
      changes: [],
      headers: [],
    });
    expect(events.at(-1)).to.deep.include({ kind: 'answer-fault' });
    expect((await passes(smtp, ...flood.slice(1))).changes).to.have.length(1000);
    expect(events.at(-1)).to.deep.include({ kind: 'message', forged: 1000 });
    smtp.close();
    const watching = await dialogue('{ policy: [permit], observe: true }');
    expect((await passes(watching, ...flood)).reply).to.equal(null);
    watching.close();
  });

  it('is held if a trusted relay hands on such a flood: he is refused nothing', async () => {
    const relays = 'trusted_relays: 192.0.2.0/24';
    const flood = Array.from({ length: 1001 }, () => 'X-Greylist: x');
    const smtp = await dialogue(`{ policy: [permit], ${relays} }`);
    const heard = await passes(smtp, ...flood);
    expect([heard.reply, heard.changes[0]]).to.deep.equal([null, 'quarantine Too many forged header fields']);
    expect((await passes(smtp, ...flood.slice(1))).changes).to.have.length(1000);
    smtp.close();
    const watching = await dialogue(`{ policy: [permit], ${relays}, observe: true }`);
    expect((await passes(watching, ...flood)).changes).to.have.length(1000);
    watching.close();
  });

  it('is ours in the name that the MTA has, or else the machine', async () => {
    for (const [config, mtaName, name] of [
      ['policy: [permit]', MTA_NAME, MTA_NAME],
      ['policy: [permit]', null, HOST_NAME],
      ['{ policy: [permit], authserv_id: mail.example.com }', MTA_NAME, 'mail.example.com'],
    ] as const) {
      const session = new SmtpSession(gate(config), { mtaName });
      const smtp = { says: (line: string) => session.play(parseSmtpCommand(line)) };
      const { headers, changes } = await passes(
        smtp,
        ...[MTA_NAME, HOST_NAME, 'mail.example.com'].map((id) => `Authentication-Results: ${id}; none`),
      );
      expect(headers[0]).to.match(new RegExp(`^Authentication-Results: ${name};`));
      expect(changes).to.have.length(1);
      session.close();
    }
  });
});

describe('What SPF says of a message', () => {
  it('stands above all else in fields of its own, MAIL FROM before HELO', async () => {
    const smtp = withSpf({
      'spf mailfrom': found('pass', { domain: 'example.net', mechanism: 'ip4:192.0.2.0/24' }),
      'spf helo': found('permerror', { domain: 'mx.example.net', why: 'two records' }),
    });
    expect((await passes(smtp)).headers).to.deep.equal([
      'Authentication-Results: mx.example.org; spf=pass smtp.mailfrom=example.net',
      'Authentication-Results: mx.example.org; spf=permerror reason="two records" smtp.helo=mx.example.net',
      IPREV,
      'Received-SPF: pass (mx.example.org: example.net permits 192.0.2.10) client-ip=192.0.2.10; envelope-from="alice@example.net"; helo=mx.example.net; identity=mailfrom; receiver=mx.example.org; mechanism="ip4:192.0.2.0/24"',
      'Received-SPF: permerror (mx.example.org: what mx.example.net says of whom it permits makes no sense) client-ip=192.0.2.10; envelope-from="alice@example.net"; helo=mx.example.net; identity=helo; receiver=mx.example.org; problem="two records"',
    ]);
  });

  it('of HELO alone is no Received-SPF: OpenDMARC would take it for the sender’s', async () => {
    const smtp = withSpf({ 'spf helo': found('pass', { domain: 'mx.example.net' }) });
    expect((await passes(smtp)).headers).to.deep.equal([
      'Authentication-Results: mx.example.org; spf=pass smtp.helo=mx.example.net',
      IPREV,
    ]);
  });

  for (const [fields, count] of [
    ['authentication_results: false', 2],
    ['received_spf: false', 3],
  ] as const)
    it(`is told in ${count} fields with ${fields}`, async () => {
      const smtp = withSpf(
        {
          'spf mailfrom': found('softfail', { domain: 'example.net' }),
          'spf helo': found('none', { domain: 'mx.example.net' }),
        },
        `headers: { ${fields} }`,
      );
      expect((await passes(smtp)).headers).to.have.length(count);
    });
});

describe('Of the MTA is asked for the sake of headers', () => {
  const cases: readonly (readonly [headers: string, actions: number, seen: boolean])[] = [
    ['{}', ACTION.addHeaders | ACTION.changeHeaders, true],
    ['{ remove_forged: false }', ACTION.addHeaders, false],
    [
      '{ authentication_results: false, received_spf: false, dnsbl: false, greylist: false }',
      ACTION.changeHeaders,
      true,
    ],
    [
      '{ authentication_results: false, received_spf: false, dnsbl: false, greylist: false, remove_forged: false }',
      0,
      false,
    ],
  ];
  for (const [headers, actions, seen] of cases)
    it(`no more than ${headers} needs`, async () => {
      const [ours, theirs] = duplexPair();
      gate(`{ policy: [permit], headers: ${headers} }`).serve(theirs);
      const mta = new MtaSession(ours);
      const terms = await mta.negotiate();
      expect(terms.actions & ~ACTION.setMacroLists).to.equal(actions);
      // Seen or not, the MTA never waits for an answer to them.
      const waived = terms.protocol & (PROTOCOL.noHeaders | PROTOCOL.silentHeader);
      expect(waived).to.equal(seen ? PROTOCOL.silentHeader : PROTOCOL.noHeaders);
      mta.quit();
    });
});

describe('Of the macros the MTA is asked', () => {
  it('at each stage for those that the gate reads there, by the numbers of SMFIM_*', async () => {
    const [ours, theirs] = duplexPair();
    gate('policy: [permit]').serve(theirs);
    const mta = new MtaSession(ours);
    const { macros } = await mta.negotiate();
    expect(macros.map(({ stage, names }) => `${stage} ${names}`)).to.deep.equal([
      '0 j i v {daemon_name} {client_ptr} {client_resolve}',
      '1 {tls_version} {cert_subject} {verify}',
      '2 i {auth_authen} {mail_addr}',
      '3 i {rcpt_addr}',
      '4 i',
      '5 i',
    ]);
    mta.quit();
  });
});

function sound(changed: Partial<Standing>): Standing {
  return { state: 'alive', sinceMs: 0, outForMs: null, why: null, instead: null, proven: true, ...changed };
}

function gate(text: string, spf: Policy['checks'] = new Map()): ReturnType<typeof createFilter> {
  const loaded = readConfig(text, 'given', { stateDirectory: '/nonexistent' });
  if (!loaded.ok) throw new Error(loaded.problems.map(({ what }) => what).join('; '));
  const { config } = loaded;
  const policy = policyOn({ store: openMemoryStore(), now: () => 0 }, config, new Map());
  const asks = [...spf.keys()].map((check) => ({
    word: check,
    when: { kind: 'is', check, results: ['never'] } as const,
    may: [],
    outcome: () => ({ effect: { action: 'continue' } as const, reason: '' }),
  }));
  return createGate({
    policy: {
      ...policy,
      rcpt: [[...asks, ...policy.rcpt.flat()]],
      checks: new Map([...policy.checks, ...spf]),
    },
    authservId: config.authservId,
    hostName: HOST_NAME,
    observe: false,
    headers: headerSettings(config),
    sink: () => {},
    now: () => 0,
    sessionId: () => 's',
  });
}

/** A policy that asks SPF, whose answers are these. */
function withSpf(
  findings: Readonly<Record<string, ReturnType<typeof found>>>,
  config = '',
): { says(line: string): Promise<Heard> } {
  const checks = Object.entries(findings).map(([id, finding]): [string, AnyCheck] => [
    id,
    { id, stage: id.endsWith('helo') ? 'helo' : 'mail', results: [], run: () => finding },
  ]);
  const session = new SmtpSession(gate(`policy: [permit]\n${config}`, new Map(checks)), {
    mtaName: MTA_NAME,
  });
  return { says: (line) => session.play(parseSmtpCommand(line)) };
}
