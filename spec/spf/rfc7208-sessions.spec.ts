/** The suite of RFC 7208 through the running service: sessions over the milter socket, results in headers, refusals. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { toBytes } from '../../lib/milter/index.ts';
import type { SuiteTest } from '../support/dns/rfc7208-suite.ts';
import { RunningPostern } from '../support/program.ts';
import { message, open, rcpt } from '../support/visit.ts';
import { readAuthenticationResults, readReceivedSpf } from '../headers/field-reader.ts';
import { describeScenarios } from './scenarios.ts';

/** `receiver`, for `%{r}`. */
const SETTINGS = `authserv_id: mx.example.org
store: memory
log: { format: json }
policy: [check_spf]
`;

/** By name: what no client could say to Postfix, which answers itself; another MTA may show it to us. */
const NOT_BY_POSTFIX: Readonly<Record<string, string>> = {
  toolonglabel: '501 5.1.7 Bad sender address syntax',
  emptylabel: '501 5.1.7 Bad sender address syntax',
};

/** What a message of a case came to: its reply at RCPT, or, let in, what its header says of each identity. */
interface Outcome {
  readonly reply: string | null;
  readonly said: { readonly mailfrom?: string; readonly helo?: string };
}

let service: RunningPostern;
let folder: string;

describeScenarios(
  'A client of the suite of RFC 7208',
  ({ tests }, dns) => {
    /** All cases of the scenario at once, as clients come: one that waits for the DNS keeps nobody. */
    const play = async (answers: string): Promise<ReadonlyMap<string, Promise<Outcome>>> => {
      await reloadedWith(`${SETTINGS}spf: ${answers}\ndns: { servers: "${dns().address}", timeout: 1s }\n`);
      const outcomes = new Map(tests.map((test) => [test.name, outcomeOf(test)]));
      // Each test awaits its own.
      for (const outcome of outcomes.values()) outcome.catch(() => {});
      return outcomes;
    };

    describe('whose fail is let in', () => {
      let outcomes: ReadonlyMap<string, Promise<Outcome>>;
      before(async () => (outcomes = await play('{ helo_fail: continue, mail_from_fail: continue }')));
      for (const { name, mailfrom, results } of tests)
        it(`brings ${results.join(' or ')}: ${name}${beside(name)}`, async () => {
          const { said, reply } = await outcomes.get(name)!;
          expect(reply).to.equal(null);
          expect(results).to.include(said.mailfrom);
          expect(said.helo).not.to.equal(undefined);
          // RFC 7208 §2.4: the null sender is postmaster at the HELO.
          if (mailfrom === '') expect(said.helo).to.equal(said.mailfrom);
        });
    });

    describe('whose fail is refused', () => {
      let outcomes: ReadonlyMap<string, Promise<Outcome>>;
      before(async () => (outcomes = await play('{ helo_fail: continue, mail_from_fail: reject }')));
      for (const { name, results, explanation } of tests)
        it(`hears ${explanation ?? `of ${results.join(' or ')}`}: ${name}${beside(name)}`, async () => {
          const { reply } = await outcomes.get(name)!;
          if (reply === null) {
            expect(results).not.to.deep.equal(['fail']);
            return;
          }
          expect(results, reply).to.include('fail');
          expect(reply).to.match(/^550 5\.7\.23 <.*>: \w+ \w+ rejected: SPF MAIL FROM fail: /);
          if (explanation !== null)
            expect(/ explains: (.*)$/.exec(reply)?.[1] ?? 'DEFAULT', reply).to.equal(explanation);
        });
    });
  },
  () => {
    before(async function () {
      this.timeout(30_000);
      folder = mkdtempSync(join(tmpdir(), 'postern-'));
      writeFileSync(configFile(), `${SETTINGS}listen: unix:${folder}/s\n`);
      service = await RunningPostern.start(configFile());
    });
    after(async () => {
      const exitCode = await service.stop();
      rmSync(folder, { recursive: true });
      expect(service.log.filter(({ event }) => event === 'bug')).to.deep.equal([]);
      expect(exitCode).to.equal(0);
    });
  },
);

function beside(name: string): string {
  return NOT_BY_POSTFIX[name] === undefined ? '' : ` (Postfix itself: ${NOT_BY_POSTFIX[name]})`;
}

function configFile(): string {
  return join(folder, 'postern.yaml');
}

/** Another `dns:`: nothing that was remembered of the DNS is left. */
async function reloadedWith(config: string): Promise<void> {
  const reloads = (): number => service.log.filter(({ event }) => event === 'reloaded').length;
  const before = reloads();
  writeFileSync(configFile(), `${config}listen: unix:${folder}/s\n`);
  service.kill('SIGHUP');
  await service.until(() => reloads() > before);
}

async function outcomeOf({ host, helo, mailfrom }: SuiteTest): Promise<Outcome> {
  // The suite leaves out the quotes that a client has to write (RFC 5321 §4.1.2).
  const sender = toBytes(`<${mailfrom.replace(/^(.* .*)(?=@)/, '"$1"')}>`);
  const mta = await open(await service.connect(), { client: host, helo: toBytes(helo), sender });
  // On the wire each `%` is doubled: the MTA takes the text for a format.
  const reply = (await rcpt(mta, '<bob@example.org>'))?.replaceAll('%%', '%') ?? null;
  const said = reply === null ? saidBy(await message(mta)) : {};
  mta.quit();
  return { reply, said };
}

/** Throws Error where the fields break their grammar, contradict each other or name another authserv-id. */
function saidBy(changes: Awaited<ReturnType<typeof message>>): Outcome['said'] {
  const values = (name: string): string[] =>
    changes.flatMap((change) =>
      change.kind === 'insertHeader' && change.name === name ? [change.value] : [],
    );
  // Each stands above the one before.
  const results = values('Authentication-Results').toReversed().map(readAuthenticationResults);
  expect(new Set(results.map(({ authservId }) => authservId))).to.deep.equal(new Set(['mx.example.org']));
  const spf = results.flatMap((field) => field.results).filter(({ method }) => method === 'spf');
  const [mailfrom, helo] = spf.map(({ result }) => result);
  const received = values('Received-SPF').map(readReceivedSpf);
  expect(Object.fromEntries(received.map(({ result, pairs }) => [pairs['identity'], result]))).to.deep.equal({
    mailfrom,
    helo,
  });
  for (const [i, identity] of ['mailfrom', 'helo'].entries())
    for (const { name } of spf[i]?.properties ?? []) expect(name).to.equal(`smtp.${identity}`);
  return { ...(mailfrom === undefined ? {} : { mailfrom }), ...(helo === undefined ? {} : { helo }) };
}
