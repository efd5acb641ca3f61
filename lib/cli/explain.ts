/** `postern explain`: the whole decision about one envelope, or about a transcript, against the live config; dry. */

import { hostname } from 'node:os';
import { isAbsolute } from 'node:path';
import { asciiJson } from '../mail/json-text.ts';
import { caveats } from '../explain/caveats.ts';
import { lookUpClient } from '../explain/client-name.ts';
import { startOfDay } from '../explain/clock.ts';
import { differences } from '../explain/compare.ts';
import { playEnvelope } from '../explain/envelope.ts';
import type { Explainer } from '../explain/explainer.ts';
import { textOfReport } from '../explain/text.ts';
import type { ClientTrace, Report, Step } from '../explain/trace.ts';
import { parseTranscript, type Transcript } from '../explain/transcript.ts';
import { formatProblem, type Problem } from '../yaml/problem.ts';
import { StoreError } from '../greylist/store.ts';
import type { Resolver } from '../dns/resolver.ts';
import { zoneResolver } from '../dns/zone-resolver.ts';
import { readEnvelope, timeOf, type AskedEnvelope } from './explain-options.ts';
import { openLive, type Live } from './explain-live.ts';
import { withCure } from './greylist-place.ts';
import { troubleNotes } from './live-greylist.ts';
import { WrongConfig } from './laid-config.ts';
import { readInput } from './input.ts';
import { configFile, stateToRead } from './places.ts';
import { fail, printJson } from './print.ts';
import { optionsAndArguments, UsageError } from './usage.ts';

const HELP = `usage: postern explain --client IP [--ptr NAME] [--helo NAME] --from ADDR --rcpt ADDR… [--auth USER]
       postern explain [FILE | -]
       each with [--at TIME] [--config FILE] [--json]

What would be done with this mail, and why: each rule in its order, what it asked, what came back and in what time, the
verdict, the SMTP reply, the headers. Dry: nothing is remembered, the service's database is only read.

  --client IP    the address of the SMTP client
  --ptr NAME     its name in the DNS, as if that led back to it; none: it has no name. Without it the DNS is asked, as
                 Postfix would
  --helo NAME    what it calls itself; without it the name above, or else [IP]
  --from ADDR    the sender; --from '<>' for a bounce
  --rcpt ADDR    the recipient; again for each further one
  --auth USER    as if the client had logged in so
  --at TIME      the clock of greylisting and of time rules: 12:00, 2026-11-21T12:00:00; else now
  --daemon NAME  what the MTA calls the service that took the connection ({daemon_name}); else it does not say
  --json         one JSON document

  FILE           a transcript, instead of an envelope; -, or none and no terminal: standard input. Its lines are
                 C: CONNECT 192.0.2.10 mx.example.net    what the client says: CONNECT address name [forged], or address
                                                         and none, fail, temp; HELO, EHLO, STARTTLS [subject of its
                                                         certificate], AUTH login, MAIL, RCPT, DATA, HEADER name: value
                                                         for a line of the message's header, . for the whole message,
                                                         RSET, QUIT; SUBMIT name address for local mail
                 S: 451 4.7.1 Greylisted, …              the whole reply; a C: without S: must be let through
                 H: X-Greylist: …                        a header that must be added (its date is not compared), or
                 H: deleteRecipient <bob@example.org>    what else must be done to the message; quarantine …,
                                                         deleteHeader x-greylist 1 (the first one of that name)
                 at 12:00:00 / at day 2 12:00:00         the clock, from today on
                 given key: value                        instead of this key of the config file
                 given zone example.net. A 192.0.2.10    instead of the DNS, all of it. A DNS list decides only if it
                                                         lists its test entry there too: 127.0.0.2, a list of names test:
                 given zone 2.0.0.127.zen.spamhaus.org. A 127.0.0.2
                 # …                                     a comment

Exit codes: 0 explained, 1 the config is wrong or a transcript differs, 2 wrong usage or no transcript.

example: postern explain --client 192.0.2.10 --from alice@example.net --rcpt bob@example.org
`;

/** Larger than any dialogue that a person writes. */
const MOST_CHARACTERS = 1 << 20;

export async function run(args: readonly string[]): Promise<number> {
  const given = optionsAndArguments('explain', args, HELP, {
    config: { type: 'string' },
    client: { type: 'string' },
    ptr: { type: 'string' },
    helo: { type: 'string' },
    from: { type: 'string' },
    rcpt: { type: 'string', multiple: true },
    auth: { type: 'string' },
    at: { type: 'string' },
    daemon: { type: 'string' },
    json: { type: 'boolean', default: false },
  });
  if (given === null) return 0;
  const { values, positionals } = given;
  const config = configFile(values.config, process.env);
  const nowMs = values.at === undefined ? Date.now() : timeOf(values.at, startOfDay(Date.now()));
  if (values.daemon !== undefined && !/^[\x21-\x7e]{1,255}$/.test(values.daemon))
    throw new UsageError('explain: --daemon: write a name of up to 255 printable characters');
  const scene: Scene = { config, nowMs, daemon: values.daemon ?? null };
  const asked = readEnvelope(values, positionals);
  try {
    const report = asked === null ? await replay(scene, positionals) : await explain(scene, asked);
    process.stdout.write(
      values.json
        ? `${asciiJson(JSON.stringify(report, null, 2))}\n`
        : `${textOfReport(report).join('\n')}\n`,
    );
    return report.agrees === false ? 1 : 0;
  } catch (error) {
    if (error instanceof WrongConfig) return wrong(config, error.problems, values.json);
    if (error instanceof StoreError) {
      const why = withCure(error);
      if (values.json) await printJson({ config, ok: false, why });
      else fail(`postern: ${why}`);
      return 1;
    }
    throw error;
  }
}

