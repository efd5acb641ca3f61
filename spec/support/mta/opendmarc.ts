/** Owns OpenDmarc: the installed OpenDMARC, which believes what the header says in our name, and asks no SPF itself. */

import type { ChildProcess } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from './eventually.ts';
import { headerFields } from './mail-folder.ts';
import type { PrivateNetwork } from './private-network.ts';
import { stopProgram } from './stop-program.ts';

/** Of the package publicsuffix. Without it no subdomain is aligned with its domain. */
const PUBLIC_SUFFIXES = '/usr/share/publicsuffix/public_suffix_list.dat';

export class OpenDmarc {
  /** For smtpd_milters. */
  readonly milter: string;
  readonly #program: ChildProcess;

  private constructor(milter: string, program: ChildProcess) {
    this.milter = milter;
    this.#program = program;
  }

  /** `lines`: of its opendmarc.conf, beside those below. */
  static async start(
    network: PrivateNetwork,
    name: string,
    lines: readonly string[] = [],
  ): Promise<OpenDmarc> {
    const socket = join(network.folder, `${name}.sock`);
    const configFile = join(network.folder, `${name}.conf`);
    const settings = [
      `Socket local:${socket}`,
      'AuthservID mx.example.org',
      `PublicSuffixList ${PUBLIC_SUFFIXES}`,
      'SPFIgnoreResults false',
      'SPFSelfValidate false',
      'Syslog true',
      'UMask 0',
      'UserID root',
      ...lines,
    ];
    writeFileSync(configFile, `${settings.join('\n')}\n`);
    const program = network.start('opendmarc', ['-f', '-c', configFile]);
    let said = '';
    program.stderr.on('data', (chunk: Buffer) => void (said += chunk.toString()));
    await eventually('OpenDMARC', () => {
      if (program.exitCode !== null)
        throw new Error(`OpenDMARC ended: ${said}\n${network.log.lines.join('\n')}`);
      return existsSync(socket);
    });
    return new OpenDmarc(`unix:${socket}`, program);
  }

  /** It has nothing to keep, and a libmilter that is told to end looks up only every five seconds. */
  async stop(): Promise<void> {
    await stopProgram(this.#program, 'SIGKILL');
  }
}

/** `pass`, `fail`, `none`, … of a message that OpenDMARC has seen; null: it has said nothing. */
export function dmarcOf(message: string): string | null {
  for (const field of headerFields(message)) {
    const result = /^Authentication-Results: mx\.example\.org; dmarc=(\w+) /.exec(field)?.[1];
    if (result !== undefined) return result;
  }
  return null;
}
