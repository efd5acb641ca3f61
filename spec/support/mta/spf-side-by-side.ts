/** Owns SpfSideBySide: Postern and Debian's two SPF filters in one private network, with one name server. */

import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PolicydSpf } from './policyd-spf.ts';
import { PrivateNetwork } from './private-network.ts';
import { PyspfMilter, type SpfEngineSettings } from './pyspf-milter.ts';
import { startProgram } from './side-by-side.ts';
import { hears, RECEIVER, saidIn, type SpfHeard, type SpfSession } from './spf-session.ts';

/** Results in lower case; `no header`: it says nothing; else what it answered instead. */
export interface Results {
  readonly mailfrom: string;
  readonly helo: string;
}

/** The same wish in two languages: of the section `spf:`, and of policyd-spf.conf(5). */
export interface BothSettings {
  readonly ours: string;
  readonly theirs: SpfEngineSettings;
}

/** Everything is let in, and told in the header. */
const TOLD: BothSettings = {
  ours: '{ helo_fail: continue, mail_from_fail: continue }',
  theirs: { HELO_reject: 'False', Mail_From_reject: 'False' },
};

export class SpfSideBySide {
  readonly #network: PrivateNetwork;
  readonly #names: ChildProcessWithoutNullStreams;
  #told!: { readonly mailFrom: PyspfMilter; readonly nullSender: PyspfMilter; readonly helo: PolicydSpf };
  #refusing: readonly { readonly milter: PyspfMilter; readonly service: PolicydSpf }[] = [];
  #faults = '';

  private constructor(network: PrivateNetwork, names: ChildProcessWithoutNullStreams) {
    this.#network = network;
    this.#names = names;
  }

  /**
   * As many zones as Postern has caches, so that what is in one of them is unknown to the others; the first is served.
   * `settings`: of those that refuse.
   */
  static async start(
    zones: readonly (readonly string[])[],
    settings: readonly BothSettings[] = [],
  ): Promise<SpfSideBySide> {
    const network = await PrivateNetwork.open();
    try {
      zones.forEach((zone, i) => writeFileSync(zoneFile(network, i), zone.join('\n')));
      const names = await startProgram(network, 'name-server.ts', zoneFile(network, 0));
      const sides = new SpfSideBySide(network, names);
      await sides.#startAll(zones.length, settings);
      return sides;
    } catch (error) {
      await network.close();
      throw error;
    }
  }

  async #startAll(zones: number, settings: readonly BothSettings[]): Promise<void> {
    const network = this.#network;
    const files = [
      ...Array.from({ length: zones }, (_, i) => posternFile(network, `told-${i}`, TOLD.ours)),
      ...settings.map(({ ours }, i) => posternFile(network, `refusing-${i}`, ours)),
    ];
    writeFileSync(join(network.folder, 'posterns'), files.join('\n'));
    // Whoever checks no HELO says nothing of the null sender, whose identity it is.
    const only = (unchecked: string): SpfEngineSettings => ({ ...TOLD.theirs, [unchecked]: 'No_Check' });
    const [posterns, mailFrom, nullSender, milters] = await Promise.all([
      startProgram(network, 'policies.ts', join(network.folder, 'posterns')),
      PyspfMilter.start(network, 'pyspf-mail-from', only('HELO_reject')),
      PyspfMilter.start(network, 'pyspf-null', TOLD.theirs),
      Promise.all(settings.map(({ theirs }, i) => PyspfMilter.start(network, `pyspf-${i}`, theirs))),
    ]);
    const faults = (chunk: Buffer): void => void (this.#faults += chunk.toString());
    posterns.stdout.on('data', faults);
    posterns.stderr.on('data', faults);
    this.#told = {
      mailFrom,
      nullSender,
      helo: PolicydSpf.of(network, 'policyd-helo', only('Mail_From_reject')),
    };
    this.#refusing = milters.map((milter, i) => ({
      milter,
      service: PolicydSpf.of(network, `policyd-${i}`, settings[i]!.theirs),
    }));
  }

  /** What Postern has complained of. */
  get faults(): string {
    return this.#faults;
  }

  /** Has the name server serve the `i`th zone from now on. */
  async serve(i: number): Promise<void> {
    const served = once(this.#names.stdout, 'data');
    this.#names.stdin.write(`${zoneFile(this.#network, i)}\n`);
    await served;
  }

  /** Of MAIL FROM by pyspf-milter, of HELO by policyd-spf. `i`: the zone that is served. */
  async results(
    i: number,
    session: SpfSession,
  ): Promise<{ readonly ours: Results; readonly theirs: Results }> {
    const { mailFrom, nullSender, helo: service } = this.#told;
    const milter = session.sender === '' ? nullSender : mailFrom;
    const [ours, mailfrom, helo] = await Promise.all([
      hears(socketOf(this.#network, `told-${i}`), session),
      hears(milter.path, session),
      service.hears(session),
    ]);
    return {
      ours: { mailfrom: resultIn(ours, 'mailfrom'), helo: resultIn(ours, 'helo') },
      theirs: {
        mailfrom: resultIn(mailfrom, session.sender === '' ? 'helo' : 'mailfrom'),
        helo: resultIn(helo, 'helo'),
      },
    };
  }

  /** All that is heard, with the `n`th settings, of the first zone. */
  async replies(
    n: number,
    session: SpfSession,
  ): Promise<Readonly<Record<'postern' | 'pyspf' | 'policyd', SpfHeard>>> {
    const { milter, service } = this.#refusing[n]!;
    const [postern, pyspf, policyd] = await Promise.all([
      hears(socketOf(this.#network, `refusing-${n}`), session),
      hears(milter.path, session),
      service.hears(session),
    ]);
    return { postern, pyspf, policyd };
  }

  async stop(): Promise<void> {
    const { mailFrom, nullSender } = this.#told;
    const milters = [mailFrom, nullSender, ...this.#refusing.map(({ milter }) => milter)];
    await Promise.all(milters.map((milter) => milter.stop()));
    await this.#network.close();
  }
}

function resultIn({ reply, fields }: SpfHeard, identity: keyof Results): string {
  return reply ?? saidIn(fields)[identity] ?? (fields.length === 0 ? 'no header' : fields.join('\n'));
}

function zoneFile({ folder }: PrivateNetwork, i: number): string {
  return join(folder, `zone-${i}`);
}

function socketOf({ folder }: PrivateNetwork, name: string): string {
  return join(folder, `${name}.sock`);
}

function posternFile(network: PrivateNetwork, name: string, spf: string): string {
  const file = join(network.folder, `${name}.yaml`);
  writeFileSync(
    file,
    `listen: "unix:${socketOf(network, name)}"
store: memory
authserv_id: ${RECEIVER}
log: { format: json, level: error }
dns: { timeout: 1s }
spf: ${spf}
policy: [check_spf]
`,
  );
  return file;
}