function wrong(config: string, problems: readonly Problem[], json: boolean): number {
  if (json) process.stdout.write(`${asciiJson(JSON.stringify({ config, ok: false, problems }, null, 2))}\n`);
  else
    process.stderr.write(`${[...problems.map(formatProblem), ...whatRuns(config, problems)].join('\n')}\n`);
  return 1;
}

/** What is the same for an envelope and a transcript. */
type Scene = Pick<Parameters<typeof openLive>[0], 'config' | 'nowMs' | 'daemon'>;

async function explain(scene: Scene, asked: AskedEnvelope): Promise<Report> {
  return withLive({ ...scene, given: null, resolver: null }, async (live) => {
    const client: ClientTrace = asked.client ?? (await lookUpClient(live.resolver, asked.address));
    const named = client.resolve === 'ok' ? client.ptr : null;
    const helo = asked.helo ?? named ?? literal(asked);
    const { sender, recipients, auth } = asked;
    const { address, ptr, resolve } = client;
    const envelope = { address, ptr, resolve, helo, sender, recipients, auth };
    const steps = await playEnvelope(live.explainer, envelope, scene.nowMs);
    const notes = [
      ...(await troubleNotes(scene.config)),
      ...(asked.helo === null ? [`no --helo: taken for ${helo}`] : []),
      ...live.listNotes(),
      ...caveats(steps),
    ];
    return { ...live.about, notes: [...live.about.notes, ...notes], client, steps, agrees: null };
  });
}

/** With a broken table nobody can say what it would answer; but the service need not be broken. */
function whatRuns(config: string, problems: readonly Problem[]): string[] {
  return problems.some(({ file }) => file === config || !isAbsolute(file))
    ? []
    : [
        'postern: a service that runs still has the old content of its tables; mend them to have it explained',
      ];
}

/** RFC 5321 §4.1.3. */
function literal({ address }: AskedEnvelope): string {
  return address.family === 'ipv4' ? `[${address.text}]` : `[IPv6:${address.text}]`;
}

async function replay(scene: Scene, positionals: readonly string[]): Promise<Report> {
  const { name, text } = await readInput('explain', positionals, MOST_CHARACTERS);
  const transcript = placed(name, () => {
    const clock = { dayMs: startOfDay(scene.nowMs), startMs: scene.nowMs };
    const parsed = parseTranscript(text, clock);
    if (parsed.exchanges.length === 0) throw new SyntaxError('there is no line of a client (C: …) in it');
    return parsed;
  });
  const resolver = placed(name, () => resolverOf(transcript));
  return withLive({ ...scene, given: { name, transcript }, resolver }, async (live) => {
    const steps = await playAll(live.explainer, transcript, live.nameIsGuessed);
    const agrees = steps.every(({ differs }) => differs.length === 0);
    const notes = [...live.about.notes, ...live.listNotes(), ...caveats(steps)];
    return { ...live.about, notes, client: null, steps, agrees };
  });
}

/** Null: no zone is given. */
function resolverOf({ zone, zoneLines }: Transcript): Resolver | null {
  for (const [i, line] of zone.entries()) {
    try {
      zoneResolver([line]);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      throw new SyntaxError(`line ${zoneLines[i]}: ${error.message}`, { cause: error });
    }
  }
  return zone.length === 0 ? null : zoneResolver(zone);
}

async function playAll(explainer: Explainer, transcript: Transcript, anyName: boolean): Promise<Step[]> {
  const steps: Step[] = [];
  for (const exchange of transcript.exchanges) {
    const step = await explainer.play(exchange.says, exchange.atMs, exchange.line);
    steps.push({ ...step, differs: differences(step, exchange, anyName) });
  }
  const last = steps.pop()!;
  return [...steps, { ...last, log: [...last.log, ...(await explainer.goes())] }];
}

async function withLive(
  opening: Omit<Parameters<typeof openLive>[0], 'stateDirectory' | 'hostName'>,
  use: (live: Live) => Promise<Report>,
): Promise<Report> {
  const live = await openLive({
    ...opening,
    stateDirectory: stateToRead(process.env),
    hostName: hostname(),
  });
  try {
    return await use(live);
  } finally {
    live.close();
  }
}

/** A file that is no transcript, with its line. */
function placed<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const inLine = /^line (\d+): (.*)$/s.exec(error.message);
    const at = inLine === null ? `${name}: ${error.message}` : `${name}:${inLine[1]}: ${inLine[2]}`;
    throw new UsageError(at, { cause: error });
  }
}
