/**
 * Owns SideBySide: the same restrictions twice, in the main.cf of one Postfix service and in the policy that Postern
 * asks for the service beside it, in one private network.
 */

import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Postfix } from './postfix.ts';
import { OWN_NETWORK, type PrivateNetwork } from './private-network.ts';

/** Restrictions by Postfix's list: `client`, `sender`, …, `data`. */
export type Restrictions = Readonly<Record<string, string>>;

export interface Both {
  readonly postern: Restrictions;
  /** Absent: the same. */
  readonly postfix?: Restrictions;
  /** Of both Postfix services, as `-o` takes it: `smtpd_tls_ask_ccert=yes`. */
  readonly options?: readonly string[];
}

const postfixPort = (i: number): number => 1000 + i;
const posternPort = (i: number): number => 2000 + i;

export class SideBySide {
  readonly #server: Postfix;

  private constructor(server: Postfix) {
    this.#server = server;
  }

  /** `settings`: lines of every postern.yaml. Throws what Postern printed if it does not start. */
  static async start(network: PrivateNetwork, all: readonly Both[], settings = ''): Promise<SideBySide> {
    const socketOf = (i: number): string => join(network.folder, `case-${i}.sock`);
    const files = all.map(({ postern }, i) => {
      const file = join(network.folder, `case-${i}.yaml`);
      writeFileSync(
        file,
        `listen: "unix:${socketOf(i)}"\nsocket_mode: "0666"\nstore: memory\nmynetworks: [127.0.0.0/8, ${OWN_NETWORK}]\nlocal_domains: [example.org]\n` +
          `log: { format: json, level: error }\n${settings}\npolicy: ${JSON.stringify(postern)}\n`,
      );
      return file;
    });
    writeFileSync(join(network.folder, 'cases'), files.join('\n'));
    await startProgram(network, 'policies.ts', join(network.folder, 'cases'));
    const services = all.flatMap(({ postern, postfix = postern, options = [] }, i) => {
      const restrictions = Object.entries(postfix).map(
        ([list, words]) => `smtpd_${list}_restrictions=${words}`,
      );
      return [
        [postfixPort(i), [...options, ...restrictions]],
        [posternPort(i), [...options, `smtpd_milters=unix:${socketOf(i)}`]],
      ] as const;
    });
    return new SideBySide(
      await Postfix.start(network, { milters: '', services: Object.fromEntries(services) }),
    );
  }

  /** What clients hear of the `i`th, from Postfix alone and from Postfix with Postern. */
  async both(
    i: number,
    hears: (server: Postfix, port: number) => Promise<string[]>,
  ): Promise<{ readonly postfix: string[]; readonly postern: string[] }> {
    const [postfix, postern] = await Promise.all([
      hears(this.#server, postfixPort(i)),
      hears(this.#server, posternPort(i)),
    ]);
    return { postfix, postern };
  }

  async stop(): Promise<void> {
    await this.#server.stop();
  }
}

/** A program beside this file, in the network, with a file for its argument; fulfilled when it prints `ready`. */
export async function startProgram(
  network: PrivateNetwork,
  name: string,
  file: string,
): Promise<ChildProcessWithoutNullStreams> {
  const program = network.start(process.execPath, [fileURLToPath(new URL(name, import.meta.url)), file]);
  let printed = '';
  program.stderr.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  await new Promise<void>((resolve, reject) => {
    program.stdout.on('data', (chunk: Buffer) => {
      printed += chunk.toString();
      if (chunk.includes('ready')) resolve();
    });
    program.stdout.once('close', () => reject(new Error(printed)));
  });
  return program;
}
