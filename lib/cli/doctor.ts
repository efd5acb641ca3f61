/** `postern doctor`: looks at everything that Postern depends on, and says what to type. */

import { hostname } from 'node:os';
import { loadConfig } from '../config/load-config.ts';
import { everyProblem } from '../config/every-problem.ts';
import type { Loaded } from '../config/read-config.ts';
import { quotedPath } from '../shell-path.ts';
import { ask } from '../control/ask.ts';
import type { ProbeLists } from '../control/probe-lists.ts';
import { probePolicy } from './probe-policy.ts';
import type { Diagnosis } from '../doctor/diagnosis.ts';
import { note, problem } from '../doctor/diagnosis.ts';
import { examine, type Examined } from '../doctor/examination.ts';
import { EXAMINATIONS } from '../doctor/examinations.ts';
import { besideBroken } from '../doctor/service.ts';
import type { Patient } from '../doctor/patient.ts';
import { programsOn } from '../doctor/programs.ts';
import { asciiJson } from '../mail/json-text.ts';
import { formatProblem, type Problem } from '../yaml/problem.ts';
import { doctorText } from './doctor-text.ts';
import { thisMachine } from './machine.ts';
import { callersFile, configFile, controlSocket, stateToRead } from './places.ts';
import { optionsAlone } from './usage.ts';

const HELP = `usage: postern doctor [--config FILE] [--postfix DIR] [--json]

Looks at everything that Postern depends on: the config and the running service, its listeners, Postfix or Sendmail, the
DNS resolver and the lists, rights, the database, the clock. Each finding is ok, a note, a warning or a problem, and has
below it what to type. Changes nothing. As root it sees more.
The resolver is asked for three names (two of them Spamhaus' test entries), and for the MX hosts of local_domains.
Exit code 1 if there is a warning or a problem, else 0.

  --postfix DIR   where main.cf and master.cf are (default: $MAIL_CONFIG, as for Postfix's own commands, or /etc/postfix)
  --json          one object

example: postern doctor --config /etc/postern/postern.yaml
`;

/** Of each examination; they run at once. */
const LIMIT_MS = 20_000;
const PATIENCE_MS = 5000;

export async function run(args: readonly string[], probe: ProbeLists = probePolicy): Promise<number> {
  const values = optionsAlone('doctor', args, HELP, {
    config: { type: 'string' },
    postfix: { type: 'string' },
    json: { type: 'boolean', default: false },
  });
  if (values === null) return 0;
  const file = configFile(values.config, process.env);
  const examined = await look(file, values.postfix, probe);
  const found = examined.flatMap((each) => each.found);
  const sound = !found.some(({ severity }) => severity === 'warning' || severity === 'problem');
  if (values.json) process.stdout.write(`${asJson(file, sound, examined)}\n`);
  else process.stdout.write(doctorText(examined));
  return sound ? 0 : 1;
}

async function look(
  file: string,
  postfix: string | undefined,
  probe: ProbeLists,
): Promise<readonly Examined[]> {
  const stateDirectory = stateToRead(process.env);
  const judged = loadConfig(file, stateDirectory, thisMachine);
  // What only the machine lacks keeps nobody from looking at the rest of it.
  const loaded = judged.ok ? judged : loadConfig(file, stateDirectory);
  const socket = controlSocket(process.env);
  const service = await ask(socket, 'status', PATIENCE_MS);
  if (!loaded.ok)
    return [
      {
        name: 'config',
        found: [
          ...problemsOf(judged).map((each) =>
            problem(formatProblem(each), `postern check --config ${quotedPath(file)}`),
          ),
          note('the rest can be looked at when the config can be read'),
        ],
      },
      { name: 'service', found: besideBroken(service, file) },
    ];
  const { config } = loaded;
  // With those of its tables, which keep the next start from coming about too.
  const problems = await everyProblem(file, judged);
  const patient: Patient = {
    ...{ configFile: file, config, stateDirectory, env: process.env, nowMs: Date.now() },
    ...{ controlSocket: socket, service },
    errors: linesOf(problems, 'error'),
    warnings: linesOf(problems, 'warning'),
    async lists() {
      const known = service.kind === 'answered' && service.answer.config === file;
      const told = known ? await ask(socket, 'lists', PATIENCE_MS) : null;
      return told?.kind === 'answered' ? told.answer : probe(config);
    },
    dnsServers: config.dns.servers,
    places: {
      postfix: callersFile(postfix ?? (process.env['MAIL_CONFIG'] || '/etc/postfix'), process.env),
      sendmailCf: '/etc/mail/sendmail.cf',
      resolvConf: '/etc/resolv.conf',
      resolvedConf: '/run/systemd/resolve/resolv.conf',
    },
    programs: programsOn(process.env['PATH'] ?? ''),
  };
  return examine(patient, EXAMINATIONS, LIMIT_MS);
}

function problemsOf(loaded: Loaded): readonly Problem[] {
  return loaded.ok ? loaded.warnings : loaded.problems;
}

function linesOf(problems: readonly Problem[], wanted: Problem['severity']): readonly string[] {
  return problems.filter(({ severity }) => severity === wanted).map(formatProblem);
}

function asJson(config: string, ok: boolean, examined: readonly Examined[]): string {
  const findings = examined.flatMap(({ name, found }) =>
    found.map((diagnosis: Diagnosis) => ({ check: name, ...diagnosis })),
  );
  return asciiJson(JSON.stringify({ ok, host: hostname(), config, findings }, null, 2));
}
