/** Lets Debian's `miltertest` (OpenDKIM's scripted MTA, on its own protocol code) judge our side of the wire. */

import { execFile, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { createFilter } from '../../lib/milter/filter.ts';
import type { FilterOptions, Problem } from '../../lib/milter/filter.ts';

const installed = spawnSync('miltertest', ['-V']).error === undefined;
if (!installed && process.env['CI'] !== 'true')
  console.log('miltertest is not installed: its specs are skipped');
const describeHere = installed || process.env['CI'] === 'true' ? describe : describe.skip;

/** What all scripts begin with: `is(what, got, wanted)` and the like end a script with a line of why. */
const PRELUDE = `
function is(what, got, wanted)
  if got ~= wanted then error(what .. ": " .. tostring(got) .. ", not " .. tostring(wanted)) end
end
function done(what, failure)
  if failure ~= nil then error(what .. ": " .. tostring(failure)) end
end
function reply(what, failure, wanted)
  done(what, failure)
  is(what, string.char(mt.getreply(conn)), string.char(wanted))
end
conn = mt.connect(socket)
if conn == nil then error("no connection") end
`;

interface Judged {
  readonly told: string[];
  readonly problems: Problem[];
}

/** Runs a Lua script against a filter; it fails if the script does. */
async function judge(
  given: Partial<FilterOptions<null>>,
  script: string,
  place: 'tcp' | 'unix' = 'tcp',
): Promise<Judged> {
  const directory = mkdtempSync(join(tmpdir(), 'miltertest-'));
  const told: string[] = [];
  const problems: Problem[] = [];
  const filter = createFilter<null>({
    open: () => null,
    abort: () => told.push('abort'),
    close: () => told.push('close'),
    problem: (_, problem) => problems.push(problem),
    ...given,
  });
  const closing: Promise<void>[] = [];
  const server = createServer((socket) => void closing.push(filter.serve(socket).closed));
  const path = join(directory, 'socket');
  if (place === 'tcp') server.listen(0, '127.0.0.1');
  else server.listen(path);
  await once(server, 'listening');
  const address = server.address();
  const socket = typeof address === 'object' ? `inet:${address?.port}@127.0.0.1` : `unix:${path}`;
  const file = join(directory, 'script.lua');
  writeFileSync(
    file,
    `${PRELUDE}\nlocal good, why = pcall(function()${script}end)\nif not good then mt.echo(why) error(why) end`,
  );
  try {
    await promisify(execFile)('miltertest', ['-D', `socket=${socket}`, '-s', file], { timeout: 8000 });
    await Promise.all(closing);
  } catch (error) {
    // miltertest itself says nothing but exit code 1.
    throw new Error(`miltertest: ${String((error as { stdout?: string }).stdout)}`, { cause: error });
  } finally {
    server.close();
    rmSync(directory, { recursive: true });
  }
  return { told, problems };
}

describeHere('miltertest, an independent MTA,', () => {
  for (const place of ['tcp', 'unix'] as const)
    it(`goes through a message over ${place}`, async () => {
      const seen: string[] = [];
      const { told, problems } = await judge(
        {
          changes: ['insertHeader'],
          watch: {
            connect: (session, { host, address }) =>
              void seen.push(host, address ?? '', session.macro('j') ?? ''),
            helo: (_, { name }) => void seen.push(name),
            mail: (session, { sender, args }) =>
              void seen.push(sender, ...args, session.macro('{auth_authen}') ?? ''),
          },
          answer: {
            rcpt: (_, { recipient }) => (seen.push(recipient), 'continue'),
            endOfMessage: (session) => {
              seen.push(session.macro('i') ?? '');
              return {
                verdict: 'accept',
                changes: [
                  { kind: 'insertHeader', index: 0, name: 'X-Greylist', value: 'delayed 305 seconds' },
                ],
              };
            },
          },
        },
        `
        mt.macro(conn, SMFIC_CONNECT, "j", "mx.example.org")
        done("connect", mt.conninfo(conn, "client.example.net", "192.0.2.1"))
        done("helo", mt.helo(conn, "client.example.net"))
        mt.macro(conn, SMFIC_MAIL, "i", "Q1", "{auth_authen}", "bob")
        done("mail", mt.mailfrom(conn, "<a@example.net>", "SIZE=1000"))
        reply("rcpt", mt.rcptto(conn, "<b@example.org>"), SMFIR_CONTINUE)
        reply("data", mt.data(conn), SMFIR_CONTINUE)
        reply("end", mt.eom(conn), SMFIR_ACCEPT)
        is("header", mt.eom_check(conn, MT_HDRINSERT, "X-Greylist", "delayed 305 seconds", 0), true)
        is("no other change", mt.eom_check(conn, MT_HDRADD) or mt.eom_check(conn, MT_HDRCHANGE), false)
        mt.disconnect(conn)
        `,
        place,
      );
      expect(problems).to.deep.equal([]);
      expect(told).to.deep.equal(['close']);
      expect(seen).to.deep.equal([
        ...['client.example.net', '192.0.2.1', 'mx.example.org', 'client.example.net'],
        ...['<a@example.net>', 'SIZE=1000', 'bob', '<b@example.org>', 'Q1'],
      ]);
    });

  it('reads what the filter asked for', async () => {
    await judge(
      {
        changes: ['insertHeader', 'quarantine'],
        watch: { connect: () => undefined },
        answer: { rcpt: () => 'continue' },
      },
      `
      done("negotiate", mt.negotiate(conn, nil, nil, nil))
      for name, flag in pairs({ ADDHDRS = SMFIF_ADDHDRS, QUARANTINE = SMFIF_QUARANTINE }) do
        is(name, mt.test_action(conn, flag), true)
      end
      for name, flag in pairs({ CHGBODY = SMFIF_CHGBODY, ADDRCPT = SMFIF_ADDRCPT, CHGHDRS = SMFIF_CHGHDRS }) do
        is(name, mt.test_action(conn, flag), false)
      end
      for name, flag in pairs({ NOHELO = SMFIP_NOHELO, NOMAIL = SMFIP_NOMAIL, NOBODY = SMFIP_NOBODY, NOHDRS = SMFIP_NOHDRS,
                                NOEOH = SMFIP_NOEOH, NOUNKNOWN = SMFIP_NOUNKNOWN, NR_CONN = SMFIP_NR_CONN }) do
        is(name, mt.test_option(conn, flag), true)
      end
      for name, flag in pairs({ NOCONNECT = SMFIP_NOCONNECT, NORCPT = SMFIP_NORCPT, NODATA = SMFIP_NODATA, NR_RCPT = SMFIP_NR_RCPT,
                                NR_DATA = SMFIP_NR_DATA }) do
        is(name, mt.test_option(conn, flag), false)
      end
      mt.disconnect(conn)
      `,
    );
  });

  it('shows headers and body, and is told every verdict', async () => {
    const seen: string[] = [];
    const { problems } = await judge(
      {
        changes: [
          'addHeader',
          'changeHeader',
          'addRecipient',
          'deleteRecipient',
          'replaceBody',
          'quarantine',
        ],
        answer: {
          connect: () => 'continue',
          helo: () => 'continue',
          mail: () => 'continue',
          rcpt: async (_, { recipient }) =>
            recipient === '<no@example.org>'
              ? { code: 451, status: '4.7.1', text: 'Greylisted, 50% done' }
              : 'continue',
          header: (_, { name, value }) => (seen.push(`${name}:${value}`), 'continue'),
          endOfHeaders: () => 'continue',
          body: async (_, { chunk }): Promise<'continue'> => (seen.push(chunk.toString()), 'continue'),
          endOfMessage: async () => ({
            verdict: 'continue',
            changes: [
              { kind: 'addHeader', name: 'X-Folded', value: 'a\r\n b' },
              { kind: 'changeHeader', index: 1, name: 'Subject', value: 'new' },
              { kind: 'changeHeader', index: 1, name: 'X-Old', value: null },
              { kind: 'addRecipient', recipient: '<c@example.org>' },
              { kind: 'deleteRecipient', recipient: '<b@example.org>' },
              { kind: 'replaceBody', body: 'new body\r\n' },
              { kind: 'quarantine', reason: 'looks odd' },
            ],
          }),
        },
      },
      `
      reply("connect", mt.conninfo(conn, "localhost", "unspec"), SMFIR_CONTINUE)
      reply("helo", mt.helo(conn, "localhost"), SMFIR_CONTINUE)
      reply("mail", mt.mailfrom(conn, "<>"), SMFIR_CONTINUE)
      reply("refused rcpt", mt.rcptto(conn, "<no@example.org>"), SMFIR_REPLYCODE)
      reply("rcpt", mt.rcptto(conn, "<b@example.org>"), SMFIR_CONTINUE)
      reply("data", mt.data(conn), SMFIR_CONTINUE)
      reply("header", mt.header(conn, "Subject", "old"), SMFIR_CONTINUE)
      reply("end of headers", mt.eoh(conn), SMFIR_CONTINUE)
      reply("body", mt.bodystring(conn, "old body\\r\\n"), SMFIR_CONTINUE)
      reply("end", mt.eom(conn), SMFIR_CONTINUE)
      is("added", mt.eom_check(conn, MT_HDRADD, "X-Folded", "a\\n b"), true)
      is("changed", mt.eom_check(conn, MT_HDRCHANGE, "Subject", "new"), true)
      is("deleted", mt.eom_check(conn, MT_HDRDELETE, "X-Old"), true)
      is("recipient", mt.eom_check(conn, MT_RCPTADD, "<c@example.org>"), true)
      is("no recipient", mt.eom_check(conn, MT_RCPTDELETE, "<b@example.org>"), true)
      is("body", mt.eom_check(conn, MT_BODYCHANGE, "new body\\r\\n"), true)
      is("quarantine", mt.eom_check(conn, MT_QUARANTINE, "looks odd"), true)
      mt.disconnect(conn)
      `,
    );
    expect(problems).to.deep.equal([]);
    expect(seen).to.deep.equal(['Subject:old', 'old body\r\n']);
  });

  it('reads the text of a refusal', async () => {
    await judge(
      { answer: { endOfMessage: () => ({ code: 451, status: '4.7.1', text: 'Greylisted, 50% done' }) } },
      `
      reply("end", mt.eom(conn), SMFIR_REPLYCODE)
      is("text", mt.eom_check(conn, MT_SMTPREPLY, "451", "4.7.1", "Greylisted, 50%% done"), true)
      mt.disconnect(conn)
      `,
    );
  });

  it('aborts a message and sends two more', async () => {
    const senders: string[] = [];
    const { told, problems } = await judge(
      {
        watch: { mail: (_, { sender }) => void senders.push(sender) },
        answer: { rcpt: () => 'tempfail', endOfMessage: () => 'accept' },
      },
      `
      done("mail", mt.mailfrom(conn, "<1@example.net>"))
      reply("rcpt", mt.rcptto(conn, "<b@example.org>"), SMFIR_TEMPFAIL)
      done("abort", mt.abort(conn))
      for _, sender in ipairs({ "<2@example.net>", "<3@example.net>" }) do
        done("mail", mt.mailfrom(conn, sender))
        reply("rcpt", mt.rcptto(conn, "<b@example.org>"), SMFIR_TEMPFAIL)
        reply("end", mt.eom(conn), SMFIR_ACCEPT)
      end
      mt.disconnect(conn)
      `,
    );
    expect(problems).to.deep.equal([]);
    expect(senders).to.deep.equal(['<1@example.net>', '<2@example.net>', '<3@example.net>']);
    expect(told).to.deep.equal(['abort', 'close']);
  });

  for (const version of [2, 3, 4, 5, 6])
    it(`speaks version ${version}`, async () => {
      const flags = { 2: '0x7f', 3: '0x17f', 4: '0x37f', 5: '0x37f', 6: '0x1fffff' }[version]!;
      const { problems } = await judge(
        {
          watch: { connect: () => undefined, mail: () => undefined },
          answer: { rcpt: () => 'continue', endOfMessage: () => 'accept' },
        },
        `
        done("negotiate", mt.negotiate(conn, ${version}, 0x3f, ${flags}))
        done("connect", mt.conninfo(conn, "client.example.net", "2001:db8::1"))
        done("mail", mt.mailfrom(conn, "<a@example.net>"))
        reply("rcpt", mt.rcptto(conn, "<b@example.org>"), SMFIR_CONTINUE)
        reply("end", mt.eom(conn), SMFIR_ACCEPT)
        mt.disconnect(conn)
        `,
      );
      expect(problems).to.deep.equal([]);
    });

  it('may leave without a word', async () => {
    const { told, problems } = await judge(
      { answer: { rcpt: () => 'continue', mail: () => 'continue' } },
      `
      reply("mail", mt.mailfrom(conn, "<a@example.net>"), SMFIR_CONTINUE)
      mt.disconnect(conn, false)
      `,
    );
    expect(problems).to.deep.equal([]);
    expect(told).to.deep.equal(['abort', 'close']);
  });
});
